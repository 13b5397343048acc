"""Hiera (Ryali et al., 2023): a ViT in stages, each at half the resolution of the one before."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..sam.image_encoder import from_windows, to_windows
from ..sam.layers import Perceptron


def half(x: Tensor) -> Tensor:
    """The largest of each 2x2: [n, rows, columns, c] to [n, rows / 2, columns / 2, c]."""
    return F.max_pool2d(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)


class PooledAttention(nn.Module):
    """Attention on a grid; where `pooled`, the queries are the largest of each 2x2, and so is the grid that comes
    out.
    """

    def __init__(self, width: int, outputs: int, heads: int, pooled: bool):
        super().__init__()
        self.heads, self.pooled = heads, pooled
        self.qkv = nn.Linear(width, 3 * outputs)
        self.proj = nn.Linear(outputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """x: [m, rows, columns, width]. Returns [m, rows', columns', outputs]."""
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        if self.pooled:
            q = half(q)
        rows, columns = q.shape[1:3]
        q, k, v = (part.flatten(1, 2).unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (q, k, v))
        out = F.scaled_dot_product_attention(q, k, v)
        return self.proj(out.transpose(1, 2).flatten(2).unflatten(1, (rows, columns)))


class Block(nn.Module):
    """window: side of the windows before pooling, or None for attention over all of the grid."""

    def __init__(self, width: int, outputs: int, heads: int, window: int | None, pooled: bool):
        super().__init__()
        self.window, self.pooled = window, pooled
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = PooledAttention(width, outputs, heads, pooled)
        self.norm2 = nn.LayerNorm(outputs, eps=1e-6)
        self.mlp = Perceptron(outputs, 4 * outputs, outputs, activation=F.gelu)
        self.proj = nn.Linear(width, outputs) if width != outputs else None

    def forward(self, x: Tensor) -> Tensor:
        normed = self.norm1(x)
        if self.proj is not None:
            x = self.proj(normed)
        if self.pooled:
            x = half(x)
        seen = to_windows(normed, self.window) if self.window else normed
        seen = self.attn(seen)
        if self.window:
            seen = from_windows(seen, x.shape[1], x.shape[2])
        x = x + seen
        return x + self.mlp(self.norm2(x))


class PatchEmbedding(nn.Module):
    """[n, 3, S, S] to [n, S / 4, S / 4, width], by overlapping patches."""

    def __init__(self, width: int):
        super().__init__()
        self.proj = nn.Conv2d(3, width, 7, stride=4, padding=3)

    def forward(self, image: Tensor) -> Tensor:
        return self.proj(image).permute(0, 2, 3, 1)


class Hiera(nn.Module):
    """[n, 3, S, S] to one feature map for each stage: [n, width * 2^i, S / 4 / 2^i, S / 4 / 2^i]."""

    def __init__(
        self,
        size: int = 512,
        width: int = 96,
        stages: tuple[int, ...] = (1, 2, 7, 2),
        windows: tuple[int, ...] = (8, 4, 14, 7),
        global_blocks: tuple[int, ...] = (5, 7, 9),
    ):
        super().__init__()
        self.size = size
        self.widths = tuple(width * 2**i for i in range(len(stages)))
        self.patch_embed = PatchEmbedding(width)
        self.pos_embed = nn.Parameter(torch.zeros(1, width, 7, 7))
        self.pos_embed_window = nn.Parameter(torch.zeros(1, width, windows[0], windows[0]))
        self.register_buffer("places", None, persistent=False)
        blocks: list[nn.Module] = []
        self.ends = []
        for stage, count in enumerate(stages):
            for i in range(count):
                # The block that pools still sees windows of the stage before: it works on that stage's grid.
                pooled = stage > 0 and i == 0
                came_from = stage - 1 if pooled else stage
                window = None if len(blocks) in global_blocks else windows[came_from]
                blocks.append(Block(self.widths[came_from], self.widths[stage], 2**stage, window, pooled))
            self.ends.append(len(blocks) - 1)
        self.blocks = nn.ModuleList(blocks)

    def positions(self) -> Tensor:
        """[1, S / 4, S / 4, width]: a coarse map for all of the image, and a fine one repeated in each window."""
        side = self.size // 4
        coarse = F.interpolate(self.pos_embed, size=(side, side), mode="bicubic")
        repeats = side // self.pos_embed_window.shape[-1]
        return (coarse + self.pos_embed_window.tile(1, 1, repeats, repeats)).permute(0, 2, 3, 1)

    def fix_positions(self) -> None:
        """Works them out once: an exported graph takes them as they are, since its bicubic enlargement is not
        PyTorch's.
        """
        self.places = self.positions().detach()

    def forward(self, image: Tensor) -> list[Tensor]:
        x = self.patch_embed(image) + (self.positions() if self.places is None else self.places)
        features = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in self.ends:
                features.append(x.permute(0, 3, 1, 2))
        return features
