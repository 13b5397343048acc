"""Weights that nobody trained: for tests, benches, and to compare our code with upstream's before real weights are at hand."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import numpy as np
import torch
from torch import Tensor, nn


def random_state(module: nn.Module, seed: int) -> dict[str, Tensor]:
    """The module's state dict, filled by (seed, name of the parameter) alone: the same numbers on every machine.

    Scaled so that signals keep their size through the layers, and so that what training starts with zero (biases, relative positions,
    layer scales) takes part.
    """
    return {key: _fill(key, value, seed) for key, value in module.state_dict().items()}


def _fill(key: str, like: Tensor, seed: int) -> Tensor:
    if not like.is_floating_point():
        return torch.zeros_like(like)
    draw = np.random.default_rng((seed, crc32(key.encode()))).standard_normal(tuple(like.shape), dtype=np.float32)
    kind = key.rsplit(".", 1)[-1]
    if kind == "running_var":
        value = 1 + 0.2 * np.abs(draw)
    elif kind == "positional_encoding_gaussian_matrix":
        value = draw
    elif kind == "weight" and like.ndim == 1:
        value = 1 + 0.1 * draw
    elif kind == "weight" and like.ndim > 1 and like.shape[0] > 1 and "embed" not in key and "token" not in key:
        value = draw / np.sqrt(np.prod(like.shape[1:], dtype=np.float32))
    elif "embed" in key or "token" in key or kind == "no_obj_ptr":
        value = 0.5 * draw
    else:
        value = 0.1 * draw
    return torch.from_numpy(np.ascontiguousarray(value, dtype=np.float32))


def write_random_weights(module: nn.Module, seed: int, out: Path) -> None:
    """A `.pth` file in the layout of the published checkpoint."""
    out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(random_state(module, seed), out)
