"""Things of any form, scattered or filling the plane."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .canvas import SIDE, Canvas, Rng, Scene, outline, path, shrink, smooth_noise


def shapes(rng: Rng) -> Scene:
    """Scattered things of one order of size, on each other or touching, on a ground of large patches."""
    canvas = Canvas()
    for _ in range(rng.integers(0, 4)):
        patch = outline(rng, rng.uniform(0, 1, 2), rng.uniform(0.2, 0.7, 2), rng.uniform(0, 3), 0.3)
        canvas.polygon(patch, canvas.add("random", wanted=False))
    typical = np.exp(rng.uniform(np.log(0.02), np.log(0.3)))
    for _ in range(int(min(60, rng.integers(2, 6) + rng.random() * 0.4 / typical))):
        radius = np.clip(typical * np.exp(rng.normal(0, 0.4)), 0.012, 0.42)
        place, angle = rng.uniform(0.05, 0.95, 2), rng.uniform(0, 2 * np.pi)
        _shape(rng, canvas, place, (radius, radius * rng.uniform(0.35, 1)), angle)
        if len(canvas.tissue) > 240:
            break
    return canvas.scene()


def _shape(rng: Rng, canvas: Canvas, place: np.ndarray, radii: tuple[float, float], angle: float) -> None:
    """A smooth or rough disc, a ring, a crescent, a tube, or a thing of several lobes."""
    kind, label, radius = rng.random(), canvas.add("random"), radii[0]
    if kind < 0.5:
        canvas.polygon(outline(rng, place, radii, angle, rng.choice([0.0, 0.06, 0.15, 0.3])), label)
    elif kind < 0.72:
        disc = outline(rng, place, radii, angle, 0.06)
        canvas.polygon(disc, label)
        is_ring = kind < 0.62
        over = shrink(disc, rng.uniform(0.4, 0.85)) if is_ring else disc + rng.normal(0, 0.6, 2) * radius
        canvas.polygon(over, canvas.add("random", wanted=bool(rng.random() < (0.5 if is_ring else 0.7))))
    elif kind < 0.88:
        course = path(rng, place, angle, radius / 4, 0.5, rng.integers(4, 16))
        canvas.tube(course, max(0.012, radius * rng.uniform(0.1, 0.6)), label)
    else:
        for _ in range(rng.integers(2, 5)):
            lobe = place + rng.normal(0, 0.5, 2) * radius
            canvas.polygon(outline(rng, lobe, np.array(radii) * rng.uniform(0.4, 1), angle, 0.1), label)


def partition(rng: Rng) -> Scene:
    """The plane divided among smooth random fields: any outline, convex or not."""
    width = height = SIDE
    scale, count = rng.uniform(18, 70), int(rng.integers(3, 8))
    fields = np.stack([smooth_noise(rng, height, width, scale) + rng.normal(0, 0.3) for _ in range(count)])
    if rng.random() < 0.4:
        fields += 0.25 * np.stack([smooth_noise(rng, height, width, scale / 4) for _ in range(count)])
    winner = fields.argmax(axis=0)
    labels, tissue, objects = np.zeros((height, width), np.uint8), {0: "outside"}, []
    for i in range(1, count):
        parts, found = ndimage.label(winner == i)
        sizes = np.bincount(parts.ravel(), minlength=found + 1)
        for part in range(1, found + 1):
            if sizes[part] < 60 or len(tissue) > 200:
                continue
            label = len(tissue)
            labels[parts == part] = label
            tissue[label] = f"kind{i}"
            objects.append(label)
    return Scene(labels, tissue, objects)
