"""From an image embedding and prompt tokens to a mask."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .layers import ChannelNorm, FeedForward, Perceptron
from .two_way_transformer import TwoWayTransformer

# One mask for a prompt without doubt, and three (whole, part, subpart) for one with; MedSAM uses the first only.
MASK_TOKENS = 4


class MaskDecoder(nn.Module):
    """The parameters of all four masks are there, since checkpoints hold them; only the first mask is computed."""

    def __init__(self, channels: int = 256, hidden: int = 2048, heads: int = 8):
        super().__init__()
        self.transformer = TwoWayTransformer(channels, heads, lambda: FeedForward(channels, hidden, F.relu))
        self.iou_token = nn.Embedding(1, channels)
        self.mask_tokens = nn.Embedding(MASK_TOKENS, channels)
        self.output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(channels, channels // 4, 2, stride=2),
            ChannelNorm(channels // 4),
            nn.GELU(),
            nn.ConvTranspose2d(channels // 4, channels // 8, 2, stride=2),
            nn.GELU(),
        )
        self.output_hypernetworks_mlps = nn.ModuleList(
            Perceptron(channels, channels, channels, channels // 8) for _ in range(MASK_TOKENS)
        )
        self.iou_prediction_head = Perceptron(channels, 256, 256, MASK_TOKENS)

    def forward(self, image: Tensor, image_place: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """image: [b, channels, grid, grid]; image_place: [1, channels, grid, grid]; tokens: [b, t, channels].

        Returns logits [b, 1, 4 grid, 4 grid] and the estimated intersection over union [b, 1].
        """
        own = torch.cat([self.iou_token.weight, self.mask_tokens.weight])
        tokens = torch.cat([own.expand(tokens.shape[0], -1, -1), tokens], dim=1)
        grid = image_place.shape[-1]
        tokens, pixels = self.transformer(image, image_place, tokens)
        fine = self.upscale(pixels)
        kernel = self.output_hypernetworks_mlps[0](tokens[:, 1])
        logits = fine @ kernel[:, None, :, None]
        logits = logits.reshape(-1, grid, grid, 2, 2, 2, 2).permute(0, 1, 3, 5, 2, 4, 6)
        return logits.reshape(-1, 1, 4 * grid, 4 * grid), self.iou_prediction_head(tokens[:, 0])[:, :1]

    def upscale(self, pixels: Tensor) -> Tensor:
        """[b, pixels, channels] to [b, pixels, 16, channels / 8]: of each pixel its quarters' quarters. What happens to one is
        nobody else's business, so that they need not lie as an image until each is but one number.
        """
        first, norm, activation, second, last = self.output_upscaling
        quarters = quartered(first, pixels).unflatten(2, (4, -1))
        quarters = F.layer_norm(quarters, quarters.shape[-1:], norm.weight, norm.bias, norm.epsilon)
        return last(quartered(second, activation(quarters))).reshape(pixels.shape[0], pixels.shape[1], 16, -1)


def quartered(up: nn.ConvTranspose2d, pixels: Tensor) -> Tensor:
    """A transposed convolution of kernel and stride 2 as the product it is. pixels: [..., inputs]; returns [..., 4 * outputs],
    quarters row by row.
    """
    weight = up.weight.permute(2, 3, 1, 0).reshape(-1, up.in_channels)
    return F.linear(pixels, weight, torch.cat([up.bias] * 4))
