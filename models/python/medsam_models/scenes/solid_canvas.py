"""What solids are drawn in and with: a cube of labels, rough bodies and winding tubes. Places are [z, y, x] in voxels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage

from .canvas import Rng

# Voxels of an edge of the cube that everything is drawn in.
EDGE = 96


@dataclass
class SolidScene:
    """labels: uint8 [D, H, W], 0 is background; tissue: what a label is made of; objects: masks' label ids."""

    labels: np.ndarray
    tissue: dict[int, str] = field(default_factory=lambda: {0: "outside"})
    objects: list[int] = field(default_factory=list)

    def add(self, tissue: str, wanted: bool = True) -> int:
        label = len(self.tissue)
        self.tissue[label] = tissue
        if wanted:
            self.objects.append(label)
        return label


def smooth_field(rng: Rng, shape: tuple[int, ...], scale: float) -> np.ndarray:
    """float32 of `shape`, mean 0, deviation about 1, with features of `scale` voxels."""
    grown = rng.standard_normal([int(n / scale) + 3 for n in shape]).astype(np.float32)
    for axis, length in enumerate(shape):
        coarse = grown.shape[axis]
        whole = round(coarse * length / (coarse - 2))
        at = (rng.integers(0, whole - length + 1) + np.arange(length)) * ((coarse - 1) / (whole - 1))
        # Linear between the two nearest, along one axis after the other.
        weights = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(coarse))).astype(np.float32)
        grown = np.moveaxis(np.tensordot(weights, grown, (1, axis)), 0, axis)
    return grown * np.float32(1.6)


def _turn(rng: Rng, most: float) -> np.ndarray:
    """A rotation [3, 3] by about `most` radians around any axis."""
    a = rng.normal(0, most, 3)
    skew = np.array([[0, -a[2], a[1]], [a[2], 0, -a[0]], [-a[1], a[0], 0]])
    q, _ = np.linalg.qr(np.eye(3) + skew)
    return q * np.sign(np.diag(q))


def blob(rng: Rng, scene: SolidScene, label: int, centre, radii, rough: float = 0.15, most_turn: float = 0.4, only=None) -> None:
    """Fills an ellipsoid (centre and radii [z, y, x] in voxels) with a rough surface; `only`: labels it may cover."""
    centre, radii = np.asarray(centre, float), np.maximum(np.asarray(radii, float), 1.2)
    reach = radii.max() * (1 + 2 * rough) + 1
    low = np.maximum(0, np.floor(centre - reach)).astype(int)
    high = np.minimum(scene.labels.shape, np.ceil(centre + reach) + 1).astype(int)
    if (high - low < 1).any():
        return
    window = tuple(slice(a, b) for a, b in zip(low, high))
    at = np.stack(np.meshgrid(*(np.arange(a, b, dtype=np.float32) for a, b in zip(low, high)), indexing="ij"), -1) - centre
    away = np.linalg.norm((at @ _turn(rng, most_turn).T) / radii, axis=-1)
    if rough:
        away = away + rough * smooth_field(rng, away.shape, max(2.5, 0.6 * radii.mean()))
    _fill(scene, window, away < 1, label, only)


def _fill(scene: SolidScene, window, inside: np.ndarray, label: int, only) -> None:
    part = scene.labels[window]
    part[inside if only is None else inside & np.isin(part, only)] = label


def winding(rng: Rng, start, heading, step: float, bends: float, count: int) -> np.ndarray:
    """[count, 3]: a smooth random walk in space."""
    heading = np.asarray(heading, float) + ndimage.gaussian_filter1d(rng.normal(0, bends, (count, 3)), 1.5, axis=0).cumsum(0)
    heading /= np.linalg.norm(heading, axis=1, keepdims=True) + 1e-6
    return np.asarray(start, float) + np.cumsum(heading * step, axis=0)


def tube(scene: SolidScene, label: int, course: np.ndarray, radius: float, only=None) -> None:
    """Everything within `radius` voxels of the course [n, 3]."""
    low = np.maximum(0, np.floor(course.min(0) - radius - 1)).astype(int)
    high = np.minimum(scene.labels.shape, np.ceil(course.max(0) + radius + 2)).astype(int)
    if (high - low < 1).any():
        return
    apart = np.ones(high - low, bool)
    dense = np.concatenate([course[:-1] + t * np.diff(course, axis=0) for t in np.linspace(0, 1, 6)])
    cells = np.round(dense).astype(int) - low
    cells = cells[((cells >= 0) & (cells < high - low)).all(1)]
    if not len(cells):
        return
    apart[tuple(cells.T)] = False
    window = tuple(slice(a, b) for a, b in zip(low, high))
    _fill(scene, window, ndimage.distance_transform_edt(apart) <= radius, label, only)


def gut(rng: Rng, scene: SolidScene, start, radius: float, count: int, only=None) -> None:
    """A winding tube that is one object with what fills it, so that most planes cut it in several places."""
    label = scene.add("muscle")
    course = winding(rng, start, rng.normal(0, 1, 3), radius * rng.uniform(0.5, 1), rng.uniform(0.5, 1.2), count)
    course = EDGE / 2 + (course - EDGE / 2) * min(1.0, 0.42 * EDGE / (np.abs(course - EDGE / 2).max() + 1e-6))
    tube(scene, label, course, radius, only)
    if rng.random() < 0.7:
        tissue = str(rng.choice(["air", "fluid", "stool"]))
        first = rng.integers(0, max(1, count // 2))
        tube(
            scene,
            scene.add(f"{tissue}@{label}", wanted=False),
            course[first : first + count // 2 + 1],
            radius * rng.uniform(0.4, 0.8),
            [label],
        )
