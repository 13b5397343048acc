"""What is measured of masks, bool [H, W]."""

from __future__ import annotations

import numpy as np

from .crop import Box


def tight_box(mask: np.ndarray) -> Box:
    """(x0, y0, x1, y1), half open, of a mask that is not empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def dice(a: np.ndarray, b: np.ndarray) -> float:
    total = np.count_nonzero(a) + np.count_nonzero(b)
    return 2 * np.count_nonzero(a & b) / total if total else 1.0
