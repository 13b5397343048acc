"""Images as coarse as a volume may be: an organ of ten voxels, slices five times as thick as pixels are wide."""

from __future__ import annotations

import numpy as np
from PIL import Image

from .scenes import Rng

# Pixels of the object's longer side, in the coarse image.
FEWEST, MOST = 7, 48
LEAST_AREA = 12


def coarsen(rng: Rng, image: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same on fewer pixels, each the mean of what it covers and of the object where more than half of it is; as it was
    where little of the object would be left. The mask is stepped, as those are which were drawn in such an image."""
    height, width = mask.shape
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    side = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    wanted = np.exp(rng.uniform(np.log(FEWEST), np.log(MOST)))
    factor = np.full(2, wanted / side)
    if rng.random() < 0.3:  # thick slices, seen from the side
        factor[rng.integers(2)] *= rng.uniform(1.5, 4)
    if factor.min() >= 1:
        return image, mask
    factor = np.minimum(factor, 1)
    size = max(2, round(width * factor[0])), max(2, round(height * factor[1]))
    box = Image.Resampling.BOX
    coarse = np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).resize(size, box)) > 127
    if np.count_nonzero(coarse) < LEAST_AREA:
        return image, mask
    return np.asarray(Image.fromarray(image).resize(size, box)), coarse


def cut_flat(rng: Rng, mask: np.ndarray) -> np.ndarray:
    """The mask up to a straight line along an axis, as where somebody decided that a vessel becomes another one. What is cut off
    goes on in the image: that the object ends there, the box alone says."""
    along = np.arange(mask.shape[0])[:, None] if rng.random() < 0.5 else np.arange(mask.shape[1])[None, :]
    places = np.broadcast_to(along, mask.shape)[mask]
    limit = np.quantile(places, rng.uniform(0.1, 0.4))
    below = rng.random() < 0.5
    cut = mask & ((along < 2 * np.median(places) - limit) if below else (along > limit))
    return cut if np.count_nonzero(cut) >= max(LEAST_AREA, 0.4 * np.count_nonzero(mask)) else mask
