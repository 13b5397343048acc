"""The same image in another way: larger, turned, recoloured. Images are uint8 [H, W] or [H, W, 3], masks bool [H, W]."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

from .scenes import Rng


def enlarged(image: np.ndarray, mask: np.ndarray, zoom: int) -> tuple[np.ndarray, np.ndarray]:
    """Both with each pixel `zoom` times as wide and high."""
    if zoom == 1:
        return image, mask
    size = (image.shape[1] * zoom, image.shape[0] * zoom)
    larger = Image.fromarray(np.ascontiguousarray(image)).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(larger), mask.repeat(zoom, 0).repeat(zoom, 1)


def turn(rng: Rng, image: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both rotated, sheared and scaled about their middle; what comes in from outside is 0."""
    height, width = mask.shape
    angle, shear = rng.uniform(-0.6, 0.6), rng.normal(0, 0.1)
    scale = np.exp(rng.normal(0, 0.12, 2))
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = rotation @ np.array([[1, shear], [0, 1]]) * scale
    middle = np.array([width, height]) / 2
    a, b, c, d = matrix.ravel()
    e, f = middle - matrix @ middle
    how = Image.Transform.AFFINE, (a, b, e, c, d, f)
    turned = Image.fromarray(image).transform((width, height), *how, resample=Image.Resampling.BILINEAR)
    return np.asarray(turned), np.asarray(Image.fromarray(mask).transform((width, height), *how))


def recolour(rng: Rng, image: np.ndarray) -> np.ndarray:
    """The same picture as another device or another hand might show it: grey, inverted, lighter, tinted, blurred, noisy."""
    if image.ndim == 3 and rng.random() < 0.15:
        image = image @ rng.dirichlet((1, 1, 1)).astype(np.float32)
    pixels = image.astype(np.float32) / 255
    if rng.random() < 0.1:
        pixels = 1 - pixels
    if rng.random() < 0.4:
        pixels = np.maximum(pixels, 0) ** np.float32(np.exp(rng.normal(0, 0.3)))
    if rng.random() < 0.4:
        pixels = pixels * np.float32(rng.uniform(0.6, 1.3)) + np.float32(rng.normal(0, 0.06))
    if pixels.ndim == 3 and rng.random() < 0.3:
        pixels = pixels * rng.uniform(0.85, 1.15, 3).astype(np.float32)
    if rng.random() < 0.15:
        sigma = rng.uniform(0.3, 1.3)
        pixels = ndimage.gaussian_filter(pixels, (sigma, sigma, 0)[: pixels.ndim], truncate=2.5)
    if rng.random() < 0.2:
        pixels = pixels + rng.standard_normal(pixels.shape, dtype=np.float32) * np.float32(rng.uniform(0, 0.06))
    return (np.clip(pixels, 0, 1) * 255).astype(np.uint8)
