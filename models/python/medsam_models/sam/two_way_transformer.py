"""Prompt tokens read the image, and the image reads the tokens back.

There are thousands of pixels and about ten tokens. So what a projection does to the pixels is done to the tokens instead, the
other way round: (image Wk) . q = image . (Wk^T q). That spares more than half of the products, and all copies of the image that
are cut into heads.
"""

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
        weights = torch.softmax(self.queries(q) @ self.split(self.k_proj(k)).transpose(-2, -1), dim=-1)
        return self.out_proj((weights @ self.split(self.v_proj(v))).transpose(1, 2).flatten(2))

    def read_image(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """The same for few queries and many keys and values."""
        # The bias of keys adds the same to all of a query's scores, and the softmax takes it away again.
        asked = (self.queries(q) @ self.by_head(self.k_proj.weight)).flatten(1, 2)
        weights = torch.softmax(asked @ k.transpose(-2, -1), dim=-1)
        seen = (weights @ v).unflatten(1, (self.heads, -1)) @ self.by_head(self.v_proj.weight).transpose(-2, -1)
        return self.out_proj(seen.transpose(1, 2).flatten(2) + self.v_proj.bias)

    def read_tokens(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """The same for many queries and few keys and values."""
        keys = self.split(self.k_proj(k)) / math.sqrt(self.q_proj.out_features // self.heads)
        asked = (keys @ self.by_head(self.q_proj.weight)).flatten(1, 2)
        always = (keys @ self.by_head(self.q_proj.bias[:, None])).flatten(1, 2)
        scores = (q @ asked.transpose(-2, -1) + always.transpose(-2, -1)).unflatten(2, (self.heads, -1))
        told = (self.split(self.v_proj(v)) @ self.by_head(self.out_proj.weight.T)).flatten(1, 2)
        return torch.softmax(scores, dim=-1).flatten(2) @ told + self.out_proj.bias

    def queries(self, q: Tensor) -> Tensor:
        return self.split(self.q_proj(q)) / math.sqrt(self.q_proj.out_features // self.heads)

    def split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def by_head(self, weight: Tensor) -> Tensor:
        """[inner, n] to [heads, inner / heads, n]."""
        return weight.unflatten(0, (self.heads, -1))


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
        tokens = self.norm2(tokens + self.cross_attn_token_to_image.read_image(tokens + token_place, placed_image, image))
        tokens = self.norm3(tokens + self.mlp(tokens))
        image = self.norm4(image + self.cross_attn_image_to_token.read_tokens(placed_image, tokens + token_place, tokens))
        return tokens, image


class TwoWayTransformer(nn.Module):
    def __init__(self, width: int, heads: int, feed_forward: Callable[[], nn.Module], depth: int = 2):
        super().__init__()
        self.layers = nn.ModuleList(Layer(width, heads, feed_forward(), first=i == 0) for i in range(depth))
        self.final_attn_token_to_image = Attention(width, heads, shrink=2)
        self.norm_final_attn = nn.LayerNorm(width)

    def forward(self, image: Tensor, image_place: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """image: [b, width, rows, columns]; image_place: [1, width, rows, columns]; tokens: [b, t, width].

        Returns the tokens [b, t, width] and the image [b, pixels, width].
        """
        image, image_place = image.flatten(2).transpose(1, 2), image_place.flatten(2).transpose(1, 2)
        token_place = tokens
        for layer in self.layers:
            tokens, image = layer(tokens, image, token_place, image_place)
        tokens = tokens + self.final_attn_token_to_image.read_image(tokens + token_place, image + image_place, image)
        return self.norm_final_attn(tokens), image
