"""Slices of painted volumes. A volume is drawn once for a run of samples that follow each other: drawing one takes a second."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .corpus import Picture, Place
from .painting import paint_solid
from .scenes import Rng
from .scenes.solid_canvas import SolidScene
from .scenes.solids import solid_scene

# How many samples that follow each other find the same volume.
RUN = 256
LEAST_AREA = 20
# How often some labels of one tissue count as one object; how often a slice at the end of an object is chosen; how often slices
# are thicker than pixels.
MERGED, AT_END, THICK = 0.25, 0.3, 0.5


def solid_picture(rng: Rng, seed: int, number: int) -> Picture:
    """A slice with the volume around it, for sample `number`, of the volume that its run shares; one object in it."""
    grey, labels, objects = painted_volume(seed, number // RUN)
    while True:
        label, axis = int(rng.choice(objects)), int(rng.integers(3))
        areas = np.count_nonzero(labels == label, axis=tuple(a for a in range(3) if a != axis))
        places = np.flatnonzero(areas >= LEAST_AREA)
        if not len(places):
            continue
        ends = (places[0], places[-1])
        index = int(rng.choice(ends if rng.random() < AT_END else places))
        zoom = int(rng.integers(2, 5))
        return Picture(grey.take(index, axis), labels.take(index, axis), [label], "", zoom, Place(grey, labels, axis, index))


@lru_cache(maxsize=2)
def painted_volume(seed: int, run: int) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Greys and labels, uint8 [D, H, W], and the labels that are objects of some size."""
    rng = np.random.default_rng((seed, 3, run))
    while True:
        scene = solid_scene(rng)
        grey, labels = paint_solid(rng, scene), _merged(rng, scene)
        if rng.random() < THICK:
            grey, labels = _thicker(rng, grey, labels)
        counts = np.bincount(labels.ravel(), minlength=256)
        objects = [k for k in scene.objects if counts[k] >= 4 * LEAST_AREA]
        if objects:
            return grey, labels, objects


def _merged(rng: Rng, scene: SolidScene) -> np.ndarray:
    """The labels, what fills an object being part of it, and some of one tissue being one object (ribs, both kidneys)."""
    as_one = np.arange(256, dtype=np.uint8)
    for label in scene.objects:
        alike = [k for k in scene.objects if k > label and as_one[k] == k and scene.tissue[k] == scene.tissue[label]]
        if as_one[label] == label and alike and rng.random() < MERGED:
            as_one[rng.permutation(alike)[: rng.integers(1, 4)]] = label
    for label, tissue in scene.tissue.items():
        if "@" in tissue:
            as_one[label] = as_one[int(tissue.split("@")[1])]
    return as_one[scene.labels]


def _thicker(rng: Rng, grey: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both with slices 2 or 3 times as thick along one axis: the mean of the greys, and the label in the middle."""
    axis, factor = int(rng.integers(3)), int(rng.integers(2, 4))
    count = grey.shape[axis] // factor
    parts = np.stack([grey.take(np.arange(count) * factor + i, axis) for i in range(factor)])
    return parts.mean(axis=0).astype(np.uint8), labels.take(np.arange(count) * factor + factor // 2, axis)
