"""One box through a volume, by the four graphs: forwards from its slice, then backwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .model import MEMORIES

MOST_POINTERS = 16

Array = NDArray[np.float32]
Run = Callable[..., Sequence[Array]]


@dataclass(frozen=True)
class Graphs:
    """Each takes the inputs of the graph of its name in their order, and returns its outputs."""

    encoder: Run
    init: Run
    track: Run
    memory: Run


@dataclass(frozen=True)
class Remembered:
    mem: Array
    ptr: Array


def track_box(graphs: Graphs, slices: Array, at: int, box: Any) -> Array:
    """slices: [d, 3, S, S], prepared; at: the slice with the box; box: x0, y0, x1, y1 in input pixels.

    Returns logits [d, S / 4, S / 4]. Each direction begins anew: what one remembers is not known to the other.
    """
    logits = np.zeros((len(slices), 0, 0), dtype=np.float32)
    for step in (1, -1):
        for index, low in _walk(graphs, slices, at, box, step):
            if logits.shape[1] == 0:
                logits = np.zeros((len(slices), *low.shape), dtype=np.float32)
            logits[index] = low
    return logits


def _walk(graphs: Graphs, slices: Array, at: int, box: Any, step: int):
    features = graphs.encoder(slices[at : at + 1])
    low, ptr, obj = graphs.init(*features, np.asarray([box], dtype=np.float32))
    (mem,) = graphs.memory(features[0], low, obj, np.ones(1, dtype=np.float32))
    seen = {at: Remembered(mem, ptr)}
    yield at, low[0, 0]
    pointers = min(len(slices), MOST_POINTERS)
    index = at + step
    while 0 <= index < len(slices):
        features = graphs.encoder(slices[index : index + 1])
        low, ptr, obj = graphs.track(*features, *_memories(seen, at, index, step, pointers))
        (mem,) = graphs.memory(features[0], low, obj, np.zeros(1, dtype=np.float32))
        seen[index] = Remembered(mem, ptr)
        yield index, low[0, 0]
        index += step


def _memories(seen: dict[int, Remembered], at: int, index: int, step: int, pointers: int) -> tuple[Array, ...]:
    """The prompted slice always counts; beside it the six before this one, and of the pointers the fifteen before it."""
    ages = [k for k in range(MEMORIES - 1, 0, -1) if index - k * step in seen and index - k * step != at]
    mem = [seen[at].mem, *(seen[index - k * step].mem for k in ages)]
    mem_t = [0, *(MEMORIES - k for k in ages)]
    others = [k for k in range(1, pointers) if index - k * step in seen and index - k * step != at]
    ptrs = [seen[at].ptr, *(seen[index - k * step].ptr for k in others)]
    apart = np.array([abs(index - at), *others], dtype=np.float32) / max(pointers - 1, 1)
    return np.concatenate(mem), np.array(mem_t, dtype=np.float32), np.concatenate(ptrs), apart
