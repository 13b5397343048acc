"""Grey values for a label map: tissue contrast, texture, partial volume, bias, noise."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

from .scenes import Rng, Scene
from .scenes.canvas import smooth_noise
from .scenes.solid_canvas import SolidScene, smooth_field

# Mean grey (0..1) as a soft-tissue CT window shows it: lowest and highest.
CT_GREY = {
    "outside": (0.0, 0.02), "air": (0.0, 0.05), "lung": (0.0, 0.12), "fat": (0.1, 0.34), "muscle": (0.42, 0.6),
    "organ": (0.45, 0.72), "kidney": (0.48, 0.9), "vessel": (0.45, 0.95), "blood": (0.5, 0.95),
    "myocardium": (0.4, 0.65), "fluid": (0.3, 0.52), "stool": (0.2, 0.7), "bone": (0.75, 1.0), "marrow": (0.55, 0.9),
}  # fmt: skip


def _means(rng: Rng, scene: Scene | SolidScene) -> np.ndarray:
    """One grey per label. Either as CT shows tissue, or from a small palette, so that neighbours may be alike."""
    like_ct = rng.random() < 0.55
    palette = rng.uniform(0, 1, rng.integers(3, 9))
    spread = rng.choice([0.02, 0.04, 0.08])
    kinds: dict[str, float] = {}
    means = np.zeros(256, np.float32)
    for label, tissue in scene.tissue.items():
        kind = tissue.split("@")[0]
        if like_ct and kind in CT_GREY:
            kinds.setdefault(kind, rng.uniform(*CT_GREY[kind]))
            own = kinds[kind] if rng.random() < 0.6 else rng.uniform(*CT_GREY[kind])
        elif kind == "layer" or kind == "random" and rng.random() < 0.3:
            own = rng.uniform(0, 1)
        else:
            own = kinds.setdefault(kind, float(rng.choice(palette)))
        means[label] = own + rng.normal(0, spread)
    if scene.tissue[0] == "outside" and rng.random() < 0.6:
        means[0] = rng.uniform(0, 0.08)
    return means


def _degrade(rng: Rng, image: np.ndarray) -> np.ndarray:
    """Blur and coarser sampling: what makes boundaries partial."""
    if rng.random() < 0.8:
        image = ndimage.gaussian_filter(image, rng.uniform(0.3, 1.6), truncate=2.5)
    if rng.random() < 0.35:
        height, width = image.shape
        factor = rng.uniform(1.3, 3.5)
        small = (max(8, int(width / factor)), max(8, int(height / factor)))
        how = Image.Resampling
        up = how(rng.choice([how.NEAREST, how.BILINEAR, how.BICUBIC]))
        image = np.asarray(Image.fromarray(image).resize(small, how.BOX).resize((width, height), up))
    return image


def _noise(rng: Rng, image: np.ndarray) -> np.ndarray:
    kind, amount = rng.random(), rng.uniform(0.0, 0.1) * rng.choice([0.4, 1.0, 1.8])
    grain = rng.standard_normal(image.shape, dtype=np.float32)
    if rng.random() < 0.5:
        grain = ndimage.gaussian_filter(grain, rng.uniform(0.4, 1.1), truncate=2) * np.float32(1.8)
    if kind < 0.45:
        return image + amount * grain
    if kind < 0.65:  # Rician
        return np.hypot(image + amount * grain, amount * rng.standard_normal(image.shape, dtype=np.float32))
    if kind < 0.8:  # Poisson
        return image + amount * 1.5 * np.sqrt(np.clip(image, 0, 1)) * grain
    return image * (1 + 4 * amount * grain)  # speckle


def paint(rng: Rng, scene: Scene, labels: np.ndarray) -> np.ndarray:
    """uint8 [H, W]: `labels` (a part of the scene's) as some device might show them."""
    height, width = labels.shape
    image = _means(rng, scene)[labels]
    if rng.random() < 0.7:  # texture, stronger in some labels
        texture = smooth_noise(rng, height, width, rng.uniform(1.5, 12))
        image = image + texture * rng.uniform(0, 0.08, 256).astype(np.float32)[labels] * rng.choice([0.3, 1, 2])
    image = _degrade(rng, image)
    if rng.random() < 0.5:
        image = image * (1 + rng.uniform(0, 0.25) * smooth_noise(rng, height, width, rng.uniform(60, 200)))
    if rng.random() < 0.2:  # shadows or streaks along the columns
        depth = rng.uniform(0, 0.6)
        image = image * (1 - depth * (smooth_noise(rng, 1, width, rng.uniform(4, 30)) > 1.2))
    image = np.clip(_noise(rng, image.astype(np.float32)), 0, 1.2)
    low, high = rng.uniform(-0.05, 0.1), rng.uniform(0.85, 1.1)
    return (np.clip((image - low) / (high - low), 0, 1) * 255).astype(np.uint8)


def paint_solid(rng: Rng, scene: SolidScene) -> np.ndarray:
    """uint8 [D, H, W]: a whole scene, so that texture and partial volume go on from slice to slice."""
    shape = scene.labels.shape
    image = _means(rng, scene)[scene.labels]
    if rng.random() < 0.7:
        strength = rng.uniform(0, 0.08, 256).astype(np.float32) * rng.choice([0.3, 1, 2])
        image = image + smooth_field(rng, shape, rng.uniform(2, 10)) * strength[scene.labels]
    image = ndimage.gaussian_filter(image, rng.uniform(0.3, 1.0), truncate=2.5)
    if rng.random() < 0.4:
        image = image * (1 + rng.uniform(0, 0.2) * smooth_field(rng, shape, rng.uniform(30, 80)))
    image = np.clip(_noise(rng, image.astype(np.float32)), 0, 1.2)
    low, high = rng.uniform(-0.05, 0.1), rng.uniform(0.85, 1.1)
    return (np.clip((image - low) / (high - low), 0, 1) * 255).astype(np.uint8)
