"""The slice beside, as a propagation knows it: the same object a little elsewhere and of another size, or no object any more."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from .crop import Box
from .scenes import Rng
from .scenes.canvas import smooth_noise

# How often: the object is gone on this slice; a true mask is spoilt.
ENDED, SPOILT = 0.12, 0.6


def slice_beside(rng: Rng, image: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(image, mask) of a slice beside `image` [H, W] or [H, W, 3] and `mask` [H, W], made up by bending both.

    The object is moved and scaled as a whole, what surrounds it follows less and less; on top everything bends smoothly, and
    grey levels differ a little, as partial volume makes them.
    """
    height, width = mask.shape
    rows, columns = np.nonzero(mask)
    middle = np.array([rows.mean(), columns.mean()])
    side = max(np.ptp(rows), np.ptp(columns)) + 1
    scale = np.exp(rng.normal(0, 0.14, 2) + rng.normal(0, 0.1))
    shift = rng.normal(0, 0.05, 2) * side
    at = np.mgrid[0:height, 0:width].astype(np.float32)
    away = np.maximum(ndimage.distance_transform_edt(~mask).astype(np.float32), 0)
    follows = np.exp(-((away / (rng.uniform(0.15, 0.6) * side)) ** 2))
    bend = rng.uniform(0, 0.04) * side
    fine = max(3.0, rng.uniform(0.1, 0.4) * side)
    there = np.stack([
        at[axis]
        + follows * ((at[axis] - middle[axis]) * (1 / scale[axis] - 1) - shift[axis])
        + bend * smooth_noise(rng, height, width, fine)
        for axis in range(2)
    ])  # fmt: skip

    def bent(plane: np.ndarray) -> np.ndarray:
        return ndimage.map_coordinates(plane, there, order=1, mode="nearest")

    moved = _by_colour(image, bent) * np.float32(rng.normal(1, 0.04)) + np.float32(rng.normal(0, 5))
    moved += rng.standard_normal(moved.shape, dtype=np.float32) * np.float32(rng.uniform(0, 8))
    return np.clip(moved, 0, 255).astype(np.uint8), bent(mask.astype(np.float32)) > 0.5


def without_object(rng: Rng, image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The image with what surrounds the object where it was, as on the slice behind its end: smooth, and as rough as there."""
    side = np.sqrt(np.count_nonzero(mask))
    hidden = ndimage.binary_dilation(mask, iterations=max(1, round(0.03 * side)))
    outside = (~hidden).astype(np.float32)
    nearest = tuple(ndimage.distance_transform_edt(hidden, return_distances=False, return_indices=True))
    weight = np.maximum(ndimage.gaussian_filter(outside, 2), 1e-3)
    elsewhere = tuple(int(v) for v in rng.integers(-round(side) - 1, round(side) + 2, 2))

    def filled(plane: np.ndarray) -> np.ndarray:
        around = (ndimage.gaussian_filter(plane * outside, 2) / weight)[nearest]
        rough = np.roll(plane - ndimage.gaussian_filter(plane, 1.5), elsewhere, (0, 1))
        return np.where(hidden, ndimage.gaussian_filter(around, 1 + 0.1 * side, truncate=2.5) + rough, plane)

    return np.clip(_by_colour(image, filled), 0, 255).astype(np.uint8)


def _by_colour(image: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """`change` of every plane of an image [H, W] or [H, W, 3], as float32."""
    pixels = image.astype(np.float32)
    return change(pixels) if pixels.ndim == 2 else np.stack([change(p) for p in np.moveaxis(pixels, 2, 0)], axis=-1)


def box_beside(rng: Rng, tight: Box) -> Box:
    """The box that propagation makes of the mask beside: `tight` with a margin."""
    x0, y0, x1, y1 = tight
    side = max(x1 - x0, y1 - y0)
    margin = rng.uniform(0, 0.1, 4) * side
    return x0 - margin[0], y0 - margin[1], x1 + margin[2], y1 + margin[3]


def spoilt(rng: Rng, mask: np.ndarray) -> np.ndarray:
    """The mask beside as a model might have made it on the way here: too large or too small by a little, with another edge."""
    if rng.random() > SPOILT:
        return mask
    side = np.sqrt(np.count_nonzero(mask))
    inside, outside = ndimage.distance_transform_edt(mask), ndimage.distance_transform_edt(~mask)
    height, width = mask.shape
    edge = rng.normal(0, 0.03) + rng.uniform(0, 0.05) * smooth_noise(rng, height, width, max(3.0, 0.25 * side))
    wrong = (inside - outside) > edge * side
    return wrong if np.count_nonzero(wrong) >= 0.5 * np.count_nonzero(mask) else mask
