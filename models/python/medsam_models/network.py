"""The network: a residual U-Net on a crop, with attention at its bottom, small enough for one CPU."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .crop import CHANNELS

WIDTHS = (64, 96, 128, 192, 256)
# The level whose pixels, a hundred at the usual crop, look at each other.
ATTENTION_LEVEL, HEADS = 3, 6
SCORE_WIDTH = 64
# The three colours and the slice beside.
STANDARDISED = 4


def autocast(device: str) -> torch.autocast:
    """bfloat16 where `device` ("cpu" or "cuda") has units for it. Without, it is emulated, some twenty times slower than float32."""
    units = device != "cpu" or any(torch.cpu.get_capabilities().get(unit) for unit in ("amx_bf16", "avx512_bf16"))
    return torch.autocast(device, dtype=torch.bfloat16, enabled=units)


class Residual(nn.Module):
    """Two 3x3 convolutions with batch normalisation beside a shortcut."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs))
        self.second = nn.Sequential(nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs))
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class Attention(nn.Module):
    """Every pixel [n, c, h, w] looks at every other: parts of one object that lie apart get to know of each other.

    Its last layer begins at zero: to weights trained without it, it adds nothing until it has learned to.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.norm = nn.GroupNorm(1, channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        qkv = self.qkv(self.norm(x)).reshape(n, 3, HEADS, c // HEADS, h * w).transpose(3, 4)
        q, k, v = qkv.unbind(1)
        weights = torch.softmax(q @ k.transpose(2, 3) * (c // HEADS) ** -0.5, dim=-1)
        return x + self.out((weights @ v).transpose(2, 3).reshape(n, c, h, w))


class Score(nn.Module):
    """Predicted IoU [n] of the mask with the object: from the bottom of the network, from the finest features inside of the
    mask and along its uncertain edge, and from the Dice that the logits themselves expect.
    """

    def __init__(self, bottom: int, finest: int):
        super().__init__()
        self.hidden = nn.Linear(bottom + 2 * finest + 2, SCORE_WIDTH)
        self.out = nn.Linear(SCORE_WIDTH, 1)

    def forward(self, bottom: Tensor, finest: Tensor, logits: Tensor) -> Tensor:
        """bottom [n, b, ...], finest [n, f, S/2, S/2], logits [n, 4, S/2, S/2] (2x2 pixels in one)."""
        chance = torch.sigmoid(logits)
        inside = chance.mean(dim=1, keepdim=True)
        edge = (4 * chance * (1 - chance)).mean(dim=1, keepdim=True)
        sure = (chance * (logits > 0)).sum(dim=(1, 2, 3))
        dice = 2 * sure / (chance.sum(dim=(1, 2, 3)) + (logits > 0).sum(dim=(1, 2, 3)) + 1e-3)

        def mean_over(share: Tensor) -> Tensor:
            return (finest * share).sum(dim=(2, 3)) / (share.sum(dim=(2, 3)) + 1e-3)

        facts = torch.stack([dice, inside.mean(dim=(1, 2, 3))], dim=1)
        found = torch.cat([bottom.mean(dim=(2, 3)), mean_over(inside), mean_over(edge), facts], dim=1)
        return torch.sigmoid(self.out(F.relu(self.hidden(found))))[:, 0]


class CropNet(nn.Module):
    """(logits [n, 1, S, S], predicted IoU [n]) from a crop [n, 8, S, S] (`crop.CHANNELS`); S is a multiple of 32.

    Beside the colours as they are, the network sees them standardised by mean and deviation inside of
    the box, so that a faint object looks like a strong one (the slice beside by the same measure), and the position in the crop, which (the box
    being in its centre) says how far the box's edges are. Pixels are handled in groups of 2x2: a
    quarter of the work at the finest level, undone by a sub-pixel shuffle at the end.
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS):
        super().__init__()
        self.widths = tuple(widths)
        self.stem = nn.Conv2d(4 * (len(CHANNELS) + STANDARDISED + 2), widths[0], 1, bias=False)
        self.down = nn.ModuleList(Residual(a, b) for a, b in zip((widths[0], *widths[:-1]), widths))
        self.attention = Attention(widths[ATTENTION_LEVEL])
        self.up = nn.ModuleList(Residual(b + a, a) for a, b in zip(widths[:-1], widths[1:]))
        self.head = nn.Conv2d(widths[0], 4, 1)
        self.score = Score(widths[-1], widths[0])

    def inputs(self, crop: Tensor) -> Tensor:
        colour, box = crop[:, :3], crop[:, 3:4]
        share = box / box.sum(dim=(2, 3), keepdim=True).clamp_min(1e-3)
        mean = (colour * share).sum(dim=(1, 2, 3), keepdim=True) / 3
        variance = ((colour - mean).square() * share).sum(dim=(1, 2, 3), keepdim=True) / 3
        beside = crop[:, 7:8]
        shown = torch.cat([colour, beside], dim=1)
        standard = ((shown - mean) / (variance + 1e-4).sqrt()).clamp(-5, 5)
        # Without a slice beside its channels stay 0, which is no grey level that one has.
        given = (beside.amax(dim=(2, 3), keepdim=True) > 0).to(crop.dtype)
        standard = torch.cat([standard[:, :3], standard[:, 3:] * given], dim=1)
        side = torch.linspace(-1, 1, crop.shape[-1], device=crop.device)
        across = side[None, None, None, :].expand_as(box)
        down = side[None, None, :, None].expand_as(box)
        return torch.cat([crop, standard, across, down], dim=1)

    def forward(self, crop: Tensor) -> tuple[Tensor, Tensor]:
        x = self.stem(F.pixel_unshuffle(self.inputs(crop), 2))
        levels = []
        for i, block in enumerate(self.down):
            x = block(x if i == 0 else F.max_pool2d(x, 2))
            if i == ATTENTION_LEVEL:
                x = self.attention(x)
            levels.append(x)
        for block, skip in zip(reversed(self.up), reversed(levels[:-1])):
            x = block(torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), skip], dim=1))
        logits = self.head(x)
        # The score judges the mask and does not bend it: what it learns stays in its own layers.
        score = self.score(levels[-1].detach(), x.detach(), logits.detach())
        return F.pixel_shuffle(logits, 2), score
