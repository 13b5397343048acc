"""The network: a residual U-Net on a crop, small enough for one CPU."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTHS = (64, 96, 128, 192, 256)


class Residual(nn.Module):
    """Two 3x3 convolutions with batch normalisation beside a shortcut."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs))
        self.second = nn.Sequential(nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs))
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class CropNet(nn.Module):
    """Logits [n, 1, S, S] from a crop [n, 4, S, S] (red, green, blue in 0..1, box); S is a multiple of 32.

    Beside the colours as they are, the network sees them standardised by mean and deviation inside of
    the box, so that a faint object looks like a strong one, and the position in the crop, which (the box
    being in its centre) says how far the box's edges are. Pixels are handled in groups of 2x2: a
    quarter of the work at the finest level, undone by a sub-pixel shuffle at the end.
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS):
        super().__init__()
        self.widths = tuple(widths)
        self.stem = nn.Conv2d(4 * (4 + 3 + 2), widths[0], 1, bias=False)
        self.down = nn.ModuleList(Residual(a, b) for a, b in zip((widths[0], *widths[:-1]), widths))
        self.up = nn.ModuleList(Residual(b + a, a) for a, b in zip(widths[:-1], widths[1:]))
        self.head = nn.Conv2d(widths[0], 4, 1)

    def inputs(self, crop: Tensor) -> Tensor:
        colour, box = crop[:, :3], crop[:, 3:]
        share = box / box.sum(dim=(2, 3), keepdim=True).clamp_min(1e-3)
        mean = (colour * share).sum(dim=(1, 2, 3), keepdim=True) / 3
        variance = ((colour - mean).square() * share).sum(dim=(1, 2, 3), keepdim=True) / 3
        standard = ((colour - mean) / (variance + 1e-4).sqrt()).clamp(-5, 5)
        side = torch.linspace(-1, 1, crop.shape[-1], device=crop.device)
        across = side[None, None, None, :].expand_as(box)
        down = side[None, None, :, None].expand_as(box)
        return torch.cat([crop, standard, across, down], dim=1)

    def forward(self, crop: Tensor) -> Tensor:
        x = self.stem(F.pixel_unshuffle(self.inputs(crop), 2))
        levels = []
        for i, block in enumerate(self.down):
            x = block(x if i == 0 else F.max_pool2d(x, 2))
            levels.append(x)
        for block, skip in zip(reversed(self.up), reversed(levels[:-1])):
            x = block(torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), skip], dim=1))
        return F.pixel_shuffle(self.head(x), 2)
