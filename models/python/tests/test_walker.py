"""Masks as a propagation brings them along: with the real weights they stay on their object, and end where it does."""

from pathlib import Path

import numpy as np
import torch
from medsam_models.crop import CropContract, Corrections, crop_around
from medsam_models.masks import dice, tight_box
from medsam_models.network import CropNet
from medsam_models.walker import Walker, carry, found
from medsam_models.warm_start import warm_start

WEIGHTS = Path(__file__).parents[2] / "weights" / "embedded-box.onnx"
CONTRACT = CropContract()
RNG = np.random.default_rng(4)


def disc(radius: float) -> np.ndarray:
    rows, columns = np.mgrid[0:120, 0:140] + 0.5
    return np.hypot(columns - 70, rows - 60) < radius


def cone(radii: list[float], noise: float = 8) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Slices of a bright cone in noise and what is true of them."""
    truths = [disc(radius) for radius in radii]
    return [np.clip(np.where(truth, 170, 60) + RNG.normal(0, noise, truth.shape), 0, 255).astype(np.uint8) for truth in truths], truths


def real_network() -> CropNet:
    images, truths = cone([20, 22])
    known = Corrections(mask=truths[0], beside=images[0])
    crops = [crop_around(images[1], tight_box(truths[1]), CONTRACT, each)[0] for each in (known, Corrections())]
    network = CropNet()
    warm_start(network, WEIGHTS, torch.from_numpy(np.stack(crops)))
    return network


NETWORK = real_network()
WALKER = Walker(NETWORK, CONTRACT)


def test_masks_are_carried_to_the_last_slice_and_are_the_models_own():
    cones = [cone([20, 22, 24, 26, 28], noise=30), cone([24, 23], noise=30)]
    firsts = WALKER.run([found(images[0], tight_box(truths[0]), truths[0]) for images, truths in cones])
    assert all(dice(first, truths[0]) > 0.95 for first, (_, truths) in zip(firsts, cones))
    carried = WALKER.run([carry(images, truths, first) for first, (images, truths) in zip(firsts, cones)])
    for (at, mask), (_, truths) in zip(carried, cones):
        assert at == len(truths) - 1
        assert 0.9 < dice(mask, truths[at]) < 1


def test_they_are_not_carried_beyond_the_end_of_their_object():
    images, truths = cone([20, 18, 16, 0, 0])
    [(at, mask)] = WALKER.run([carry(images, truths, truths[0])])
    assert at == 2 and dice(mask, truths[2]) > 0.9


def test_a_mask_of_something_else_is_not_learned_from():
    images, truths = cone([20])
    elsewhere = np.roll(truths[0], 45, axis=1)
    assert WALKER.run([found(images[0], tight_box(truths[0]), elsewhere)])[0] is elsewhere


def test_it_follows_the_network_that_is_being_trained():
    images, truths = cone([20])
    prompt = found(images[0], tight_box(truths[0]), truths[0])
    blind = CropNet()
    torch.nn.init.constant_(blind.head.bias, -100)
    walker = Walker(blind, CONTRACT)
    assert walker.run([prompt])[0] is truths[0], "nothing worth showing yet"
    walker.follow(NETWORK)
    [mask] = walker.run([found(images[0], tight_box(truths[0]), truths[0])], generation=1)
    assert mask is not truths[0] and dice(mask, truths[0]) > 0.95
