"""The features of a slice read what is remembered of others."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .positions import grid_positions, rotate, rotations

# How much of its position is added to a feature at the entrance.
POSITION_SHARE = 0.1


class RotaryAttention(nn.Module):
    """One head. Queries lie on the grid; keys are whole grids one after the other, then tokens that lie nowhere."""

    def __init__(self, width: int, side: int, source: int):
        super().__init__()
        self.side = side
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(source, width)
        self.v_proj = nn.Linear(source, width)
        self.out_proj = nn.Linear(width, width)
        cosine, sine = rotations(width, side)
        self.register_buffer("cosine", cosine, persistent=False)
        self.register_buffer("sine", sine, persistent=False)

    def forward(self, q: Tensor, k: Tensor, v: Tensor, placeless: int) -> Tensor:
        """q: [1, side^2, width]; k, v: [1, grids * side^2 + placeless, source]. Returns [1, side^2, width]."""
        q = rotate(self.q_proj(q), self.cosine, self.sine)
        k = self.k_proj(k)
        tokens, width = self.side * self.side, k.shape[-1]
        on_grid = k[:, : k.shape[1] - placeless].reshape(-1, tokens, width)
        on_grid = rotate(on_grid, self.cosine, self.sine).reshape(1, -1, width)
        k = torch.cat([on_grid, k[:, k.shape[1] - placeless :]], dim=1)
        weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(width), dim=-1)
        return self.out_proj(weights @ self.v_proj(v))


class Layer(nn.Module):
    def __init__(self, width: int, side: int, source: int, hidden: int):
        super().__init__()
        self.self_attn = RotaryAttention(width, side, width)
        self.cross_attn_image = RotaryAttention(width, side, source)
        self.linear1 = nn.Linear(width, hidden)
        self.linear2 = nn.Linear(hidden, width)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.norm3 = nn.LayerNorm(width)

    def forward(self, x: Tensor, memory: Tensor, placed: Tensor, placeless: int) -> Tensor:
        own = self.norm1(x)
        x = x + self.self_attn(own, own, own, 0)
        x = x + self.cross_attn_image(self.norm2(x), placed, memory, placeless)
        return x + self.linear2(F.relu(self.linear1(self.norm3(x))))


class MemoryAttention(nn.Module):
    def __init__(self, width: int, side: int, source: int, hidden: int, layers: int):
        super().__init__()
        self.side = side
        self.layers = nn.ModuleList(Layer(width, side, source, hidden) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.register_buffer("places", grid_positions(width, side), persistent=False)

    def forward(self, feat: Tensor, memory: Tensor, positions: Tensor, placeless: int) -> Tensor:
        """feat: [1, width, side, side]. memory, positions: [1, n * side^2 + placeless, source]. Returns the shape of
        feat.
        """
        x = feat.flatten(2).transpose(1, 2) + POSITION_SHARE * self.places
        for layer in self.layers:
            x = layer(x, memory, memory + positions, placeless)
        return self.norm(x).transpose(1, 2).unflatten(2, (self.side, self.side))
