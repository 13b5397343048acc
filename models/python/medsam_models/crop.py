"""What a crop model sees: the region around a box, resampled to a square.

Coordinates are continuous pixels: pixel (row, column) covers [column, column + 1) x [row, row + 1),
its centre lies at + 0.5. A box is (x0, y0, x1, y1), half open. Everything outside of the image is 0.
The server holds the same arithmetic in TypeScript (`cropModel.ts`); a fixture ties the two together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Box = tuple[float, float, float, float]
Point = tuple[float, float]

# The input's channels. After the box: what corrects an earlier answer, or what is known of the slice beside; 0 where nothing is.
CHANNELS = ("red", "green", "blue", "box", "inside", "outside", "mask", "beside")
# Crop pixels around a point that its channel marks.
POINT_RADIUS = 4


@dataclass(frozen=True)
class Corrections:
    """What a person, or the slice beside, knows besides the box. Points are continuous pixels (x, y) of the image:
    `inside` belong to the object, `outside` do not. mask: bool [H, W], an earlier answer to start from; or, where `beside`
    is given, the object's mask on that image: the slice beside, uint8 as the image itself and as large."""

    inside: tuple[Point, ...] = ()
    outside: tuple[Point, ...] = ()
    mask: np.ndarray | None = None
    beside: np.ndarray | None = None


NOTHING = Corrections()


@dataclass(frozen=True)
class CropContract:
    """size: side of the square in pixels; context: region side over box side;
    max_stretch: the longer box side counts at most this many times the shorter one."""

    size: int = 160
    context: float = 1.5
    max_stretch: float = 3.0


def region_around(box: Box, contract: CropContract) -> Box:
    """The region (continuous pixels) that is cut out for `box`: centred on it, `context` times as large.

    The two axes are scaled apart, so that a flat layer still fills the square, but by no more than
    `max_stretch`, so that texture stays recognisable.
    """
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    if not (width > 0 and height > 0):
        raise ValueError(f"box is empty or inverted: {box}")
    least = max(width, height) / contract.max_stretch
    half_w = max(width, least) * contract.context / 2
    half_h = max(height, least) * contract.context / 2
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    return cx - half_w, cy - half_h, cx + half_w, cy + half_h


def triangle_weights(start: float, stop: float, length: int, size: int) -> np.ndarray:
    """[size, length] float32: row i holds the weights of an axis' `length` pixels in output pixel i.

    A triangle filter of one output pixel's radius, never less than one input pixel's: bilinear when
    enlarging, anti-aliased when shrinking. Weights sum to 1 over an endless axis; what falls outside
    of the image is lost, which is the same as padding with 0.
    """
    scale = (stop - start) / size
    radius = max(scale, 1.0)
    centres = start + (np.arange(size) + 0.5) * scale
    first, last = int(np.floor(start - radius)) - 1, int(np.ceil(stop + radius)) + 1
    pixels = np.arange(first, last) + 0.5
    weights = np.maximum(0.0, 1.0 - np.abs(pixels[None, :] - centres[:, None]) / radius)
    weights /= weights.sum(axis=1, keepdims=True)
    inside = np.zeros((size, length), np.float32)
    low, high = max(first, 0), min(last, length)
    if low < high:
        inside[:, low:high] = weights[:, low - first : high - first]
    return inside


def coverage(start: float, stop: float, lower: float, upper: float, size: int) -> np.ndarray:
    """[size] float32: how much of each output pixel of region [start, stop) lies in [lower, upper)."""
    edges = start + np.arange(size + 1) * ((stop - start) / size)
    covered = np.minimum(edges[1:], upper) - np.maximum(edges[:-1], lower)
    return (np.maximum(covered, 0.0) * (size / (stop - start))).astype(np.float32)


def resample(image: np.ndarray, region: Box, size: int) -> np.ndarray:
    """[C, size, size] float32 from `image` [H, W, C]; values keep their scale."""
    height, width, channels = image.shape
    x0, y0, x1, y1 = region
    wx, wy = triangle_weights(x0, x1, width, size), triangle_weights(y0, y1, height, size)
    # Only the rows and columns that weigh anything: the products cost what the region costs.
    columns, rows = np.flatnonzero(wx.any(axis=0)), np.flatnonzero(wy.any(axis=0))
    if not (len(columns) and len(rows)):
        return np.zeros((channels, size, size), np.float32)
    a, b, c, d = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    window = image[a:b, c:d].transpose(2, 0, 1).astype(np.float32)
    return wy[:, a:b] @ window @ wx[:, c:d].T


def discs(points: tuple[Point, ...], region: Box, size: int) -> np.ndarray:
    """[size, size] float32: 1 where a pixel's centre lies within POINT_RADIUS crop pixels of a point, else 0."""
    x0, y0, x1, y1 = region
    marked = np.zeros((size, size), bool)
    centres = np.arange(size) + 0.5
    for x, y in points:
        across = centres - (x - x0) * (size / (x1 - x0))
        down = centres - (y - y0) * (size / (y1 - y0))
        marked |= down[:, None] ** 2 + across[None, :] ** 2 <= POINT_RADIUS**2
    return marked.astype(np.float32)


def crop_around(
    image: np.ndarray, box: Box, contract: CropContract, corrections: Corrections = NOTHING
) -> tuple[np.ndarray, Box]:
    """The model's input [8, size, size] float32 and the region it shows.

    image: uint8 [H, W] or [H, W, 3], already windowed. Channels 0-2: red, green, blue in 0..1 (grey is
    repeated); 3: how much of the pixel the box covers; 4 and 5: discs around the points inside and outside;
    6: how much of the pixel the earlier mask covers; 7: the slice beside in 0..1, the mean of its colours.
    """
    pixels = np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else image
    region, size = region_around(box, contract), contract.size
    x0, y0, x1, y1 = region
    colour = resample(pixels, region, size) / np.float32(255)
    across = coverage(x0, x1, box[0], box[2], size)
    down = coverage(y0, y1, box[1], box[3], size)
    nothing = np.zeros((1, size, size), np.float32)
    mask, other = corrections.mask, corrections.beside
    earlier = nothing if mask is None else np.clip(resample(mask[..., None].astype(np.float32), region, size), 0, 1)
    if other is None:
        beside = nothing
    else:
        colours = resample(other if other.ndim == 3 else other[..., None], region, size)
        beside = colours.mean(axis=0, keepdims=True) / np.float32(255)
    points = [discs(corrections.inside, region, size), discs(corrections.outside, region, size)]
    crop = np.concatenate([colour, (down[:, None] * across[None, :])[None], np.stack(points), earlier, beside])
    return crop.astype(np.float32), region


def mask_from_logits(logits: np.ndarray, region: Box, width: int, height: int, threshold: float) -> np.ndarray:
    """bool [height, width]: logits [size, size] read at each pixel's centre (bilinear), above `threshold`."""
    size = logits.shape[0]

    def axis(start: float, stop: float, length: int):
        at = (np.arange(length) + 0.5 - start) * (size / (stop - start)) - 0.5
        inside = (at >= -0.5) & (at < size - 0.5)
        at = np.clip(at, 0, size - 1)
        low = np.minimum(np.floor(at).astype(int), size - 2)
        return low, (at - low), inside

    ix, fx, inside_x = axis(region[0], region[2], width)
    iy, fy, inside_y = axis(region[1], region[3], height)
    rows = logits[iy] * (1 - fy)[:, None] + logits[iy + 1] * fy[:, None]
    values = rows[:, ix] * (1 - fx) + rows[:, ix + 1] * fx
    return (values > threshold) & inside_y[:, None] & inside_x[None, :]
