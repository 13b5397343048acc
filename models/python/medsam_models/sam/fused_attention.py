"""Attention that never holds the scores of all heads: in PyTorch head by head, in ONNX as one fused operator."""

from __future__ import annotations

import torch
from torch import Tensor


class FusedAttention(torch.autograd.Function):
    """softmax(q k^T + bias) v for each head; the caller scales q.

    q: [n, queries, heads * d]; k, v: [n, keys, heads * d]. bias: [n or 1, heads, queries, keys].
    Returns [n, queries, heads * d].
    """

    @staticmethod
    def forward(ctx, q: Tensor, k: Tensor, v: Tensor, bias: Tensor, heads: int) -> Tensor:
        def split(x: Tensor) -> Tensor:
            return x.unflatten(-1, (heads, -1)).movedim(2, 0)

        out = []
        for head, (qh, kh, vh) in enumerate(zip(split(q), split(k), split(v))):
            out.append(torch.softmax(qh @ kh.transpose(-2, -1) + bias[:, head], dim=-1) @ vh)
        return torch.cat(out, dim=-1)

    @staticmethod
    def symbolic(g, q, k, v, bias, heads: int):
        absent = torch.onnx.symbolic_helper._optional_input_placeholder_tensor(g)
        inputs = [q, k, v, absent, absent, bias]
        out = g.op("com.microsoft::MultiHeadAttention", *inputs, num_heads_i=heads, scale_f=1.0)
        out.setType(q.type())
        return out


fused_attention = FusedAttention.apply
