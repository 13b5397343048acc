"""Prompts carried through a volume by the five graphs: forwards from their slice, then backwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    adopt: Run
    track: Run
    memory: Run


@dataclass(frozen=True)
class Remembered:
    low: Array
    mem: Array
    ptr: Array


def track_box(graphs: Graphs, slices: Array, at: int, box: Any) -> Array:
    """slices: [d, 3, S, S], prepared; at: the slice with the box; box: x0, y0, x1, y1 in input pixels.

    Returns logits [d, S / 4, S / 4]. Each direction begins anew: what one remembers is not known to the other.
    """
    features = graphs.encoder(slices[at : at + 1])
    answer = graphs.init(*features, np.asarray([box], dtype=np.float32))
    return _both_ways(graphs, slices, at, {at: _remember(graphs, features[0], answer, prompted=True)})


def track_masks(graphs: Graphs, slices: Array, at: int, masks: Mapping[int, NDArray[Any]]) -> Array:
    """masks: [S, S] of 0 and 1, by slice; each is known from the beginning, and kept. at: the one to start from.

    Returns logits [d, S / 4, S / 4].
    """
    anchors = {}
    for index, mask in masks.items():
        feat, *_ = graphs.encoder(slices[index : index + 1])
        answer = graphs.adopt(feat, mask[None, None].astype(np.float32))
        anchors[index] = _remember(graphs, feat, answer, prompted=True)
    return _both_ways(graphs, slices, at, anchors)


def _remember(graphs: Graphs, feat: Array, answer: Sequence[Array], prompted: bool) -> Remembered:
    low, ptr, obj = answer
    (mem,) = graphs.memory(feat, low, obj, np.full(1, prompted, dtype=np.float32))
    return Remembered(low, mem, ptr)


def _both_ways(graphs: Graphs, slices: Array, at: int, anchors: Mapping[int, Remembered]) -> Array:
    found = [_walk(graphs, slices, at, anchors, step) for step in (1, -1)]
    return np.stack([(found[index < at])[index].low[0, 0] for index in range(len(slices))])


def _walk(
    graphs: Graphs, slices: Array, at: int, anchors: Mapping[int, Remembered], step: int
) -> dict[int, Remembered]:
    found: dict[int, Remembered] = {}
    pointers = min(len(slices), MOST_POINTERS)
    for index in range(at, len(slices) if step > 0 else -1, step):
        if index in anchors:
            continue
        features = graphs.encoder(slices[index : index + 1])
        answer = graphs.track(*features, *_memories(anchors, found, index, step, pointers))
        found[index] = _remember(graphs, features[0], answer, prompted=False)
    return {**anchors, **found}


def _memories(
    anchors: Mapping[int, Remembered], found: Mapping[int, Remembered], index: int, step: int, pointers: int
) -> tuple[Array, ...]:
    """Every prompted slice counts, though only those behind point; beside them the six slices before this one, and the
    pointers of the fifteen before it.
    """
    ages = [k for k in range(MEMORIES - 1, 0, -1) if index - k * step in found]
    mem = [*(anchor.mem for anchor in anchors.values()), *(found[index - k * step].mem for k in ages)]
    mem_t = [0] * len(anchors) + [MEMORIES - k for k in ages]
    behind = {(index - i) * step: anchor.ptr for i, anchor in anchors.items() if (index - i) * step >= 0}
    others = {k: found[index - k * step].ptr for k in range(1, pointers) if index - k * step in found}
    apart = np.array([*behind, *others], dtype=np.float32) / max(pointers - 1, 1)
    ptrs = np.concatenate([*behind.values(), *others.values()])
    return np.concatenate(mem), np.array(mem_t, dtype=np.float32), ptrs, apart
