"""What a person or the slice beside says besides a box, made up for training: wrong earlier masks, and points on what is wrong."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .crop import POINT_RADIUS, Box, discs
from .scenes import Rng
from .scenes.canvas import smooth_noise

# How often: points without a mask; a wrong mask, with or without points on its faults. Most samples have neither.
POINTS, WRONG = 0.12, 0.22
MOST_POINTS = 3


def correct(rng: Rng, crop: np.ndarray, target: np.ndarray) -> None:
    """Fills the channels inside, outside and mask of `crop` [8, S, S] in place, for an object [1, S, S] (shares of pixels)."""
    kind, truth = rng.random(), target[0] > 0.5
    if kind < POINTS:
        _mark(rng, crop, truth, ~truth & (crop[3] > 0))
    elif kind < POINTS + WRONG and truth.any():
        earlier = _spoilt(rng, truth)
        crop[6] = earlier
        if rng.random() < 0.75:
            _mark(rng, crop, truth & ~earlier, earlier & ~truth)


def _mark(rng: Rng, crop: np.ndarray, missing: np.ndarray, spilt: np.ndarray) -> None:
    """One to three points, each somewhere in what is missing or in what is too much, more often where there is more of it."""
    size = crop.shape[-1]
    points: tuple[list, list] = ([], [])
    for _ in range(rng.integers(1, MOST_POINTS + 1)):
        amounts = np.array([np.count_nonzero(missing), np.count_nonzero(spilt)], float)
        if not amounts.any():
            break
        which = int(rng.random() < amounts[1] / amounts.sum())
        region = (missing, spilt)[which]
        # Hands aim at the middle of a fault, not at its edge.
        deep = ndimage.binary_erosion(region, iterations=POINT_RADIUS // 2)
        places = np.flatnonzero(deep if deep.any() else region)
        y, x = divmod(int(rng.choice(places)), size)
        points[which].append((x + 0.5, y + 0.5))
    whole: Box = (0.0, 0.0, float(size), float(size))
    crop[4] = discs(tuple(points[0]), whole, size)
    crop[5] = discs(tuple(points[1]), whole, size)


def _spoilt(rng: Rng, truth: np.ndarray) -> np.ndarray:
    """A mask as a model gets it wrong: too small, too large, cut off, spilt over, or bent."""
    size, kind = truth.shape[0], rng.random()
    if kind < 0.2:
        return ndimage.binary_erosion(truth, iterations=int(rng.integers(2, 12)))
    if kind < 0.4:
        return ndimage.binary_dilation(truth, iterations=int(rng.integers(2, 12)))
    if kind < 0.6:  # a side is missing
        across, down = np.cos(a := rng.uniform(0, 2 * np.pi)), np.sin(a)
        y, x = np.nonzero(truth)
        along = np.mgrid[0:size, 0:size]
        return truth & (along[1] * across + along[0] * down < np.quantile(x * across + y * down, rng.uniform(0.4, 0.9)))
    bend = smooth_noise(rng, size, size, rng.uniform(15, 60))
    if kind < 0.85:  # spilt over, or eaten, where a smooth field is high
        patch = bend > rng.uniform(0.5, 1.5)
        return (truth | patch) if rng.random() < 0.6 else (truth & ~patch)
    shift = np.round(rng.normal(0, 0.06, 2) * size).astype(int)
    return np.roll(truth, tuple(shift), axis=(0, 1))


def neighbour(rng: Rng, box: Box) -> tuple[Box, np.ndarray]:
    """The box of the same object one slice away: the tight `box` moved and scaled, and with a margin as propagation gives it.

    Second: what `earlier_mask` needs, the scale and shift (in boxes) from this slice to that one.
    """
    x0, y0, x1, y1 = box
    scale, shift = np.exp(rng.normal(0.0, 0.1, 2)), rng.normal(0, 0.04, 2)
    side, centre = np.array([x1 - x0, y1 - y0]), np.array([x0 + x1, y0 + y1]) / 2
    half = side * scale / 2 * (1 + rng.uniform(0.0, 0.2))
    (a, b), (c, d) = centre + shift * side - half, centre + shift * side + half
    return (float(a), float(b), float(c), float(d)), np.concatenate([scale, shift])


def earlier_mask(rng: Rng, target: np.ndarray, moved: np.ndarray, tight: Box, region: Box) -> np.ndarray:
    """[S, S] 0..1: the object [1, S, S] of this slice as it was on the slice that `neighbour` made up."""
    size = target.shape[-1]
    per_pixel = np.array([region[2] - region[0], region[3] - region[1]]) / size
    side = np.array([tight[2] - tight[0], tight[3] - tight[1]]) / per_pixel
    centre = (np.array([tight[0] + tight[2], tight[1] + tight[3]]) / 2 - np.array(region[:2])) / per_pixel
    bend = rng.uniform(0, 3) * np.stack([smooth_noise(rng, size, size, 25) for _ in range(2)])
    at = np.mgrid[0:size, 0:size][::-1] + 0.5 + bend
    scale, shift = moved[:2, None, None], moved[2:, None, None]
    there = (at - centre[:, None, None] - shift * side[:, None, None]) / scale + centre[:, None, None]
    x, y = np.floor(there).astype(int)
    inside = (x >= 0) & (x < size) & (y >= 0) & (y < size)
    return np.where(inside, target[0][np.clip(y, 0, size - 1), np.clip(x, 0, size - 1)], 0)
