"""Trunks, chests, hearts and heaps of things in three dimensions, of which slices show what no single plane can: where an object
ends, a winding gut in several parts, a vessel that becomes the next one."""

from __future__ import annotations

import numpy as np

from .canvas import Rng
from .solid_canvas import EDGE, SolidScene, blob, gut, smooth_field, tube, winding


def solid_scene(rng: Rng) -> SolidScene:
    """One of the kinds, bent as a whole."""
    makers, shares = zip((_trunk, 0.42), (_chest, 0.2), (_heart, 0.2), (_heap, 0.18))
    scene = SolidScene(np.zeros((EDGE, EDGE, EDGE), np.uint8))
    makers[rng.choice(len(makers), p=np.array(shares))](rng, scene)
    _bend(rng, scene)
    return scene


def _trunk(rng: Rng, scene: SolidScene) -> None:
    """Skin, fat and muscle along z; spine of separate vertebrae, ribs, organs, gut, vessels, and muscles beside the spine."""
    labels, half = scene.labels, EDGE / 2
    z, y, x = np.mgrid[0:EDGE, 0:EDGE, 0:EDGE].astype(np.float32)
    flat = rng.uniform(0.65, 0.9)
    swell = 1 + 0.06 * smooth_field(rng, (EDGE, 1, 1), 40)
    away = np.hypot((x - half) / (0.46 * EDGE), (y - half) / (0.46 * EDGE * flat)) / swell
    labels[away < 1] = scene.add("fat", wanted=False)
    wall = rng.uniform(0.8, 0.94)
    labels[away < wall] = scene.add("muscle", wanted=bool(rng.random() < 0.2))
    cavity = scene.add("fat", wanted=False)
    labels[away < wall - rng.uniform(0.05, 0.14)] = cavity

    def at(right: float, back: float, up: float) -> np.ndarray:
        spread = rng.normal(0, 0.04, 3)
        return np.array(
            [(up + spread[0]) * EDGE, half + (back + spread[1]) * 0.46 * EDGE * flat, half + (right + spread[2]) * 0.46 * EDGE]
        )

    if rng.random() < 0.5:
        dome = rng.uniform(0.5, 0.8)
        for side in (-1, 1):
            blob(
                rng,
                scene,
                scene.add("lung"),
                at(side * 0.42, 0, dome + 0.35),
                EDGE * np.array([0.4, 0.3, 0.18]),
                0.1,
                0.1,
                [cavity],
            )
    _spine(rng, scene, at)
    _ribs(rng, scene, flat, wall)
    for side in (-1, 1):
        for back, up, radii in ((0.66, 0.5, (0.5, 0.07, 0.08)), (0.3, 0.35, (0.35, 0.06, 0.05))):
            if rng.random() < 0.8:
                blob(rng, scene, scene.add("muscle"), at(side * 0.25, back, up), EDGE * np.array(radii), 0.08, 0.08)
    organs = [
        lambda: blob(rng, scene, scene.add("organ"), at(-0.4, -0.1, 0.6), EDGE * np.array([0.2, 0.2, 0.24]), 0.2),
        lambda: blob(rng, scene, scene.add("organ"), at(0.6, 0.15, 0.62), EDGE * np.array([0.13, 0.12, 0.07]), 0.15),
        *(lambda s=s: _kidney(rng, scene, at(s * 0.42, 0.3, 0.4)) for s in (-1, 1)),
        lambda: gut(rng, scene, at(0.3, -0.3, 0.6), EDGE * rng.uniform(0.06, 0.11), int(rng.integers(3, 8))),
        lambda: blob(rng, scene, scene.add("fluid"), at(-0.2, -0.3, 0.5), EDGE * np.array([0.07, 0.05, 0.05]), 0.08),
        lambda: tube(scene, scene.add("organ"), winding(rng, at(-0.2, 0, 0.5), (0.2, 0, 1), 3, 0.3, 12), EDGE * rng.uniform(0.02, 0.045)),
        lambda: blob(rng, scene, scene.add("fluid"), at(0, -0.1, 0.08), EDGE * np.array([0.1, 0.12, 0.14]), 0.08),
        lambda: _heart_of(rng, scene, at(0.1, -0.2, 0.9), EDGE * rng.uniform(0.12, 0.18)),
    ]  # fmt: skip
    for index in rng.permutation(len(organs)):
        if rng.random() < 0.75:
            organs[index]()
    for _ in range(rng.integers(1, 6)):
        start = rng.uniform((0.1, 0.3, 0.2), (0.6, 0.55, 0.8)) * EDGE
        gut(rng, scene, start, EDGE * rng.uniform(0.02, 0.06), int(rng.integers(10, 60)), [cavity])
    for right in (0.07, -0.1):  # the great vessels, which part further down
        course = winding(rng, at(right, 0.22, 1.0), (-1, 0, 0), 3, 0.06, 20)
        radius, tissue = EDGE * rng.uniform(0.018, 0.04), "vessel"
        tube(scene, scene.add(tissue), course, radius)
        for side in (-1, 1):
            branch = winding(rng, course[-1], (-1, 0.1, side * 0.5), 3, 0.1, 12)
            tube(scene, scene.add(tissue), branch, radius * 0.7)


def _spine(rng: Rng, scene: SolidScene, at) -> None:
    """Vertebrae of one tissue, one object each, with or without discs between them."""
    count, radius = int(rng.integers(4, 9)), EDGE * rng.uniform(0.05, 0.09)
    height = 1.1 / count
    bones = [scene.add("bone") for _ in range(count)]
    disc = scene.add("organ", wanted=False)
    base = at(0, 0.45, 0)
    for i, bone in enumerate(bones):
        middle = np.array([(i + 0.5) * height * EDGE, base[1], base[2]])
        blob(rng, scene, bone, middle, (height * EDGE * rng.uniform(0.42, 0.55), radius * 0.8, radius), 0.06, 0.06)
        for angle in (-2.6, -0.5, np.pi / 2):
            tip = middle + np.array(
                [-0.3 * height * EDGE, radius * 0.9 + abs(np.sin(angle)) * radius, np.cos(angle) * radius * 1.6]
            )
            root = middle + np.array([0, radius * 0.9, 0])
            tube(scene, bone, np.linspace(root, tip, 5), rng.uniform(1.0, 2.2))
        if rng.random() < 0.6:
            blob(rng, scene, disc, middle + np.array([height * EDGE / 2, 0, 0]), (1.5, radius * 0.7, radius * 0.9), 0, 0.05)
    canal = np.stack([np.linspace(0, EDGE, 20), np.full(20, base[1] + radius * 1.2), np.full(20, base[2])], 1)
    tube(scene, scene.add("fluid"), canal, radius * 0.3)


def _ribs(rng: Rng, scene: SolidScene, flat: float, wall: float) -> None:
    """Thin slanting arcs; the two of a height may be one object."""
    half, slant = EDGE / 2, rng.uniform(0.1, 0.5)
    for up in np.arange(rng.uniform(0.3, 0.6), 1.1, rng.uniform(0.08, 0.14)):
        together = scene.add("bone") if rng.random() < 0.3 else None
        for side in (-1, 1):
            t = np.linspace(0.35, rng.uniform(1.8, 2.6), 24)
            radius = 0.46 * EDGE * (wall - 0.06)
            arc = np.stack([up * EDGE - slant * 8 * t, half + radius * flat * np.cos(t), half + side * radius * np.sin(t)], 1)
            tube(scene, together or scene.add("bone"), arc, rng.uniform(1, 2))


def _kidney(rng: Rng, scene: SolidScene, place: np.ndarray) -> None:
    label = scene.add("kidney")
    blob(rng, scene, label, place, EDGE * rng.uniform((0.09, 0.05, 0.05), (0.13, 0.08, 0.08)), 0.1, 0.2)
    if rng.random() < 0.6:
        inward = np.sign(EDGE / 2 - place[2])
        blob(
            rng,
            scene,
            scene.add("fat", wanted=False),
            place + np.array([0, 0, inward * 3]),
            EDGE * rng.uniform(0.02, 0.04, 3),
            0.2,
        )


def _heart_of(rng: Rng, scene: SolidScene, place: np.ndarray, size: float) -> None:
    """Chambers of the same blood, that touch or are parted by walls, one of them in a muscle, and the vessels that leave them."""
    scene_wall = scene.add("myocardium")
    middle = place + rng.normal(0, 0.15, 3) * size
    blob(rng, scene, scene_wall, middle, size * rng.uniform(0.6, 1.0, 3), 0.1, 1.0)
    blob(rng, scene, scene.add("blood"), middle, size * rng.uniform(0.35, 0.6, 3), 0.12, 1.0, [scene_wall])
    for _ in range(rng.integers(2, 5)):
        blob(rng, scene, scene.add("blood"), place + rng.normal(0, 0.75, 3) * size, size * rng.uniform(0.3, 0.7, 3), 0.18, 1.0)
    for _ in range(rng.integers(1, 5)):
        course = winding(rng, place + rng.normal(0, 0.5, 3) * size, rng.normal(0, 1, 3) + np.array([0.8, 0, 0]), 2.5, 0.25, 18)
        label, radius, end = scene.add("blood"), size * rng.uniform(0.1, 0.3), int(rng.integers(6, 18))
        tube(scene, label, course[:end], radius)
        if rng.random() < 0.4:  # somebody decided that from here on it is another vessel
            tube(scene, scene.add("blood"), course[end - 1 :], radius)


def _heart(rng: Rng, scene: SolidScene) -> None:
    """A heart that fills the volume, between lungs, in front of a spine."""
    scene.labels[:] = scene.add("fat", wanted=False)
    for side in (0.05, 0.95):
        blob(
            rng, scene, scene.add("lung", wanted=False), EDGE * np.array([0.5, 0.5, side]), EDGE * np.array([0.6, 0.4, 0.3]), 0.15
        )
    blob(rng, scene, scene.add("bone", wanted=False), EDGE * np.array([0.5, 0.9, 0.5]), EDGE * np.array([0.8, 0.12, 0.12]), 0.05)
    _heart_of(rng, scene, EDGE * (0.5 + rng.normal(0, 0.05, 3)), EDGE * rng.uniform(0.22, 0.34))


def _chest(rng: Rng, scene: SolidScene) -> None:
    """Lungs with organs that push up into them from below, between which and the wall they end in ever thinner crescents."""
    half, flat = EDGE / 2, rng.uniform(0.65, 0.9)
    _, y, x = np.mgrid[0:EDGE, 0:EDGE, 0:EDGE].astype(np.float32)
    away = np.hypot(x - half, (y - half) / flat) / (0.46 * EDGE)
    scene.labels[away < 1] = scene.add("fat", wanted=False)
    scene.labels[away < rng.uniform(0.88, 0.96)] = scene.add("muscle", wanted=False)
    floor = rng.uniform(0.2, 0.5)
    for side in (-1, 1):
        lung, organ = scene.add("lung"), scene.add("organ")
        middle = np.array([(floor + 0.4) * EDGE, half + rng.normal(0, 0.03) * EDGE, half + side * rng.uniform(0.19, 0.23) * EDGE])
        radii = EDGE * np.array([0.55, rng.uniform(0.8, 0.95) * 0.42 * flat, rng.uniform(0.15, 0.2)])
        blob(rng, scene, lung, middle, radii, 0.05, 0.05)
        # Behind and beside it there is most room.
        below = middle + EDGE * np.array([-rng.uniform(0.3, 0.5), -rng.uniform(0, 0.08), -side * rng.uniform(0, 0.05)])
        blob(rng, scene, organ, below, radii * rng.uniform((0.5, 0.8, 0.8), (0.8, 1.05, 1.05)), 0.05, 0.1, [lung])
    blob(rng, scene, scene.add("blood"), EDGE * np.array([floor + 0.35, 0.4, 0.55]), EDGE * rng.uniform(0.1, 0.2, 3), 0.1)
    blob(rng, scene, scene.add("bone"), EDGE * np.array([0.5, 0.5 + 0.33 * flat, 0.5]), EDGE * np.array([0.8, 0.07, 0.07]), 0.05, 0.05)


def _heap(rng: Rng, scene: SolidScene) -> None:
    """Rough bodies, shells and winding tubes of any size, on each other and touching."""
    if rng.random() < 0.5:
        scene.labels[:] = scene.add("random", wanted=False)
    typical = EDGE * np.exp(rng.uniform(np.log(0.05), np.log(0.25)))
    for _ in range(int(rng.integers(6, 24))):
        place, radius = rng.uniform(0.1, 0.9, 3) * EDGE, typical * np.exp(rng.normal(0, 0.4))
        if rng.random() < 0.75:
            label = scene.add("random")
            blob(rng, scene, label, place, radius * rng.uniform(0.4, 1, 3), rng.choice([0.0, 0.1, 0.25, 0.4]), 1.5)
            if rng.random() < 0.3:  # what is left of it is a shell, or a crescent
                shifted = place + rng.normal(0, 0.25, 3) * radius
                blob(rng, scene, scene.add("random"), shifted, radius * rng.uniform(0.4, 0.9, 3), 0.15, 1.5, [label])
        else:
            course = winding(rng, place, rng.normal(0, 1, 3), max(2.0, radius / 3), 0.4, int(rng.integers(6, 24)))
            tube(scene, scene.add("random"), course, max(1.5, radius * rng.uniform(0.15, 0.5)))


def _bend(rng: Rng, scene: SolidScene) -> None:
    shape = scene.labels.shape
    at = np.indices(shape, np.float32)
    for axis in range(3):
        at[axis] += rng.uniform(0, 4) * smooth_field(rng, shape, rng.uniform(24, 60))
    at = np.clip(np.round(at), 0, EDGE - 1).astype(np.intp)
    scene.labels = scene.labels[at[0], at[1], at[2]]
