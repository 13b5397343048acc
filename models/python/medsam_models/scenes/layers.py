"""Layers, as OCT shows them."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, Rng, Scene, outline, smooth_noise


def layers(rng: Rng) -> Scene:
    """Stacked bands over the whole width, as in OCT of the retina or in skin and vessel walls, with fluid."""
    width, height = int(rng.choice([256, 320, 384])), int(rng.choice([160, 208, 256]))
    count = int(rng.integers(2, 9))
    thickness = rng.uniform(0.02, 0.2, count) * rng.uniform(0.5, 1.2)
    x = np.linspace(0, 1, width)

    def wave(k: int) -> np.ndarray:
        amount = rng.normal(0, 0.025) / k
        return amount * np.sin(2 * np.pi * k * x * rng.uniform(0.5, 1.2) + rng.uniform(0, 6.3))

    swing = sum(wave(k) for k in range(1, 6))
    top = rng.uniform(0.1, 0.5) + swing + rng.normal(0, 0.1) * (x - 0.5)
    canvas = Canvas(width, height)
    rows = (np.arange(height) + 0.5)[:, None] / height
    labels = canvas.labels
    pit = rng.uniform(-0.5, 0.9) * np.exp(-(((x - rng.uniform(0.2, 0.8)) / rng.uniform(0.05, 0.2)) ** 2))
    for i in range(count):
        uneven = 1 + 0.25 * smooth_noise(rng, 1, width, rng.uniform(20, 80))[0]
        below = top + np.maximum(thickness[i] * uneven * (1 - pit if i < count / 2 else 1), 0.006)
        labels[(rows >= top) & (rows < below)] = canvas.add("layer")
        top = below
    if rng.random() < 0.4:
        labels[rows >= top] = canvas.add("layer", wanted=False)
    canvas.labels = labels
    for _ in range(rng.integers(0, 6)):
        radii = (rng.uniform(0.01, 0.09), rng.uniform(0.01, 0.07))
        place = (rng.uniform(0, 1), rng.choice(np.flatnonzero(labels.any(axis=1))) / height if labels.any() else 0.5)
        canvas.polygon(outline(rng, place, radii, rng.normal(0, 0.3), 0.08), canvas.add("fluid"))
    return canvas.scene()
