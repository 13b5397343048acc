"""Hearts: chambers that touch or nearly touch inside a wall."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from .canvas import SIDE, Canvas, Rng, Scene, outline, path, shrink, smooth_noise


def heart(rng: Rng) -> Scene:
    """Surroundings, muscle, chambers, great vessels, papillary muscles."""
    canvas = Canvas()
    if rng.random() < 0.7:
        for _ in range(rng.integers(1, 5)):
            thing = outline(rng, rng.uniform(0, 1, 2), rng.uniform(0.1, 0.6, 2), rng.uniform(0, 3), 0.2)
            canvas.polygon(thing, canvas.add(str(rng.choice(["lung", "muscle", "organ", "fat"])), wanted=False))
    centre, radii = rng.uniform(0.38, 0.62, 2), rng.uniform(0.18, 0.42, 2)
    muscle = outline(rng, centre, radii, rng.uniform(0, 3), 0.15)
    canvas.polygon(muscle, canvas.add("myocardium", wanted=bool(rng.random() < 0.3)))
    _chambers(rng, canvas, shrink(muscle, rng.uniform(0.7, 0.95)), centre, radii)
    for _ in range(rng.integers(0, 7)):
        _vessel(rng, canvas, centre, radii)
    papillary = canvas.add("myocardium", wanted=False)
    for _ in range(rng.integers(0, 12)):
        place = centre + rng.normal(0, 0.6, 2) * radii
        canvas.polygon(outline(rng, place, rng.uniform(0.006, 0.03, 2), rng.uniform(0, 3), 0.3), papillary)
    return canvas.scene()


def _chambers(rng: Rng, canvas: Canvas, cavity: np.ndarray, centre: np.ndarray, radii: np.ndarray) -> None:
    """Divides the cavity among random seeds by distance. Walls between chambers may be thin, broken or missing:
    then only the box says where one chamber ends."""
    inside = Image.new("L", (SIDE, SIDE), 0)
    ImageDraw.Draw(inside).polygon([tuple(p) for p in cavity * SIDE], fill=1)
    seeds = centre + rng.normal(0, 0.6, (rng.integers(1, 6), 2)) * radii
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    bend = 0.03 * np.stack([smooth_noise(rng, SIDE, SIDE, 40), smooth_noise(rng, SIDE, SIDE, 40)])
    distances = np.stack([np.hypot(x + bend[0] - s[0], y + bend[1] - s[1]) * rng.uniform(0.85, 1.2) for s in seeds])
    chambers = np.asarray(inside) > 0
    wall = rng.choice([0.0, 0.01, 0.025, 0.06])
    if len(seeds) > 1:
        order = np.sort(distances, axis=0)
        thick = smooth_noise(rng, SIDE, SIDE, 50) > rng.normal(0, 1)
        chambers = chambers & (order[1] - order[0] > wall * (0.3 + 0.7 * thick))
    labels, owner = canvas.labels, distances.argmin(axis=0)
    for i in range(len(seeds)):
        labels[chambers & (owner == i)] = canvas.add("blood")
    canvas.labels = labels


def _vessel(rng: Rng, canvas: Canvas, centre: np.ndarray, radii: np.ndarray) -> None:
    """A vessel cut across, with or without a visible wall, and sometimes a stretch of it along the plane."""
    radius = rng.uniform(0.015, 0.12)
    place = centre + rng.normal(0, 0.9, 2) * radii
    section = outline(rng, place, (radius, radius * rng.uniform(0.5, 1)), rng.uniform(0, 3), 0.05)
    if rng.random() < 0.4:
        canvas.polygon(shrink(section, rng.uniform(1.1, 1.4)), canvas.add("myocardium", wanted=False))
    label = canvas.add("blood")
    canvas.polygon(section, label)
    if rng.random() < 0.4:
        course = path(rng, place, rng.uniform(0, 6.3), 0.02, 0.2, rng.integers(5, 25))
        canvas.tube(course, radius * rng.uniform(0.7, 1.6), label)
