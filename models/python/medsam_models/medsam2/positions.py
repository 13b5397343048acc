"""Fixed encodings of where (on a grid) and when (slices apart)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

BASE = 10000.0
# Added by training to the last coordinate before it is divided by.
EPSILON = 1e-6


def _wavelengths(channels: int) -> Tensor:
    """[channels], in pairs alike."""
    return BASE ** (2 * torch.div(torch.arange(channels, dtype=torch.float32), 2, rounding_mode="floor") / channels)


def grid_positions(channels: int, side: int) -> Tensor:
    """Sines and cosines, alternating, of the rows (first half of the channels) and columns: [side * side, channels]."""
    along = torch.arange(1, side + 1, dtype=torch.float32) / (side + EPSILON) * 2 * math.pi
    phase = along[:, None] / _wavelengths(channels // 2)
    wave = torch.stack([phase[:, 0::2].sin(), phase[:, 1::2].cos()], dim=-1).flatten(1)
    rows = wave[:, None, :].expand(side, side, -1)
    columns = wave[None, :, :].expand(side, side, -1)
    return torch.cat([rows, columns], dim=-1).flatten(0, 1)


def time_positions(apart: Tensor, channels: int) -> Tensor:
    """apart: [p]. Returns [p, channels]: all sines, then all cosines."""
    phase = apart[:, None] / _wavelengths(channels // 2)
    return torch.cat([phase.sin(), phase.cos()], dim=-1)


def rotations(channels: int, side: int) -> tuple[Tensor, Tensor]:
    """Cosine and sine of the angle by which each pair of channels is turned at each place of the grid: [side * side,
    channels / 2].

    The first half of the pairs turns with the column, the second with the row (rotary position embedding, Su et al.,
    in two axes).
    """
    speed = 1 / BASE ** (torch.arange(0, channels, 4, dtype=torch.float32) / channels)
    along = torch.arange(side, dtype=torch.float32)[:, None] * speed
    rows = along[:, None, :].expand(side, side, -1)
    columns = along[None, :, :].expand(side, side, -1)
    angle = torch.cat([columns, rows], dim=-1).flatten(0, 1)
    return angle.cos(), angle.sin()


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """x: [b, tokens, channels]; neighbouring channels are a pair. In real numbers: ONNX has no complex ones."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack([even * cosine - odd * sine, even * sine + odd * cosine], dim=-1).flatten(-2)
