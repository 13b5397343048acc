"""Label maps of things that were never imaged: torsos, hearts, layers, partitions and scattered shapes.

A scene is drawn with filled polygons in a unit square, then warped. It has no grey values: `painting.py`
gives it those anew each time, as SynthSeg and AnyStar do.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .canvas import Rng, Scene, warp
from .heart import heart
from .layers import layers
from .shapes import partition, shapes
from .torso import torso

__all__ = ["Rng", "Scene", "random_scene"]

SCENES: tuple[tuple[Callable[[Rng], Scene], float], ...] = (
    (torso, 0.36),
    (heart, 0.2),
    (layers, 0.13),
    (shapes, 0.17),
    (partition, 0.14),
)


def random_scene(rng: Rng) -> Scene:
    makers, shares = zip(*SCENES)
    scene = makers[rng.choice(len(makers), p=np.array(shares))](rng)
    scene.labels = warp(rng, scene.labels)
    return scene
