"""What scenes are drawn with: filled outlines in a unit square, smooth noise, a warp."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

Rng = np.random.Generator
SIDE = 256


@dataclass
class Scene:
    """labels: uint8 [H, W], 0 is background; tissue: what a label is made of; objects: masks' label ids."""

    labels: np.ndarray
    tissue: dict[int, str]
    objects: list[int] = field(default_factory=list)


class Canvas:
    """Draws labels in unit coordinates (x right, y down)."""

    def __init__(self, width: int = SIDE, height: int = SIDE):
        self.image = Image.new("L", (width, height), 0)
        self.pen = ImageDraw.Draw(self.image)
        self.scale = np.array([width, height], float)
        self.tissue: dict[int, str] = {0: "outside"}
        self.objects: list[int] = []

    def add(self, tissue: str, wanted: bool = True) -> int:
        label = len(self.tissue)
        if label > 255:
            raise OverflowError("a scene has at most 255 labels")
        self.tissue[label] = tissue
        if wanted:
            self.objects.append(label)
        return label

    def polygon(self, points: np.ndarray, label: int) -> None:
        self.pen.polygon([tuple(p) for p in points * self.scale], fill=label)

    def tube(self, points: np.ndarray, width: float, label: int) -> None:
        pixels = max(1, round(width * self.scale[0]))
        self.pen.line([tuple(p) for p in points * self.scale], fill=label, width=pixels, joint="curve")

    @property
    def labels(self) -> np.ndarray:
        """uint8 [H, W], a copy; assigning it replaces what was drawn."""
        return np.asarray(self.image).copy()

    @labels.setter
    def labels(self, labels: np.ndarray) -> None:
        self.image = Image.fromarray(labels)
        self.pen = ImageDraw.Draw(self.image)

    def scene(self) -> Scene:
        return Scene(self.labels, self.tissue, self.objects)


def outline(rng: Rng, centre, radii, angle: float = 0.0, rough: float = 0.1, points: int = 72) -> np.ndarray:
    """A closed, star-shaped curve: an ellipse with a few random harmonics on its radius."""
    t = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = np.ones(points)
    for k in range(2, 7):
        radius += rng.normal(0, rough / k**0.8) * np.cos(k * t + rng.uniform(0, 2 * np.pi))
    x, y = radii[0] * radius * np.cos(t), radii[1] * radius * np.sin(t)
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([centre[0] + c * x - s * y, centre[1] + s * x + c * y], 1)


def shrink(points: np.ndarray, factor: float) -> np.ndarray:
    centre = points.mean(axis=0)
    return centre + (points - centre) * factor


def path(rng: Rng, start, heading: float, step: float, bends: float, count: int) -> np.ndarray:
    """A smooth random walk, for vessels and bowel."""
    turns = heading + np.cumsum(ndimage.gaussian_filter1d(rng.normal(0, bends, count), 1.5))
    return np.asarray(start) + np.cumsum(np.stack([np.cos(turns), np.sin(turns)], 1) * step, axis=0)


def smooth_noise(rng: Rng, height: int, width: int, scale: float) -> np.ndarray:
    """float32 [height, width], mean 0, deviation about 1, with features of `scale` pixels."""
    rows, columns = int(height / scale) + 4, int(width / scale) + 4
    coarse = Image.fromarray(rng.standard_normal((rows, columns)).astype(np.float32))
    x, y = rng.uniform(0, 1, 2)
    window = (1 + x, 1 + y, 1 + x + width / scale, 1 + y + height / scale)
    noise = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC, box=window))
    return noise * np.float32(1.3)


def warp(rng: Rng, labels: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """Bends a label map: a broad swing and a fine tremor, nearest neighbour."""
    height, width = labels.shape
    dx, dy = np.zeros((2, height, width), np.float32)
    for scale, amount in ((rng.uniform(30, 80), rng.uniform(0, 7)), (rng.uniform(5, 16), rng.uniform(0, 1.8))):
        dx += smooth_noise(rng, height, width, scale) * np.float32(amount * strength)
        dy += smooth_noise(rng, height, width, scale) * np.float32(amount * strength)
    x = np.clip(np.arange(width)[None, :] + dx + 0.5, 0, width - 1).astype(np.intp)
    y = np.clip(np.arange(height)[:, None] + dy + 0.5, 0, height - 1).astype(np.intp)
    return labels[y, x]
