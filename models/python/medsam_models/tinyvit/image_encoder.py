"""The image encoder of LiteMedSAM: convolutions first, then windowed attention with learned biases."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from itertools import product

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..sam.fused_attention import fused_attention
from ..sam.image_encoder import from_windows, to_windows
from ..sam.layers import neck


Layer = Callable[[Tensor], Tensor]
# Rows of a strip. What lies between two products is up to four times as wide as what goes in; of the whole image at once it takes
# 67 MB, and memory is what such a layer then waits for. In strips it stays in the processor's cache.
STRIP = 32


def in_strips(x: Tensor, work: Layer, stride: int = 1) -> Tensor:
    """`work` done to [n, c, rows, columns] strip by strip, where it reads no further than one row up and down; `stride` is how much
    it shrinks.
    """
    rows, strips = int(x.shape[2]), []
    for start in range(0, rows, STRIP):
        end = min(rows, start + STRIP)
        # With the neighbours on either side, whose own results are wrong and left out.
        above, below = max(0, start - stride), min(rows, end + stride)
        strips.append(work(x[:, :, above:below])[:, :, (start - above) // stride : (end - above) // stride])
    return torch.cat(strips, dim=2)


class Convolution(nn.Sequential):
    """A convolution with batch normalisation, by the names of the checkpoint."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1):
        conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        super().__init__(OrderedDict(c=conv, bn=nn.BatchNorm2d(outputs)))

    def forward(self, x: Tensor) -> Tensor:
        return self.folded()(x)

    def folded(self) -> Layer:
        """The one convolution that the two are once they are trained; its weights are computed once however often it is called."""
        scale = self.bn.weight / torch.sqrt(self.bn.running_var + self.bn.eps)
        weight, bias = self.c.weight * scale[:, None, None, None], self.bn.bias - self.bn.running_mean * scale
        return lambda x: F.conv2d(x, weight, bias, self.c.stride, self.c.padding, groups=self.c.groups)


class PatchEmbedding(nn.Module):
    """[n, 3, S, S] to [n, width, S, S]: the patch is a single pixel here."""

    def __init__(self, width: int):
        super().__init__()
        self.seq = nn.Sequential(Convolution(3, width // 2), nn.GELU(), Convolution(width // 2, width))

    def forward(self, image: Tensor) -> Tensor:
        return self.seq(image)


class ConvolutionBlock(nn.Module):
    """Inverted bottleneck; [n, width, s, s] to the same."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1 = Convolution(width, 4 * width)
        self.conv2 = Convolution(4 * width, 4 * width, kernel=3, groups=4 * width)
        self.conv3 = Convolution(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        widen, mix, narrow = self.conv1.folded(), self.conv2.folded(), self.conv3.folded()
        return in_strips(x, lambda x: F.gelu(x + narrow(F.gelu(mix(F.gelu(widen(x)))))))


class Merging(nn.Module):
    """[n, width, s, s] to [n, outputs, s / stride, s / stride]."""

    def __init__(self, width: int, outputs: int, stride: int):
        super().__init__()
        self.stride = stride
        self.conv1 = Convolution(width, outputs)
        self.conv2 = Convolution(outputs, outputs, kernel=3, stride=stride, groups=outputs)
        self.conv3 = Convolution(outputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        first, shrink, last = self.conv1.folded(), self.conv2.folded(), self.conv3.folded()
        return in_strips(x, lambda x: last(F.gelu(shrink(F.gelu(first(x))))), self.stride)


class Attention(nn.Module):
    """Attention within windows of side x side tokens, with a bias for each head and distance."""

    def __init__(self, width: int, heads: int, side: int):
        super().__init__()
        self.heads, self.side, self.scale = heads, side, (width // heads) ** -0.5
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
        """x: [n, rows, columns, width]. Returns the same shape. Padding tokens count like others, as in training."""
        weight, constant = self.projection()
        bias = self.attention_biases[None, :, self.distance]
        whole_windows = STRIP // self.side * self.side
        strips = [self.attend(strip, weight, constant, bias) for strip in x.split(whole_windows, dim=1)]
        return torch.cat(strips, dim=1)

    def attend(self, x: Tensor, weight: Tensor, constant: Tensor, bias: Tensor) -> Tensor:
        rows, columns, width = (int(length) for length in x.shape[1:])
        # Zeros are padded before norm and projection upstream; after them they are worth a constant. So only real tokens are
        # multiplied.
        qkv = F.linear(F.layer_norm(x, (width,), self.norm.weight, torch.zeros(width), self.norm.eps), weight)
        qkv = to_windows(qkv, self.side).flatten(1, 2) + constant
        seen = fused_attention(*qkv.split(width, dim=-1), bias, self.heads)
        return self.proj(from_windows(seen.unflatten(1, (self.side, self.side)), rows, columns))

    def projection(self) -> tuple[Tensor, Tensor]:
        """To q of all heads, scaled, then k, then v, from what was normalised without a shift: [3 * width, width], [3 * width]."""

        def sorted_by_part(x: Tensor) -> Tensor:
            q, k, v = x.unflatten(0, (self.heads, 3, -1)).unbind(1)
            return torch.cat([q.flatten(0, 1) * self.scale, k.flatten(0, 1), v.flatten(0, 1)])

        constant = (self.qkv.weight * self.norm.bias).sum(dim=1) + self.qkv.bias
        return sorted_by_part(self.qkv.weight), sorted_by_part(constant)


class FeedForward(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """x: [n, rows, columns, width]. Returns the same shape."""
        return torch.cat([self.fc2(F.gelu(self.fc1(self.norm(strip)))) for strip in x.split(STRIP, dim=1)], dim=1)


class AttentionBlock(nn.Module):
    """[n, width, s, s] to the same, in windows of `side` x `side`."""

    def __init__(self, width: int, heads: int, side: int):
        super().__init__()
        self.attn = Attention(width, heads, side)
        self.mlp = FeedForward(width)
        self.local_conv = Convolution(width, width, kernel=3, groups=width)

    def forward(self, x: Tensor) -> Tensor:
        grid = x.permute(0, 2, 3, 1)
        grid = grid + self.attn(grid)
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
