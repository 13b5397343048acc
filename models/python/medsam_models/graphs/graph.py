"""The graphs that a model is cut into: what goes in, what comes out, what may vary in size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from ..medsam2.model import MEMORIES, MedSam2
from ..sam.model import Sam
from .golden import Array, hashed


class Call(nn.Module):
    """A method of a module as a module: what the exporter wants. In inference mode: the exporter leaves all in the
    mode it found here.
    """

    def __init__(self, owner: nn.Module, method: Callable[..., Tensor | tuple[Tensor, ...]]):
        super().__init__()
        self.owner, self.method = owner, method
        self.eval()

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        return self.method(*inputs)


@dataclass(frozen=True)
class Graph:
    """inputs: the golden ones, in the order of the method's arguments. axes: names of sizes that may vary, by input
    or output.
    """

    name: str
    module: Call
    inputs: dict[str, Array]
    outputs: tuple[str, ...]
    axes: dict[str, dict[int, str]] = field(default_factory=dict)

    def tensors(self) -> tuple[Tensor, ...]:
        return tuple(torch.from_numpy(value) for value in self.inputs.values())


def graphs_of(model: nn.Module) -> tuple[Graph, ...]:
    return _tracking(model) if isinstance(model, MedSam2) else _embedding(model)


def embedding_facts(model: nn.Module) -> dict[str, int]:
    """What the card says of the encoder's answer, which the decoder's shapes follow from."""
    if isinstance(model, MedSam2):
        return {"channels": model.channels, "grid": model.grid, "memoryChannels": model.memory_channels}
    return {"channels": model.prompt_encoder.channels, "grid": model.prompt_encoder.grid}


def _embedding(model: Sam) -> tuple[Graph, ...]:
    size, (channels, grid) = model.size, (model.prompt_encoder.channels, model.prompt_encoder.grid)
    boxes = np.array([[2, 2, 6, 6], [1, 2, 4, 7]], dtype=np.float32) * size / 8
    points = np.array([[[4, 4]], [[2, 4]]], dtype=np.float32) * size / 8
    decoder_inputs = {
        "embedding": hashed(1, channels, grid, grid, low=-1, high=1),
        "boxes": boxes,
        "points": points,
        "labels": np.array([[1], [-1]], dtype=np.float32),
        "mask": hashed(2, 1, 4 * grid, 4 * grid, low=-8, high=8),
        "has_mask": np.array([0, 1], dtype=np.float32),
    }
    one = {0: "b"}
    return (
        Graph(
            "encoder",
            Call(model, model.encode),
            {"image": hashed(1, 3, size, size)},
            ("embedding",),
            {"image": {0: "n"}, "embedding": {0: "n"}},
        ),
        Graph(
            "decoder",
            Call(model, model.decode),
            decoder_inputs,
            ("logits", "iou"),
            {
                "embedding": {0: "n"},
                "boxes": one,
                "points": {0: "b", 1: "p"},
                "labels": {0: "b", 1: "p"},
                "mask": one,
                "has_mask": one,
                "logits": one,
                "iou": one,
            },
        ),
    )


def _tracking(model: MedSam2) -> tuple[Graph, ...]:
    model.image_encoder.trunk.fix_positions()
    size, grid, channels = model.size, model.grid, model.channels
    features = {
        "feat": hashed(1, channels, grid, grid, low=-1, high=1),
        "high1": hashed(1, channels // 4, 2 * grid, 2 * grid, low=-1, high=1),
        "high0": hashed(1, channels // 8, 4 * grid, 4 * grid, low=-1, high=1),
    }
    # The prompted slice and the two slices before this one; three pointers.
    memories = {
        "mem": hashed(3, model.memory_channels, grid, grid, low=-1, high=1),
        "mem_t": np.array([0, MEMORIES - 2, MEMORIES - 1], dtype=np.float32),
        "ptrs": hashed(3, channels, low=-1, high=1),
        "ptr_dt": np.array([3, 1, 2], dtype=np.float32) / 15,
    }
    answer = ("low", "ptr", "obj")
    return (
        Graph(
            "encoder",
            Call(model, model.encode),
            {"image": hashed(1, 3, size, size, low=-2, high=2)},
            tuple(features),
            {name: {0: "b"} for name in ("image", *features)},
        ),
        Graph(
            "init",
            Call(model, model.start),
            features | {"box": np.array([[2, 2, 6, 6]], dtype=np.float32) * size / 8},
            answer,
        ),
        Graph(
            "adopt",
            Call(model, model.adopt),
            {"feat": features["feat"], "mask": hashed(1, 1, size, size)},
            answer,
        ),
        Graph(
            "track",
            Call(model, model.track),
            features | memories,
            answer,
            {"mem": {0: "n"}, "mem_t": {0: "n"}, "ptrs": {0: "p"}, "ptr_dt": {0: "p"}},
        ),
        Graph(
            "memory",
            Call(model, model.remember),
            {
                "feat": features["feat"],
                "low": hashed(1, 1, 4 * grid, 4 * grid, low=-8, high=8),
                "obj": np.array([[1]], dtype=np.float32),
                "is_prompt": np.array([1], dtype=np.float32),
            },
            ("mem",),
        ),
    )
