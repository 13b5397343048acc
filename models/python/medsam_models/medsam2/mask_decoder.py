"""The mask decoder of SAM 2: finer features join, and a token says whether the object is there at all."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..sam.layers import ChannelNorm, Perceptron
from ..sam.mask_decoder import MASK_TOKENS
from ..sam.two_way_transformer import TwoWayTransformer

# The single mask counts as stable where moving the threshold by so much changes its area by less than 2 %.
STABILITY_STEP, STABLE = 0.05, 0.98


@dataclass(frozen=True)
class Masks:
    """logits: [b, 4, 4 g, 4 g]; iou: [b, 4]; tokens: [b, 4, channels]; present: [b, 1] logit."""

    logits: Tensor
    iou: Tensor
    tokens: Tensor
    present: Tensor


class MaskDecoder(nn.Module):
    def __init__(self, channels: int, hidden: int = 2048, heads: int = 8):
        super().__init__()
        self.transformer = TwoWayTransformer(channels, heads, lambda: Perceptron(channels, hidden, channels))
        self.obj_score_token = nn.Embedding(1, channels)
        self.iou_token = nn.Embedding(1, channels)
        self.mask_tokens = nn.Embedding(MASK_TOKENS, channels)
        self.output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(channels, channels // 4, 2, stride=2),
            ChannelNorm(channels // 4),
            nn.GELU(),
            nn.ConvTranspose2d(channels // 4, channels // 8, 2, stride=2),
            nn.GELU(),
        )
        self.conv_s0 = nn.Conv2d(channels, channels // 8, 1)
        self.conv_s1 = nn.Conv2d(channels, channels // 4, 1)
        self.output_hypernetworks_mlps = nn.ModuleList(
            Perceptron(channels, channels, channels, channels // 8) for _ in range(MASK_TOKENS)
        )
        self.iou_prediction_head = Perceptron(channels, 256, 256, MASK_TOKENS)
        self.pred_obj_score_head = Perceptron(channels, channels, channels, 1)

    def forward(self, image: Tensor, image_place: Tensor, tokens: Tensor, high1: Tensor, high0: Tensor) -> Masks:
        """image: [b, channels, g, g]; tokens: [b, t, channels]; high1: [b, channels / 4, 2 g, 2 g]; high0: [b,
        channels / 8, 4 g, 4 g].
        """
        own = torch.cat([self.obj_score_token.weight, self.iou_token.weight, self.mask_tokens.weight])
        tokens = torch.cat([own.expand(tokens.shape[0], -1, -1), tokens], dim=1)
        tokens, pixels = self.transformer(image, image_place, tokens)
        image = pixels.transpose(1, 2).unflatten(2, image.shape[2:])
        first, norm, activation, second, last = self.output_upscaling
        fine = last(second(activation(norm(first(image) + high1))) + high0)
        mask_tokens = tokens[:, 2 : 2 + MASK_TOKENS]
        kernels = torch.stack([mlp(mask_tokens[:, i]) for i, mlp in enumerate(self.output_hypernetworks_mlps)], dim=1)
        logits = (kernels @ fine.flatten(2)).unflatten(2, fine.shape[2:])
        iou = torch.sigmoid(self.iou_prediction_head(tokens[:, 1]))
        return Masks(logits, iou, mask_tokens, self.pred_obj_score_head(tokens[:, 0]))


def best_of_three(masks: Masks) -> tuple[Tensor, Tensor]:
    """Of whole, part and subpart the one that the model trusts most: logits [b, 1, 4 g, 4 g] and its token [b,
    channels].
    """
    best = F.one_hot(masks.iou[:, 1:].argmax(dim=1), MASK_TOKENS - 1).to(torch.bool)
    logits = torch.where(best[:, :, None, None], masks.logits[:, 1:], torch.zeros(1)).sum(dim=1, keepdim=True)
    token = torch.where(best[:, :, None], masks.tokens[:, 1:], torch.zeros(1)).sum(dim=1)
    return logits, token


def single_or_best(masks: Masks) -> tuple[Tensor, Tensor]:
    """The single mask if it is stable, otherwise the best of three; the token is the single mask's either way."""
    single = masks.logits[:, :1]
    inner = (single > STABILITY_STEP).to(single.dtype).sum(dim=(2, 3), keepdim=True)
    outer = (single > -STABILITY_STEP).to(single.dtype).sum(dim=(2, 3), keepdim=True)
    stable = (outer == 0) | (inner / outer.clamp_min(1) >= STABLE)
    return torch.where(stable, single, best_of_three(masks)[0]), masks.tokens[:, 0]
