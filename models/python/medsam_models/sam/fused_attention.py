"""Attention that never holds the scores of all heads: in PyTorch head by head, in ONNX as one fused operator."""

from __future__ import annotations

import torch
from torch import Tensor


class FusedAttention(torch.autograd.Function):
    """softmax(q k^T + bias) v for each head; the caller scales q.

    q, k: [n, tokens, heads * a]; v: [n, tokens, heads * b]; a and b may differ.
    bias: [heads, tokens, tokens], the same for all n, or None. Returns [n, tokens, heads * b].
    A 1024-pixel image has 4096 tokens: all twelve score matrices of ViT-B at once would take 0.8 GB.
    """

    @staticmethod
    def forward(ctx, q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None, heads: int) -> Tensor:
        def split(x: Tensor) -> Tensor:
            return x.unflatten(-1, (heads, -1)).movedim(2, 0)

        out = []
        for head, (qh, kh, vh) in enumerate(zip(split(q), split(k), split(v))):
            scores = qh @ kh.transpose(-2, -1)
            out.append(torch.softmax(scores if bias is None else scores + bias[head], dim=-1) @ vh)
        return torch.cat(out, dim=-1)

    @staticmethod
    def symbolic(g, q, k, v, bias, heads: int):
        absent = torch.onnx.symbolic_helper._optional_input_placeholder_tensor(g)
        inputs = [q, k, v]
        if not torch.onnx.symbolic_helper._is_none(bias):
            shared = g.op("Unsqueeze", bias, g.op("Constant", value_t=torch.tensor([0])))
            inputs += [absent, absent, shared]
        out = g.op("com.microsoft::MultiHeadAttention", *inputs, num_heads_i=heads, scale_f=1.0)
        out.setType(v.type())
        return out


fused_attention = FusedAttention.apply
