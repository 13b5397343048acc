"""Weights that nobody trained: for tests, benches, and to compare our code with upstream's before real weights are at
hand.
"""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import numpy as np
import torch
from torch import Tensor, nn


def random_state(module: nn.Module, seed: int) -> dict[str, Tensor]:
    """The module's state dict, filled by (seed, name of the parameter) alone: the same numbers on every machine.

    Scaled so that signals keep their size through the layers, and so that what training starts with zero (biases,
    relative positions, layer scales) takes part.
    """
    kinds = {
        f"{path}.{name}": part
        for path, part in module.named_modules()
        for name, _ in part.named_parameters(recurse=False)
    }
    return {key: _fill(key, value, kinds.get(key), seed) for key, value in module.state_dict().items()}


def _fill(key: str, like: Tensor, part: nn.Module | None, seed: int) -> Tensor:
    """part: the layer that the parameter belongs to; None for buffers."""
    if not like.is_floating_point():
        return torch.zeros_like(like)
    draw = np.random.default_rng((seed, crc32(key.encode()))).standard_normal(tuple(like.shape), dtype=np.float32)
    if key.endswith("running_var"):
        value = 1 + 0.2 * np.abs(draw)
    elif key.endswith("positional_encoding_gaussian_matrix"):
        value = draw
    elif isinstance(part, nn.Embedding):
        value = 0.5 * draw
    elif like.ndim > 1 and isinstance(part, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        fed_by = like.shape[0] if isinstance(part, nn.ConvTranspose2d) else like[0].numel()
        value = draw / np.float32(np.sqrt(fed_by))
    elif key.endswith("weight"):
        value = 1 + 0.1 * draw
    else:
        value = 0.1 * draw
    return torch.from_numpy(np.ascontiguousarray(value, dtype=np.float32))


def write_random_weights(module: nn.Module, seed: int, out: Path) -> None:
    """A `.pth` file in the layout of the published checkpoint."""
    out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(random_state(module, seed), out)
