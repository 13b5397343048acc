"""The image encoder of LiteMedSAM: convolutions first, then windowed attention with learned biases."""

from __future__ import annotations

from collections import OrderedDict
from itertools import product

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..sam.fused_attention import fused_attention
from ..sam.image_encoder import from_windows, to_windows
from ..sam.layers import neck


def convolution(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A convolution with batch normalisation; the exporter makes one convolution of the two."""
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(OrderedDict(c=conv, bn=nn.BatchNorm2d(outputs)))


class PatchEmbedding(nn.Module):
    """[n, 3, S, S] to [n, width, S, S]: the patch is a single pixel here."""

    def __init__(self, width: int):
        super().__init__()
        self.seq = nn.Sequential(convolution(3, width // 2), nn.GELU(), convolution(width // 2, width))

    def forward(self, image: Tensor) -> Tensor:
        return self.seq(image)


class ConvolutionBlock(nn.Module):
    """Inverted bottleneck; [n, width, s, s] to the same."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1 = convolution(width, 4 * width)
        self.conv2 = convolution(4 * width, 4 * width, kernel=3, groups=4 * width)
        self.conv3 = convolution(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return F.gelu(x + self.conv3(F.gelu(self.conv2(F.gelu(self.conv1(x))))))


class Merging(nn.Module):
    """[n, width, s, s] to [n, outputs, s / stride, s / stride]."""

    def __init__(self, width: int, outputs: int, stride: int):
        super().__init__()
        self.conv1 = convolution(width, outputs)
        self.conv2 = convolution(outputs, outputs, kernel=3, stride=stride, groups=outputs)
        self.conv3 = convolution(outputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv3(F.gelu(self.conv2(F.gelu(self.conv1(x)))))


class Attention(nn.Module):
    """Attention within one window of side x side tokens, with a bias for each head and distance."""

    def __init__(self, width: int, heads: int, side: int):
        super().__init__()
        self.heads, self.scale = heads, (width // heads) ** -0.5
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.attention_biases = nn.Parameter(torch.zeros(heads, side * side))
        # Distances are numbered in the order in which a walk over all pairs meets them: that of (|dy|, |dx|), row by
        # row.
        at = torch.tensor(list(product(range(side), repeat=2)))
        apart = (at[:, None] - at[None, :]).abs()
        self.register_buffer("distance", apart[..., 0] * side + apart[..., 1], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """x: [m, tokens, width]. Returns the same shape. Padding tokens count like others, as in training."""
        m, (tokens, width) = x.shape[0], (int(length) for length in x.shape[1:])
        qkv = self.qkv(self.norm(x)).reshape(m, tokens, self.heads, 3, -1)
        q, k, v = (part.reshape(m, tokens, width) for part in qkv.unbind(dim=3))
        bias = self.attention_biases[:, self.distance]
        return self.proj(fused_attention(q * self.scale, k, v, bias, self.heads))


class FeedForward(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(self.norm(x))))


class AttentionBlock(nn.Module):
    """[n, width, s, s] to the same, in windows of `side` x `side`."""

    def __init__(self, width: int, heads: int, side: int):
        super().__init__()
        self.side = side
        self.attn = Attention(width, heads, side)
        self.mlp = FeedForward(width)
        self.local_conv = convolution(width, width, kernel=3, groups=width)

    def forward(self, x: Tensor) -> Tensor:
        rows, columns = x.shape[2:]
        grid = x.permute(0, 2, 3, 1)
        windows = to_windows(grid, self.side)
        seen = self.attn(windows.flatten(1, 2)).unflatten(1, (self.side, self.side))
        grid = grid + from_windows(seen, rows, columns)
        grid = self.local_conv(grid.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return (grid + self.mlp(grid)).permute(0, 3, 1, 2)


class Stage(nn.Module):
    def __init__(self, blocks: list[nn.Module], downsample: nn.Module | None):
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
        return x if self.downsample is None else self.downsample(x)


# How much each stage shrinks what it hands on.
STRIDES = (2, 2, 1)


class TinyViT(nn.Module):
    """[n, 3, S, S] float32 in 0..1 to [n, channels, S / 4, S / 4]."""

    def __init__(
        self,
        widths: tuple[int, ...] = (64, 128, 160, 320),
        depths: tuple[int, ...] = (2, 2, 6, 2),
        heads: tuple[int, ...] = (2, 4, 5, 10),
        sides: tuple[int, ...] = (7, 7, 14, 7),
        channels: int = 256,
    ):
        super().__init__()
        self.patch_embed = PatchEmbedding(widths[0])
        stages = []
        for i, width in enumerate(widths):
            merging = Merging(width, widths[i + 1], STRIDES[i]) if i + 1 < len(widths) else None
            blocks = [
                ConvolutionBlock(width) if i == 0 else AttentionBlock(width, heads[i], sides[i])
                for _ in range(depths[i])
            ]
            stages.append(Stage(blocks, merging))
        self.layers = nn.ModuleList(stages)
        self.neck = neck(widths[-1], channels)

    def forward(self, image: Tensor) -> Tensor:
        x = self.patch_embed(image)
        for stage in self.layers:
            x = stage(x)
        return self.neck(x)
