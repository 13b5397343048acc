"""What both sides are asked: the same images, prompts and volumes, made without a data set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..graphs.golden import Array, hashed
from .prepare import prepare_tracking

# Slices of a volume, the one with the box, and the seed of the weights that the committed answers were computed with.
SLICES, PROMPTED, SEED = 5, 2, 1


@dataclass(frozen=True)
class Prompt:
    """box: [1, 4]; points: [1, p, 2] with labels [1, p], or None; mask: [1, 1, h, w] logits, or None."""

    name: str
    box: Array
    points: Array | None = None
    labels: Array | None = None
    mask: Array | None = None


def prompts(size: int, grid: int) -> tuple[Prompt, ...]:
    """size: side of the input; grid: side of the embedding."""
    box = np.array([[2, 1.5, 5.5, 6.25]], dtype=np.float32) * size / 8
    two = np.array([[[4, 4], [2.5, 5]]], dtype=np.float32) * size / 8
    mask = hashed(1, 1, 4 * grid, 4 * grid, low=-8, high=8)
    labels = np.array([[1, 0]], dtype=np.float32)
    return (
        Prompt("box", box),
        Prompt("box and points", box, two, labels),
        Prompt("box, points and mask", box, two, labels, mask),
    )


def picture(rows: int, columns: int, shift: float = 0.0) -> NDArray[np.uint8]:
    """[rows, columns] grey: two discs on a slope, with noise; `shift` (in shares of the width) moves them."""
    y, x = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
    value = 60 + 60 * x + 30 * y
    value[(x - 0.45 - shift) ** 2 + (y - 0.5) ** 2 < 0.05] += 70
    value[(x - 0.75) ** 2 + (y - 0.25 + shift) ** 2 < 0.01] -= 50
    return np.clip(value + hashed(rows, columns, low=-12, high=12), 0, 255).astype(np.uint8)


def volume(rows: int, columns: int) -> NDArray[np.uint8]:
    """[SLICES, rows, columns]"""
    return np.stack([picture(rows, columns, 0.03 * (i - PROMPTED)) for i in range(SLICES)])


def tracking_case(size: int) -> tuple[Array, int, list[float]]:
    """Slices, the one with the box, and the box."""
    box = [0.25 * size, 0.25 * size, 0.7 * size, 0.75 * size]
    return prepare_tracking(volume(size, size), size), PROMPTED, box


def masks_case(size: int) -> tuple[Array, int, dict[int, NDArray[np.bool_]]]:
    """Slices, the one to start from, and two masks [size, size]: there, and on the last slice."""
    slices, at, _ = tracking_case(size)
    return slices, at, {i: disc(size, size, 0.03 * (i - at)) for i in (at, len(slices) - 1)}


def disc(rows: int, columns: int, shift: float) -> NDArray[np.bool_]:
    """[rows, columns]: where `picture` has its large disc."""
    y, x = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
    return (x - 0.45 - shift) ** 2 + (y - 0.5) ** 2 < 0.05
