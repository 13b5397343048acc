"""Axial slices of a trunk, roughly as CT shows them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .canvas import SIDE, Canvas, Rng, Scene, outline, path, shrink, smooth_noise


class Trunk:
    """A canvas whose places are said relative to the body: (0, 0) its middle, (1, 1) right and back on its skin."""

    def __init__(self, rng: Rng):
        self.rng, self.canvas = rng, Canvas()
        self.half = np.array([rng.uniform(0.38, 0.5), rng.uniform(0.26, 0.42)])
        self.centre = np.array([0.5, 0.5]) + rng.normal(0, 0.02, 2)

    def at(self, x: float, y: float) -> np.ndarray:
        return self.centre + np.array([x, y]) * self.half

    def blob(self, tissue: str, x: float, y: float, rx: float, ry: float, rough: float = 0.12, angle: float = 0.0):
        """An organ of about this place and size; gives its outline and label."""
        rng = self.rng
        spread = rng.uniform(0.75, 1.25, 2)
        place = self.at(x + rng.normal(0, 0.04), y + rng.normal(0, 0.04))
        radii = (rx * self.half[0] * spread[0], ry * self.half[1] * spread[1])
        curve = outline(rng, place, radii, angle + rng.normal(0, 0.2), rough)
        label = self.canvas.add(tissue)
        self.canvas.polygon(curve, label)
        return curve, label


def torso(rng: Rng) -> Scene:
    """Wall, ribs, muscles, some of the organs, gut and vessels between them, spine, great vessels."""
    trunk = Trunk(rng)
    chest = _wall(trunk)
    for side in (-1, 1):
        trunk.blob("muscle", side * 0.22, 0.66, 0.2, 0.2, 0.1)
        trunk.blob("muscle", side * 0.2, 0.3, 0.09, 0.14, 0.1)
    _organs(trunk, chest)
    _gut_and_vessels(trunk)
    _spine(trunk)
    for x in (0.08, -0.12):
        trunk.blob("vessel", x, 0.15, 0.075, 0.1, 0.04)
    return trunk.canvas.scene()


def _wall(trunk: Trunk) -> bool:
    """Skin, fat, muscle and ribs; whether it holds lung (a chest) or fat (a belly)."""
    rng, canvas = trunk.rng, trunk.canvas
    skin = outline(rng, trunk.centre, trunk.half, 0, 0.05)
    canvas.polygon(skin, canvas.add("fat", wanted=False))
    wall = rng.uniform(0.78, 0.93)
    canvas.polygon(shrink(skin, wall), canvas.add("muscle", wanted=False))
    inner = wall - rng.uniform(0.05, 0.12)
    chest = rng.random() < 0.3
    canvas.polygon(shrink(skin, inner), canvas.add("fat", wanted=False))
    if chest:
        _lungs(trunk, shrink(skin, inner))
    unnamed = canvas.add("bone", wanted=False)
    for angle in rng.uniform(0, 2 * np.pi, rng.integers(4, 14)):
        span = np.linspace(angle, angle + rng.uniform(0.08, 0.35), 8)
        arc = trunk.centre + np.stack([np.cos(span), np.sin(span)], 1) * trunk.half * (inner + wall) / 2
        thickness = rng.uniform(0.012, 0.03)
        canvas.tube(arc, thickness, canvas.add("bone") if rng.random() < 0.6 else unnamed)
    return chest


def _lungs(trunk: Trunk, cavity: np.ndarray) -> None:
    """Two crescents around what lies between them, each sometimes parted into lobes by a fissure that hardly shows."""
    rng, canvas = trunk.rng, trunk.canvas
    before = canvas.labels
    canvas.polygon(cavity, 255)
    within = canvas.labels == 255
    canvas.labels = before
    y, x = (np.mgrid[0:SIDE, 0:SIDE] + 0.5) / SIDE
    across, back = (x - trunk.centre[0]) / trunk.half[0], (y - trunk.centre[1]) / trunk.half[1]
    labels = canvas.labels
    for side in (-1, 1):
        edge = rng.uniform(0.08, 0.35) + rng.uniform(0, 0.3) * np.cos(np.pi * (back - rng.uniform(-0.5, 0.5)))
        lung = within & (side * across > edge + 0.04 * smooth_noise(rng, SIDE, SIDE, 30))
        labels[lung] = canvas.add("lung")
        if rng.random() < 0.5:
            fissure = rng.uniform(-0.4, 0.4) + rng.normal(0, 0.5) * side * across + 0.1 * smooth_noise(rng, SIDE, SIDE, 60)
            labels[lung & (back > fissure)] = canvas.add("lung")
    canvas.labels = labels


def _organs(trunk: Trunk, chest: bool) -> None:
    rng, canvas = trunk.rng, trunk.canvas

    def pancreas() -> None:
        course = path(rng, trunk.at(-0.15, 0.0), rng.uniform(-0.5, 0.5), 0.018, 0.25, 14)
        thickness = rng.uniform(0.03, 0.06)
        canvas.tube(course, thickness, canvas.add("organ"))

    organs: list[Callable[[], object]] = [
        lambda: trunk.blob("organ", -0.42, -0.12, 0.46, 0.55, 0.16, 0.3),  # liver
        lambda: trunk.blob("organ", 0.62, 0.1, 0.2, 0.32, 0.14, 0.4),  # spleen
        lambda: _kidney(trunk, -1),
        lambda: _kidney(trunk, 1),
        lambda: _hollow(trunk, trunk.at(0.35, -0.35), trunk.half * np.array([0.3, 0.24])),  # stomach
        lambda: trunk.blob("fluid", -0.25, -0.15, 0.1, 0.13, 0.06),  # gall bladder
        pancreas,
        lambda: trunk.blob("vessel", 0.0, -0.1, 0.3, 0.3, 0.12) if chest else None,  # heart
    ]
    for index in rng.permutation(len(organs)):
        if rng.random() < 0.7:
            organs[index]()


def _kidney(trunk: Trunk, side: int) -> None:
    rng, canvas, half = trunk.rng, trunk.canvas, trunk.half
    place = trunk.at(side * 0.45, 0.36)
    bean = outline(rng, place, half * rng.uniform((0.12, 0.18), (0.2, 0.3)), -side * 0.4, 0.08)
    canvas.polygon(bean, canvas.add("kidney"))
    if rng.random() < 0.7:
        sinus = place - np.array([side * rng.uniform(0.02, 0.1), 0]) * half
        canvas.polygon(outline(rng, sinus, half * rng.uniform(0.04, 0.1, 2), 0, 0.2), canvas.add("fat", wanted=False))


def _hollow(trunk: Trunk, place: np.ndarray, radii: np.ndarray) -> None:
    """Gut: a wall around air, fluid or both. Wall and content are one object (as when labelled by hand)."""
    rng, canvas = trunk.rng, trunk.canvas
    curve = outline(rng, place, radii, rng.uniform(0, 3), 0.16)
    label = canvas.add("muscle")
    canvas.polygon(curve, label)
    if rng.random() < 0.7:
        tissue = str(rng.choice(["air", "air", "fluid", "stool"]))
        content = canvas.add(f"{tissue}@{label}", wanted=False)
        canvas.polygon(shrink(curve, rng.uniform(0.6, 0.92)), content)


def _gut_and_vessels(trunk: Trunk) -> None:
    rng, canvas = trunk.rng, trunk.canvas
    for _ in range(rng.integers(0, 9)):
        place = trunk.at(*rng.uniform(-0.7, 0.7, 2) * np.array([1, 0.7]))
        if rng.random() < 0.5:
            _hollow(trunk, place, trunk.half * rng.uniform(0.06, 0.2, 2))
        else:
            loop = path(rng, place, rng.uniform(0, 6.3), 0.02, 0.5, rng.integers(5, 18))
            thickness = rng.uniform(0.02, 0.07)
            canvas.tube(loop, thickness, canvas.add("muscle"))
    for _ in range(rng.integers(2, 8)):
        radius = rng.uniform(0.012, 0.04)
        place = trunk.at(*rng.uniform(-0.6, 0.6, 2))
        round_one = outline(rng, place, (radius, radius * rng.uniform(0.6, 1)), rng.uniform(0, 3), 0.04)
        canvas.polygon(round_one, canvas.add("vessel"))


def _spine(trunk: Trunk) -> None:
    rng, canvas = trunk.rng, trunk.canvas
    body, bone = trunk.blob("bone", 0, 0.42, 0.17, 0.2, 0.06)
    core = shrink(body, rng.uniform(0.6, 0.9))
    canvas.polygon(core, canvas.add("marrow", wanted=False) if rng.random() < 0.5 else bone)
    trunk.blob("fluid", 0, 0.66, 0.07, 0.08, 0.04)  # canal
    for direction in (-2.6, -0.5, np.pi / 2):  # two transverse processes and the spinous one
        tip = np.array([np.cos(direction), abs(np.sin(direction))]) * trunk.half * rng.uniform(0.15, 0.4)
        canvas.tube(np.stack([trunk.at(0, 0.66), trunk.at(0, 0.66) + tip]), rng.uniform(0.015, 0.04), bone)
