"""Images to inputs and logits to masks as upstream's scripts do it, with the libraries that they use."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional as F

from ..graphs.golden import Array

Grey = NDArray[np.uint8]

IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)[:, None, None]
IMAGENET_DEVIATION = np.array([0.229, 0.224, 0.225], dtype=np.float32)[:, None, None]


def prepare_vit(image: Grey, size: int) -> Array:
    """[rows, columns] or [rows, columns, 3] to [1, 3, size, size]: cubic splines, cut to whole numbers, stretched to
    0..1.
    """
    from skimage import transform

    colour = _colour(image)
    resized = transform.resize(colour, (size, size), order=3, preserve_range=True, anti_aliasing=True)
    return _tensor(_unit(resized.astype(np.uint8)))


def prepare_lite(image: Grey, size: int) -> tuple[Array, tuple[int, int]]:
    """[rows, columns(, 3)] to [1, 3, size, size] and the rows and columns of it that are image: area means, 0..1,
    zeros added.
    """
    resized = _colour(area_resize(image, size))
    unit = _unit(resized)
    rows, columns = unit.shape[:2]
    return _tensor(np.pad(unit, ((0, size - rows), (0, size - columns), (0, 0)))), (rows, columns)


def area_resize(image: Grey, size: int) -> Grey:
    """The longer side becomes `size`."""
    import cv2

    scale = size / max(image.shape[:2])
    rows, columns = (int(length * scale + 0.5) for length in image.shape[:2])
    return cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA)


def prepare_tracking(slices: Grey, size: int) -> Array:
    """[d, rows, columns] to [d, 3, size, size]: bicubic by Pillow, 0..1, ImageNet mean and deviation removed; rounded at the end."""
    resized = [np.asarray(Image.fromarray(s).convert("RGB").resize((size, size))) for s in slices]
    unit = np.stack(resized).transpose(0, 3, 1, 2).astype(np.float64) / 255.0
    return np.ascontiguousarray(((unit - IMAGENET_MEAN) / IMAGENET_DEVIATION).astype(np.float32))


def mask_of_vit(logits: Array, rows: int, columns: int) -> NDArray[np.bool_]:
    """[1, 1, h, w] to [rows, columns]: probabilities are enlarged, then cut at a half."""
    share = torch.sigmoid(torch.from_numpy(logits))
    return (_enlarge(share, rows, columns) > 0.5).numpy()[0, 0]


def mask_of_lite(logits: Array, inner: tuple[int, int], rows: int, columns: int) -> NDArray[np.bool_]:
    """[1, 1, h, w] to [rows, columns]: the image's part of the logits is enlarged, and its probabilities cut at a
    half.
    """
    part = torch.from_numpy(logits)[..., : inner[0], : inner[1]]
    return (torch.sigmoid(_enlarge(part, rows, columns)) > 0.5).numpy()[0, 0]


def lite_box(box: NDArray[np.int64], rows: int, columns: int, size: int = 256) -> Array:
    """[4] in pixels of the image to [1, 4] in those of the input, cut to whole numbers."""
    ratio = size / max(rows, columns)
    return np.array([[int(value * ratio) for value in box]], dtype=np.float32)


def _enlarge(x: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    return F.interpolate(x, size=(rows, columns), mode="bilinear", align_corners=False)


def _colour(image: Grey) -> Grey:
    return np.repeat(image[:, :, None], 3, axis=-1) if image.ndim == 2 else image


def _unit(image: Grey) -> NDArray[np.float64]:
    return (image - image.min()) / np.clip(image.max() - image.min(), a_min=1e-8, a_max=None)


def _tensor(image: NDArray[np.float64]) -> Array:
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None].astype(np.float32))
