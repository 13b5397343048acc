"""Small layers that every part of SAM shares."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class ChannelNorm(nn.Module):
    """Normalises the channels of each pixel of [n, c, rows, columns].

    Written out, mean before variance: the fused operators take the variance from a mean of squares, and four channels
    that hardly differ (a mask prompt has such pixels) then come out wrong in the third digit.
    """

    def __init__(self, channels: int, epsilon: float = 1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        centred = x - x.mean(dim=1, keepdim=True)
        deviation = torch.sqrt(centred.square().mean(dim=1, keepdim=True) + self.epsilon)
        return centred / deviation * self.weight[:, None, None] + self.bias[:, None, None]


class Perceptron(nn.Module):
    """Linear layers with an activation between them, on the last axis: `widths[0]` in, `widths[-1]` out."""

    def __init__(self, *widths: int, activation=F.relu):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
        return self.layers[-1](x)


class FeedForward(nn.Module):
    """The two-layer perceptron of a transformer block, by the names of SAM's checkpoints."""

    def __init__(self, width: int, hidden: int, activation=F.gelu):
        super().__init__()
        self.lin1 = nn.Linear(width, hidden)
        self.lin2 = nn.Linear(hidden, width)
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        return self.lin2(self.activation(self.lin1(x)))


def neck(inputs: int, channels: int) -> nn.Sequential:
    """Features of an image encoder [n, inputs, rows, columns] to the embedding [n, channels, rows, columns]."""
    return nn.Sequential(
        nn.Conv2d(inputs, channels, 1, bias=False),
        ChannelNorm(channels),
        nn.Conv2d(channels, channels, 3, padding=1, bias=False),
        ChannelNorm(channels),
    )
