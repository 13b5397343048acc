"""The ViT image encoder of SAM: windowed attention with some global blocks, decomposed relative positions."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .fused_attention import fused_attention
from .layers import FeedForward, neck


# Most queries at a time: the scores of all of them to all keys would take 0.8 GB in ViT-B, and fewer take longer.
STRIP = 512


class Attention(nn.Module):
    """Self-attention on a grid, over all of it (`window` None) or within windows of `window` x `window` tokens.

    The score of query (y, x) and key (y', x') is q k / sqrt(d) + q Rh[y - y'] + q Rw[x - x'].
    """

    def __init__(self, width: int, heads: int, grid: int, window: int | None):
        super().__init__()
        self.heads, self.window = heads, window
        side = window or grid
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.rel_pos_h = nn.Parameter(torch.zeros(2 * side - 1, width // heads))
        self.rel_pos_w = nn.Parameter(torch.zeros(2 * side - 1, width // heads))
        at = torch.arange(side)
        self.register_buffer("distance", at[:, None] - at[None, :] + side - 1, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """x: [n, rows, columns, width], normalised. Returns the same shape."""
        rows, columns = x.shape[1:3]
        # Zeros are padded before the projection upstream; after it they are worth its bias. So only real tokens are
        # multiplied.
        qkv = F.linear(x, self.qkv.weight)
        if self.window:
            qkv = to_windows(qkv, self.window)
        out = self.attend(qkv + self.qkv.bias)
        if self.window:
            out = from_windows(out, rows, columns)
        return self.proj(out)

    def attend(self, qkv: Tensor) -> Tensor:
        """qkv: [m, side, side, 3 * width]. Returns [m, side, side, width]."""
        m, side, width = qkv.shape[0], int(qkv.shape[1]), int(qkv.shape[3]) // 3
        d = width // self.heads
        q, k, v = qkv.split(width, dim=-1)
        # [side, d, side]: for the query's row, each row of keys; it reads q of all columns and heads at once.
        down = self.rel_pos_h[self.distance].transpose(1, 2)
        across = self.rel_pos_w[self.distance].transpose(1, 2)
        by_row = (q.reshape(m, side, side * self.heads, d) @ down).reshape(m, side, side, self.heads, side)
        turned = q.reshape(m, side, side, self.heads, d).transpose(1, 2).reshape(m, side, side * self.heads, d)
        by_column = (turned @ across).reshape(m, side, side, self.heads, side).transpose(1, 2)
        # Over queries (y, x), then keys y' or x'.
        by_row, by_column = by_row.permute(0, 3, 1, 2, 4).unsqueeze(-1), by_column.permute(0, 3, 1, 2, 4).unsqueeze(-2)
        q = q * d**-0.5
        k, v = k.reshape(m, side * side, width), v.reshape(m, side * side, width)
        seen = []
        for y in range(0, side, STRIP // side):
            strip = slice(y, min(y + STRIP // side, side))
            queries = (strip.stop - y) * side
            bias = (by_row[:, :, strip] + by_column[:, :, strip]).reshape(m, self.heads, queries, side * side)
            seen.append(fused_attention(q[:, strip].reshape(m, queries, width), k, v, bias, self.heads))
        return torch.cat(seen, dim=1).reshape(m, side, side, width)


def windows_along(length: int, side: int) -> int:
    return (length + side - 1) // side


def to_windows(x: Tensor, side: int) -> Tensor:
    """[n, rows, columns, c], zeros added below and to the right, cut into [n * windows, side, side, c]."""
    n = x.shape[0]
    # As plain numbers: the grid is fixed, and an exported graph need not compute it.
    rows, columns, c = (int(length) for length in x.shape[1:])
    down, across = windows_along(rows, side), windows_along(columns, side)
    x = F.pad(x, (0, 0, 0, across * side - columns, 0, down * side - rows))
    return x.reshape(n, down, side, across, side, c).transpose(2, 3).reshape(n * down * across, side, side, c)


def from_windows(x: Tensor, rows: int, columns: int) -> Tensor:
    """The inverse of `to_windows`: back to [n, rows, columns, c]."""
    side, c = int(x.shape[1]), int(x.shape[3])
    rows, columns = int(rows), int(columns)
    down, across = windows_along(rows, side), windows_along(columns, side)
    x = x.reshape(-1, down, across, side, side, c).transpose(2, 3)
    return x.reshape(-1, down * side, across * side, c)[:, :rows, :columns]


class Block(nn.Module):
    def __init__(self, width: int, heads: int, grid: int, window: int | None):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads, grid, window)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = FeedForward(width, 4 * width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbedding(nn.Module):
    """[n, 3, rows, columns] to [n, rows / patch, columns / patch, width]."""

    def __init__(self, width: int, patch: int):
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch, stride=patch)

    def forward(self, image: Tensor) -> Tensor:
        return self.proj(image).permute(0, 2, 3, 1)


class ImageEncoder(nn.Module):
    """[n, 3, size, size] float32 in 0..1 to [n, channels, size / patch, size / patch]."""

    def __init__(
        self,
        size: int = 1024,
        patch: int = 16,
        width: int = 768,
        depth: int = 12,
        heads: int = 12,
        window: int = 14,
        global_blocks: tuple[int, ...] = (2, 5, 8, 11),
        channels: int = 256,
    ):
        super().__init__()
        grid = size // patch
        self.patch_embed = PatchEmbedding(width, patch)
        self.pos_embed = nn.Parameter(torch.zeros(1, grid, grid, width))
        self.blocks = nn.ModuleList(
            Block(width, heads, grid, None if i in global_blocks else window) for i in range(depth)
        )
        self.neck = neck(width, channels)

    def forward(self, image: Tensor) -> Tensor:
        x = self.patch_embed(image) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.neck(x.permute(0, 3, 1, 2))
