"""Points, boxes and masks to what the mask decoder reads."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .layers import ChannelNorm

# What a point means; the corners of a box are points as well.
PADDING, OUTSIDE, INSIDE, TOP_LEFT, BOTTOM_RIGHT = -1, 0, 1, 2, 3


class RandomFourier(nn.Module):
    """Position in 0..1 to sines and cosines of random frequencies, which the checkpoint holds."""

    def __init__(self, frequencies: int):
        super().__init__()
        self.register_buffer("positional_encoding_gaussian_matrix", torch.zeros(2, frequencies))

    def forward(self, at: Tensor) -> Tensor:
        """at: [..., 2], x before y. Returns [..., 2 * frequencies]."""
        phase = 2 * math.pi * ((2 * at - 1) @ self.positional_encoding_gaussian_matrix)
        return torch.cat([torch.sin(phase), torch.cos(phase)], dim=-1)


class PromptEncoder(nn.Module):
    """size: side of the image in pixels. grid: side of the embedding; masks have four times that."""

    def __init__(self, channels: int, size: int, grid: int):
        super().__init__()
        self.size, self.grid, self.channels = size, grid, channels
        self.pe_layer = RandomFourier(channels // 2)
        self.point_embeddings = nn.ModuleList(nn.Embedding(1, channels) for _ in range(4))
        self.not_a_point_embed = nn.Embedding(1, channels)
        self.mask_downscaling = nn.Sequential(
            nn.Conv2d(1, 4, 2, stride=2),
            ChannelNorm(4),
            nn.GELU(),
            nn.Conv2d(4, 16, 2, stride=2),
            ChannelNorm(16),
            nn.GELU(),
            nn.Conv2d(16, channels, 1),
        )
        self.no_mask_embed = nn.Embedding(1, channels)

    def points(self, at: Tensor, labels: Tensor) -> Tensor:
        """at: [b, p, 2] in pixels of the image, x before y; labels: [b, p] of the constants above. Returns [b, p,
        channels].
        """
        kinds = torch.cat([self.not_a_point_embed.weight, *(e.weight for e in self.point_embeddings)])
        where = self.pe_layer((at + 0.5) / self.size)
        where = torch.where((labels == PADDING)[..., None], torch.zeros(1), where)
        return where + kinds[labels.to(torch.int64) + 1]

    def boxes(self, boxes: Tensor) -> Tensor:
        """boxes: [b, 4] x0, y0, x1, y1 in pixels of the image. Returns [b, 2, channels], one for each corner."""
        labels = torch.tensor([[TOP_LEFT, BOTTOM_RIGHT]], device=boxes.device)
        return self.points(boxes.reshape(-1, 2, 2), labels)

    def mask(self, mask: Tensor, present: Tensor) -> Tensor:
        """mask: [b, 1, 4 grid, 4 grid] logits; present: [b], 0 where there is none. Returns [b, channels, grid,
        grid].
        """
        *first, last = self.mask_downscaling
        present = (present > 0)[:, None, None, None]
        features = nn.Sequential(*first)(mask) * present.to(mask.dtype)
        # Chosen before there are `channels` of them.
        return F.conv2d(features, last.weight) + torch.where(present, last.bias[:, None, None], self.no_mask())

    def no_mask(self) -> Tensor:
        """[1, channels, 1, 1]"""
        return self.no_mask_embed.weight[:, :, None, None]

    def image_positions(self) -> Tensor:
        """Where each pixel of the embedding lies: [1, channels, grid, grid]."""
        side = (torch.arange(self.grid, device=self.no_mask_embed.weight.device) + 0.5) / self.grid
        y, x = torch.meshgrid(side, side, indexing="ij")
        return self.pe_layer(torch.stack([x, y], dim=-1)).permute(2, 0, 1)[None]
