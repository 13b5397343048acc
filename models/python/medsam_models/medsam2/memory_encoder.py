"""A slice and its mask to what is remembered of them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..sam.layers import ChannelNorm

# The mask is spread from probabilities 0..1 to -10..10.
SCALE, OFFSET = 20.0, -10.0


class MaskDownsampler(nn.Module):
    """[b, 1, 16 g, 16 g] to [b, channels, g, g]."""

    def __init__(self, channels: int):
        super().__init__()
        layers: list[nn.Module] = []
        widths = (1, 4, 16, 64, 256)
        for a, b in zip(widths, widths[1:]):
            layers += [nn.Conv2d(a, b, 3, stride=2, padding=1), ChannelNorm(b), nn.GELU()]
        self.encoder = nn.Sequential(*layers, nn.Conv2d(widths[-1], channels, 1))

    def forward(self, mask: Tensor) -> Tensor:
        return self.encoder(mask)


class ConvNextBlock(nn.Module):
    """[b, width, g, g] to the same (Liu et al., 2022)."""

    def __init__(self, width: int):
        super().__init__()
        self.dwconv = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = ChannelNorm(width)
        self.pwconv1 = nn.Linear(width, 4 * width)
        self.pwconv2 = nn.Linear(4 * width, width)
        self.gamma = nn.Parameter(torch.full((width,), 1e-6))

    def forward(self, x: Tensor) -> Tensor:
        inner = self.norm(self.dwconv(x)).permute(0, 2, 3, 1)
        inner = self.gamma * self.pwconv2(F.gelu(self.pwconv1(inner)))
        return x + inner.permute(0, 3, 1, 2)


class Fuser(nn.Module):
    def __init__(self, width: int, depth: int = 2):
        super().__init__()
        self.layers = nn.ModuleList(ConvNextBlock(width) for _ in range(depth))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


class MemoryEncoder(nn.Module):
    def __init__(self, channels: int, memory_channels: int):
        super().__init__()
        self.mask_downsampler = MaskDownsampler(channels)
        self.pix_feat_proj = nn.Conv2d(channels, channels, 1)
        self.fuser = Fuser(channels)
        self.out_proj = nn.Conv2d(channels, memory_channels, 1)

    def forward(self, feat: Tensor, logits: Tensor, is_prompt: Tensor) -> Tensor:
        """feat: [b, channels, g, g]; logits: [b, 1, 16 g, 16 g]; is_prompt: [b], 1 where a person's prompt made the
        mask: such a mask is trusted, and remembered as yes or no. Returns [b, memory channels, g, g].
        """
        certain = (logits > 0).to(logits.dtype)
        share = torch.where((is_prompt > 0)[:, None, None, None], certain, torch.sigmoid(logits))
        x = self.pix_feat_proj(feat) + self.mask_downsampler(SCALE * share + OFFSET)
        return self.out_proj(self.fuser(x))
