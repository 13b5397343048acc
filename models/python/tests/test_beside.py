"""What a propagation is trained on: the slice beside shows the same object, and what has ended leaves nothing to find."""

import numpy as np
import torch
from medsam_models.beside import slice_beside, spoilt, without_object
from medsam_models.crop import CHANNELS, CropContract, Corrections, crop_around
from medsam_models.network import CropNet
from medsam_models.samples import Batch, Samples
from medsam_models.walker import Walker

CONTRACT = CropContract(size=96)


def disc(size: int, x: float, y: float, radius: float) -> np.ndarray:
    rows, columns = np.mgrid[0:size, 0:size] + 0.5
    return np.hypot(columns - x, rows - y) < radius


def test_the_slice_beside_shows_the_object_where_its_mask_is():
    mask = disc(160, 80, 70, 30)
    image = np.where(mask, 200, 40).astype(np.uint8)
    rng = np.random.default_rng(3)
    for _ in range(20):
        there, there_mask = slice_beside(rng, image, mask)
        assert there.shape == image.shape and there_mask.dtype == bool
        assert 0.2 < np.count_nonzero(there_mask) / np.count_nonzero(mask) < 4
        assert there[there_mask].mean() > 150 and there[~there_mask].mean() < 70


def test_an_object_that_is_gone_looks_like_what_was_around_it():
    mask = disc(160, 80, 70, 30)
    image = np.where(mask, 200, 40).astype(np.uint8)
    gone = without_object(np.random.default_rng(1), image, mask)
    assert abs(float(gone[mask].mean()) - 40) < 15
    far = ~disc(160, 80, 70, 40)
    assert (gone[far] == image[far]).all()


def test_a_spoilt_mask_stays_near_the_true_one():
    mask = disc(160, 80, 70, 30)
    rng = np.random.default_rng(2)
    for _ in range(30):
        other = spoilt(rng, mask)
        assert 2 * np.count_nonzero(mask & other) / (np.count_nonzero(mask) + np.count_nonzero(other)) > 0.7


def test_some_samples_show_a_slice_beside_and_in_some_of_those_nothing_is_left():
    samples = Samples({}, CONTRACT, 5, Walker(CropNet(), CONTRACT)).__getitems__(Batch(range(150)))
    beside = [(crop, target) for crop, target in samples if float(crop[CHANNELS.index("beside")].max()) > 0]
    assert 60 < len(beside) < 110
    assert all(float(crop[CHANNELS.index("mask")].max()) > 0 for crop, _ in beside)
    assert 1 <= sum(float(target.max()) == 0 for _, target in beside) < 25


def test_without_a_slice_beside_the_network_does_not_see_one():
    torch.manual_seed(0)
    image, box = np.full((50, 60), 128, np.uint8), (10.0, 10.0, 40.0, 30.0)
    alone, _ = crop_around(image, box, CONTRACT)
    both, _ = crop_around(image, box, CONTRACT, Corrections(mask=image > 0, beside=image))
    inputs = CropNet().inputs(torch.from_numpy(np.stack([alone, both])))
    planes = [CHANNELS.index("beside"), len(CHANNELS) + 3]
    assert not inputs[0, planes].any() and inputs[1, planes].any()
