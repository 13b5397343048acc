"""LiteMedSAM through a volume: each mask gives the box for the next slice, upwards from the middle, then downwards."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .cases import Prompt
from .prepare import area_resize, lite_box, mask_of_lite, prepare_lite
from .runners import Run, decode

# Pixels of the 256-pixel input that are added on each side of the mask before.
MARGIN = 3
SIZE = 256


def segment_volume(graphs: dict[str, Run], volume: NDArray[np.uint8], box: list[int]) -> NDArray[np.bool_]:
    """volume: [d, rows, columns]; box: x0, y0, z0, x1, y1, z1. The last slice of the box counts in, as in upstream's
    script.
    """
    x0, y0, z0, x1, y1, z1 = box
    middle = (z1 - z0) // 2 + z0
    first = lite_box(np.array([x0, y0, x1, y1]), *volume.shape[1:])
    masks = np.zeros(volume.shape, dtype=bool)
    for order, step in ((range(middle, min(z1 + 1, len(volume))), 1), (range(middle - 1, max(-1, z0 - 1), -1), -1)):
        for z in order:
            before = None if z == middle else masks[z - step]
            masks[z] = segment_slice(graphs, volume[z], first if before is None else _next_box(before, first))
    return masks


def segment_slice(graphs: dict[str, Run], image: NDArray[np.uint8], box: NDArray[np.float32]) -> NDArray[np.bool_]:
    """image: [rows, columns]; box: [1, 4] in pixels of the input."""
    prepared, inner = prepare_lite(image, SIZE)
    (embedding,) = graphs["encoder"](prepared)
    return mask_of_lite(decode(graphs, embedding, Prompt("", box)), inner, *image.shape)


def _next_box(mask: NDArray[np.bool_], otherwise: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of the mask in pixels of the input; an empty mask falls back to the first box."""
    small = area_resize(mask.astype(np.uint8), SIZE)
    rows, columns = np.nonzero(small)
    if len(rows) == 0:
        return otherwise
    low = [max(0, columns.min() - MARGIN), max(0, rows.min() - MARGIN)]
    high = [min(SIZE, columns.max() + MARGIN), min(SIZE, rows.max() + MARGIN)]
    return np.array([[*low, *high]], dtype=np.float32)
