"""The image encoder: Hiera, and a feature pyramid that brings its stages to one width."""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn
from torch.nn import functional as F

from .hiera import Hiera


class Pyramid(nn.Module):
    def __init__(self, widths: tuple[int, ...], channels: int):
        super().__init__()
        # Coarsest first, as checkpoints have them.
        self.convs = nn.ModuleList(
            nn.Sequential(OrderedDict(conv=nn.Conv2d(width, channels, 1))) for width in reversed(widths)
        )

    def forward(self, features: list[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """features: finest first. Returns the three finest levels; only the third is joined by the coarser one above
        it.
        """
        fine, middle, coarse, top = (conv(x) for conv, x in zip(reversed(self.convs), features))
        return fine, middle, coarse + F.interpolate(top, scale_factor=2.0, mode="nearest")


class ImageEncoder(nn.Module):
    """[n, 3, S, S] to [n, channels, S / 4, ..], [n, channels, S / 8, ..], [n, channels, S / 16, ..]."""

    def __init__(self, trunk: Hiera, channels: int):
        super().__init__()
        self.trunk = trunk
        self.neck = Pyramid(trunk.widths, channels)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.neck(self.trunk(image))
