"""Ours, in PyTorch or as exported graphs, and upstream's, behind the same calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..graphs.golden import Array
from ..graphs.graph import Graph, graphs_of
from ..medsam2.tracker import Graphs
from .cases import Prompt

Run = Callable[..., Sequence[Array]]


def pytorch_graphs(model: nn.Module) -> dict[str, Run]:
    def runner(graph: Graph) -> Run:
        @torch.no_grad()
        def run(*inputs: Array) -> Sequence[Array]:
            out = graph.module(*(torch.from_numpy(value) for value in inputs))
            return [value.numpy() for value in (out if isinstance(out, tuple) else (out,))]

        return run

    return {graph.name: runner(graph) for graph in graphs_of(model)}


def exported_graphs(card: dict, folder: Path, variant: str) -> dict[str, Run]:
    def runner(path: Path) -> Run:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        names = [value.name for value in session.get_inputs()]
        return lambda *inputs: session.run(None, dict(zip(names, inputs, strict=True)))

    return {name: runner(folder / files[variant]["path"]) for name, files in card["files"].items()}


def decode(graphs: dict[str, Run], embedding: Array, prompt: Prompt) -> Array:
    """Returns logits [1, 1, h, w] of our decoder, which always takes points and a mask: none, and one that does not
    count.
    """
    side = 4 * embedding.shape[-1]
    none = prompt.points is None
    logits, _ = graphs["decoder"](
        embedding,
        prompt.box,
        np.zeros((1, 0, 2), np.float32) if none else prompt.points,
        np.zeros((1, 0), np.float32) if none else prompt.labels,
        np.zeros((1, 1, side, side), np.float32) if prompt.mask is None else prompt.mask,
        np.full(1, prompt.mask is not None, np.float32),
    )
    return logits


@torch.no_grad()
def decode_upstream(model: nn.Module, embedding: Array, prompt: Prompt) -> Array:
    def tensor(value: Array | None) -> Tensor | None:
        return None if value is None else torch.from_numpy(value)

    points = (tensor(prompt.points), tensor(prompt.labels))
    return model.decode(torch.from_numpy(embedding), tensor(prompt.box), *points, tensor(prompt.mask))[0].numpy()


@torch.no_grad()
def encode_upstream(model: nn.Module, image: Array) -> Array:
    return model.image_encoder(torch.from_numpy(image)).numpy()


def tracking_graphs(graphs: dict[str, Run]) -> Graphs:
    return Graphs(**graphs)


def track_upstream(model: nn.Module, slices: Array, at: int, prompts: Mapping[int, Sequence[float] | NDArray[Any]]) -> Array:
    """As upstream's 3D script: the prompts on their slices, forwards from `at`, reset, the prompts again, backwards. A
    prompt is a box or a mask [S, S]. Returns logits [d, S / 4, S / 4].
    """
    size = slices.shape[-1]
    low = np.zeros((len(slices), size // 4, size // 4), dtype=np.float32)
    state = model.init_state(torch.from_numpy(slices), size, size)
    for reverse in (False, True):
        for index, prompt in prompts.items():
            value = np.asarray(prompt, np.float32)
            if value.ndim == 1:
                model.add_new_points_or_box(inference_state=state, frame_idx=index, obj_id=1, box=value)
            else:
                model.add_new_mask(inference_state=state, frame_idx=index, obj_id=1, mask=value > 0)
        for index, _, _ in model.propagate_in_video(state, start_frame_idx=at, reverse=reverse):
            kind = "cond_frame_outputs" if index in prompts else "non_cond_frame_outputs"
            low[index] = state["output_dict"][kind][index]["pred_masks"][0, 0].numpy()
        model.reset_state(state)
    return low
