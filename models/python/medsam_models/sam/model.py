"""Image encoder, prompt encoder and mask decoder together, by the names of the published checkpoints."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .mask_decoder import MaskDecoder
from .prompt_encoder import PromptEncoder


class Sam(nn.Module):
    """size: side of the square input image in pixels; grid: side of its embedding."""

    def __init__(self, image_encoder: nn.Module, size: int, grid: int = 64, channels: int = 256, hidden: int = 2048):
        super().__init__()
        self.size = size
        self.image_encoder = image_encoder
        self.prompt_encoder = PromptEncoder(channels, size, grid)
        self.mask_decoder = MaskDecoder(channels, hidden)

    def encode(self, image: Tensor) -> Tensor:
        """image: [n, 3, size, size] in 0..1. Returns [n, channels, grid, grid]."""
        return self.image_encoder(image)

    def decode(
        self, embedding: Tensor, boxes: Tensor, points: Tensor, labels: Tensor, mask: Tensor, has_mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """b boxes on one image (n = 1) or on an image each (n = b); one image is not repeated, it is broadcast.

        embedding: [n, channels, grid, grid]; boxes: [b, 4] x0, y0, x1, y1; points: [b, p, 2] x, y; both in input
        pixels.
        labels: [b, p], 1 inside, 0 outside, -1 padding; p may be 0.
        mask: [b, 1, 4 grid, 4 grid] logits; has_mask: [b], 0 where `mask` does not count.
        Returns logits [b, 1, 4 grid, 4 grid] and the estimated intersection over union [b, 1].
        """
        prompts = self.prompt_encoder
        tokens = torch.cat([prompts.points(points, labels), prompts.boxes(boxes)], dim=1)
        image = embedding + prompts.mask(mask, has_mask)
        return self.mask_decoder(image, prompts.image_positions(), tokens)
