"""The back of the eye: a disc with a cup in it, and vessels that come out of it."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, Rng, Scene, outline, path, shrink


def fundus(rng: Rng) -> Scene:
    """Round field, macula, disc, cup, branching vessels that cross the rim, exudates. The cup is part of the disc."""
    canvas = Canvas()
    if rng.random() < 0.7:
        canvas.polygon(outline(rng, (0.5, 0.5), (0.52, 0.5), 0, 0.0), canvas.add("retina", wanted=False))
    radius, place = rng.uniform(0.05, 0.24), rng.uniform(0.3, 0.7, 2)
    spot = outline(rng, rng.uniform(0.25, 0.75, 2), rng.uniform(0.04, 0.12, 2), 0, 0.1)
    canvas.polygon(spot, canvas.add("macula"))
    if rng.random() < 0.4:  # a paler ring around the disc
        pale = outline(rng, place, rng.uniform(1.1, 1.5, 2) * radius, rng.uniform(0, 3), 0.15)
        canvas.polygon(pale, canvas.add("atrophy", wanted=False))
    rim = outline(rng, place, (radius, radius * rng.uniform(0.8, 1.15)), rng.uniform(0, 3), 0.05)
    disc = canvas.add("disc")
    canvas.polygon(rim, disc)
    cup = shrink(rim, rng.uniform(0.25, 0.8)) + rng.normal(0, 0.06, 2) * radius
    inner = canvas.add(f"cup@{disc}")
    canvas.polygon(cup, inner)
    _vessels(rng, canvas, place, radius)
    for _ in range(rng.integers(0, 8)):
        lesion = outline(rng, rng.uniform(0.1, 0.9, 2), rng.uniform(0.008, 0.05, 2), rng.uniform(0, 3), 0.3)
        canvas.polygon(lesion, canvas.add("exudate"))
    return _disc_below_vessels(canvas.scene(), rim, disc, cup, inner)


def _vessels(rng: Rng, canvas: Canvas, place: np.ndarray, radius: float) -> None:
    label = canvas.add("vessel", wanted=False)
    for _ in range(rng.integers(3, 9)):
        start = place + rng.normal(0, 0.25, 2) * radius
        canvas.tube(path(rng, start, rng.uniform(0, 6.3), 0.03, 0.2, rng.integers(6, 25)), rng.uniform(0.006, 0.02), label)


def _disc_below_vessels(scene: Scene, rim: np.ndarray, disc: int, cup: np.ndarray, inner: int) -> Scene:
    """Whoever marks a disc marks it through the vessels that cross it: there, they are vessels of the disc or of the cup."""
    whole = Canvas()
    whole.polygon(rim, disc)
    whole.polygon(cup, inner)
    vessel = next(k for k, tissue in scene.tissue.items() if tissue == "vessel")
    below, crossing = whole.labels, scene.labels == vessel
    for owner in (disc, inner):
        name = len(scene.tissue)
        scene.tissue[name] = f"vessel@{owner}"
        scene.labels[crossing & (below == owner)] = name
    return scene
