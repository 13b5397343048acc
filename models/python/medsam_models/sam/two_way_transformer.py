"""Prompt tokens read the image, and the image reads the tokens back."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn


class Attention(nn.Module):
    """Queries [b, q, width] read keys and values [b, k, width]; inside it is `1 / shrink` as wide. Returns [b, q,
    width].
    """

    def __init__(self, width: int, heads: int, shrink: int = 1):
        super().__init__()
        inner = width // shrink
        self.heads = heads
        self.q_proj = nn.Linear(width, inner)
        self.k_proj = nn.Linear(width, inner)
        self.v_proj = nn.Linear(width, inner)
        self.out_proj = nn.Linear(inner, width)

    def forward(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        q, k, v = self.split(self.q_proj(q)), self.split(self.k_proj(k)), self.split(self.v_proj(v))
        weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(2))

    def split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class Layer(nn.Module):
    """tokens, image: [b, t, width], [b, pixels, width], and the same again with what says where (and of what kind)
    each is.
    """

    def __init__(self, width: int, heads: int, feed_forward: nn.Module, first: bool):
        super().__init__()
        self.first = first
        self.self_attn = Attention(width, heads)
        self.norm1 = nn.LayerNorm(width)
        self.cross_attn_token_to_image = Attention(width, heads, shrink=2)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = feed_forward
        self.norm3 = nn.LayerNorm(width)
        self.norm4 = nn.LayerNorm(width)
        self.cross_attn_image_to_token = Attention(width, heads, shrink=2)

    def forward(self, tokens: Tensor, image: Tensor, token_place: Tensor, image_place: Tensor) -> tuple[Tensor, Tensor]:
        if self.first:
            # Here the tokens are nothing but their own places, and replace themselves.
            tokens = self.self_attn(tokens, tokens, tokens)
        else:
            placed = tokens + token_place
            tokens = tokens + self.self_attn(placed, placed, tokens)
        tokens = self.norm1(tokens)
        placed_image = image + image_place
        tokens = self.norm2(tokens + self.cross_attn_token_to_image(tokens + token_place, placed_image, image))
        tokens = self.norm3(tokens + self.mlp(tokens))
        image = self.norm4(image + self.cross_attn_image_to_token(placed_image, tokens + token_place, tokens))
        return tokens, image


class TwoWayTransformer(nn.Module):
    def __init__(self, width: int, heads: int, feed_forward: Callable[[], nn.Module], depth: int = 2):
        super().__init__()
        self.layers = nn.ModuleList(Layer(width, heads, feed_forward(), first=i == 0) for i in range(depth))
        self.final_attn_token_to_image = Attention(width, heads, shrink=2)
        self.norm_final_attn = nn.LayerNorm(width)

    def forward(self, image: Tensor, image_place: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """image: [b, width, rows, columns]; image_place: [1, width, rows, columns]; tokens: [b, t, width].

        Returns the tokens [b, t, width] and the image [b, width, rows, columns].
        """
        rows, columns = image_place.shape[2:]
        image, image_place = image.flatten(2).transpose(1, 2), image_place.flatten(2).transpose(1, 2)
        token_place = tokens
        for layer in self.layers:
            tokens, image = layer(tokens, image, token_place, image_place)
        tokens = tokens + self.final_attn_token_to_image(tokens + token_place, image + image_place, image)
        return self.norm_final_attn(tokens), image.transpose(1, 2).unflatten(2, (rows, columns))
