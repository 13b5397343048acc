"""Label maps of things that were never imaged: torsos, hearts, heads, eyes, layers, partitions and scattered shapes.

A scene is drawn with filled polygons in a unit square, then warped. It has no grey values: `painting.py`
gives it those anew each time, as SynthSeg and AnyStar do.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .canvas import Rng, Scene, warp
from .eye import fundus
from .head import head
from .heart import heart
from .layers import layers
from .shapes import partition, shapes
from .torso import torso

__all__ = ["Rng", "Scene", "random_scene"]

SCENES: tuple[tuple[Callable[[Rng], Scene], float], ...] = (
    (torso, 0.34),
    (heart, 0.18),
    (layers, 0.12),
    (shapes, 0.13),
    (partition, 0.1),
    (head, 0.08),
    (fundus, 0.05),
)


def random_scene(rng: Rng) -> Scene:
    makers, shares = zip(*SCENES)
    scene = makers[rng.choice(len(makers), p=np.array(shares))](rng)
    scene.labels = warp(rng, scene.labels)
    return scene
