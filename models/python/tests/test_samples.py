"""What the embedded model is trained on: the same sample on every machine, and corrections that mean what they say."""

import numpy as np
import pytest
import torch
from medsam_models.corrections import correct, earlier_mask, neighbour
from medsam_models.crop import CHANNELS, NOTHING, CropContract, Corrections, crop_around, region_around
from medsam_models.masks import tight_box
from medsam_models.network import CropNet
from medsam_models.samples import Batch, Samples, loosen
from medsam_models.voxels import coarsen
from medsam_models.walker import Walker

CONTRACT = CropContract(size=96)


def disc(size: int, x: float, y: float, radius: float) -> np.ndarray:
    rows, columns = np.mgrid[0:size, 0:size] + 0.5
    return np.hypot(columns - x, rows - y) < radius


def test_a_sample_is_the_same_every_time_and_each_is_another():
    network = CropNet()
    samples, again = (Samples({}, CONTRACT, 3, Walker(network, CONTRACT)) for _ in range(2))
    (crop, target), (other, _) = samples.__getitems__(Batch([4, 5]))
    assert crop.shape == (len(CHANNELS), 96, 96) and target.shape == (1, 96, 96)
    assert 0 <= float(crop.min()) and float(crop.max()) <= 1 + 1e-5 and float(target.max()) > 0.5
    [(crop_again, target_again)] = again.__getitems__(Batch([4]))
    assert torch.equal(crop, crop_again) and torch.equal(target, target_again)
    assert not torch.equal(crop, other)


def test_a_loosened_box_holds_most_of_the_object_and_stays_in_the_image():
    rng = np.random.default_rng(1)
    for _ in range(500):
        x0, y0, x1, y1 = loosen(rng, (10, 20, 40, 80), 100, 90, pixel=1.0)
        assert 0 <= x0 < 20 and 0 <= y0 < 45 and 30 < x1 <= 100 and 60 < y1 <= 90


@pytest.mark.parametrize("seed", range(12))
def test_points_lie_where_the_earlier_mask_is_wrong(seed: int):
    target = disc(96, 48, 48, 25)[None].astype(np.float32)
    rng = np.random.default_rng(seed)
    for _ in range(40):
        crop = np.zeros((len(CHANNELS), 96, 96), np.float32)
        crop[3, 20:76, 20:76] = 1
        correct(rng, crop, target)
        inside, outside, mask = crop[4] > 0, crop[5] > 0, crop[6] > 0
        truth = target[0] > 0
        # A disc is larger than a point, so some of it may lie beyond: its middle does not.
        if inside.any():
            assert (inside & truth).any()
        if outside.any():
            assert (outside & ~truth).any()
        if mask.any() and inside.any():
            assert (inside & truth & ~mask).any()


def test_the_mask_of_the_slice_beside_lies_where_its_box_does():
    mask = disc(200, 100, 90, 30)
    tight = tight_box(mask)
    rng = np.random.default_rng(5)
    for _ in range(30):
        box, moved = neighbour(rng, tight)
        crop, region = crop_around(mask.astype(np.uint8) * 255, box, CONTRACT)
        earlier = earlier_mask(rng, crop[:1], moved, tight, region)
        side = CONTRACT.size / CONTRACT.context
        low, high = (CONTRACT.size - side) / 2, (CONTRACT.size + side) / 2
        x0, y0, x1, y1 = tight_box(earlier > 0.5)
        # With its margin the box is larger than the mask by up to a fifth; the mask's edge trembles.
        assert low - 6 <= x0 and low - 6 <= y0 and x1 <= high + 6 and y1 <= high + 6
        assert x1 - x0 > 0.7 * side and y1 - y0 > 0.7 * side


def test_a_coarse_image_keeps_the_object():
    rng = np.random.default_rng(2)
    mask = disc(256, 120, 130, 60)
    for _ in range(50):
        image, coarse = coarsen(rng, mask.astype(np.uint8) * 200, mask)
        assert image.shape == coarse.shape
        assert np.count_nonzero(coarse) / coarse.size == pytest.approx(mask.mean(), rel=0.25)
        assert (image[coarse] >= 98).all() and (image[~coarse] <= 102).all()  # half of 200, rounded


def test_what_is_not_corrected_is_zero_and_a_point_marks_its_place():
    image, box = np.full((50, 60), 128, np.uint8), (10.0, 10.0, 40.0, 30.0)
    crop, region = crop_around(image, box, CONTRACT, NOTHING)
    assert not crop[4:].any() and region == region_around(box, CONTRACT)
    marked, _ = crop_around(image, box, CONTRACT, Corrections(inside=((25.0, 20.0),), outside=((60.0, 60.0),)))
    assert marked[4, 48, 48] == 1 and marked[4].sum() == pytest.approx(np.pi * 16, rel=0.1)
    assert not marked[5].any()


def test_the_score_does_not_bend_the_mask():
    torch.manual_seed(0)
    model = CropNet()
    logits, score = model(torch.rand(2, len(CHANNELS), 96, 96))
    assert logits.shape == (2, 1, 96, 96) and score.shape == (2,) and bool((score > 0).all() and (score < 1).all())
    score.sum().backward()
    assert all(p.grad is None for name, p in model.named_parameters() if not name.startswith("score."))
