"""Masks as a propagation brings them along: with the real weights they stay on their object, and end where it does."""

from pathlib import Path

import numpy as np
import pytest
from medsam_models.crop import CropContract
from medsam_models.masks import dice, tight_box
from medsam_models.walker import LEAST_DICE, Guess, Walker

WEIGHTS = Path(__file__).parents[2] / "weights" / "embedded-box.onnx"
WALKER = Walker(WEIGHTS, CropContract())
RNG = np.random.default_rng(4)


def disc(radius: float) -> np.ndarray:
    rows, columns = np.mgrid[0:120, 0:140] + 0.5
    return np.hypot(columns - 70, rows - 60) < radius


def cone(radii: list[float]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Slices of a bright cone in noise and what is true of them."""
    truths = [disc(radius) for radius in radii]
    return [(np.where(truth, 170, 60) + RNG.normal(0, 8, truth.shape)).astype(np.uint8) for truth in truths], truths


def test_a_mask_is_carried_to_the_last_slice_and_is_the_models_own():
    images, truths = cone([20, 22, 24, 26, 28])
    first = WALKER.found(RNG, images[0], tight_box(truths[0]), truths[0])
    assert dice(first, truths[0]) > 0.95
    at, mask = WALKER.carry(RNG, images, truths, first)
    assert at == 4
    assert 0.9 < dice(mask, truths[4]) < 1


def test_it_is_not_carried_beyond_the_end_of_its_object():
    images, truths = cone([20, 18, 16, 0, 0])
    at, mask = WALKER.carry(RNG, images, truths, truths[0])
    assert at == 2 and dice(mask, truths[2]) > 0.9


def test_a_mask_of_something_else_is_not_learned_from():
    images, truths = cone([20])
    elsewhere = np.roll(truths[0], 45, axis=1)
    assert WALKER.found(RNG, images[0], tight_box(truths[0]), elsewhere) is elsewhere


@pytest.mark.parametrize("seed", range(5))
def test_without_a_model_masks_are_like_the_true_ones(seed: int):
    images, truths = cone([20, 22, 24])
    at, mask = Guess().carry(np.random.default_rng(seed), images, truths, truths[0])
    assert at == 2 and LEAST_DICE < dice(mask, truths[2])
    gap = np.zeros_like(truths[0])
    assert Guess().carry(np.random.default_rng(seed), images, [truths[0], gap, truths[2]], truths[0])[0] == 0
