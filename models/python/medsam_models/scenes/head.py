"""Slices of a head, roughly as MR and CT show them, with what grows in it."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, Rng, Scene, outline, shrink, smooth_noise


def head(rng: Rng) -> Scene:
    """Skin, skull, folded brain, ventricles, deep nuclei in pairs, and lesions: often a rim around a core, in a halo."""
    canvas = Canvas()
    centre, half = np.array([0.5, 0.5]) + rng.normal(0, 0.02, 2), rng.uniform((0.32, 0.36), (0.44, 0.48))
    skin = outline(rng, centre, half, 0, 0.03)
    canvas.polygon(skin, canvas.add("fat", wanted=False))
    canvas.polygon(shrink(skin, 0.95), canvas.add("bone", wanted=False))
    canvas.polygon(shrink(skin, rng.uniform(0.84, 0.91)), canvas.add("fluid", wanted=False))
    _brain(rng, canvas, shrink(skin, rng.uniform(0.78, 0.84)))
    for _ in range(rng.integers(1, 4)):
        _pair(rng, canvas, centre, half, str(rng.choice(["fluid", "nucleus", "nucleus"])))
    for _ in range(rng.integers(1, 4)):
        _lesion(rng, canvas, centre + rng.uniform(-0.55, 0.55, 2) * half)
    return canvas.scene()


def _brain(rng: Rng, canvas: Canvas, surface: np.ndarray) -> None:
    before, height, width = canvas.labels, *canvas.labels.shape
    cortex = canvas.add("grey")
    canvas.polygon(surface, cortex)
    within = canvas.labels == cortex
    folds = smooth_noise(rng, height, width, rng.uniform(6, 12))
    canvas.polygon(shrink(surface, rng.uniform(0.82, 0.92)), core := canvas.add("white"))
    labels = canvas.labels
    labels[within & (labels == core) & (folds > 1.1)] = cortex
    labels[within & (labels == cortex) & (folds < -1.2)] = before[within & (labels == cortex) & (folds < -1.2)]
    canvas.labels = labels


def _pair(rng: Rng, canvas: Canvas, centre: np.ndarray, half: np.ndarray, tissue: str) -> None:
    """The same left and right; now and then marked as one."""
    place, radii = rng.uniform((0.1, -0.3), (0.45, 0.4)), rng.uniform(0.03, 0.2, 2)
    angle, one = rng.uniform(-0.8, 0.8), rng.random() < 0.3
    label = canvas.add(tissue)
    for side in (-1, 1):
        if side == 1 and not one:
            label = canvas.add(tissue)
        where = centre + place * half * np.array([side, 1])
        canvas.polygon(outline(rng, where, radii * half, side * angle, 0.12), label)


def _lesion(rng: Rng, canvas: Canvas, place: np.ndarray) -> None:
    radii, angle = rng.uniform(0.015, 0.17) * rng.uniform(0.6, 1, 2), rng.uniform(0, 3)
    shape = outline(rng, place, radii, angle, rng.choice([0.06, 0.15, 0.3]))
    if rng.random() < 0.5:
        canvas.polygon(shrink(outline(rng, place, radii, angle, 0.3), rng.uniform(1.2, 1.9)), canvas.add("oedema"))
    label = canvas.add("tumour")
    canvas.polygon(shape, label)
    if rng.random() < 0.5:
        canvas.polygon(shrink(shape, rng.uniform(0.3, 0.85)), canvas.add(f"necrosis@{label}"))
