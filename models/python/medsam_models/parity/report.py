"""How far ours is from upstream's, in PyTorch and in each exported variant: a table and `report.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..catalogue import MODELS
from ..graphs.export import VARIANTS, export_model
from ..graphs.golden import Array
from ..medsam2.tracker import track_box
from ..random_weights import random_state
from . import upstream
from .answers import COMMITS
from .cases import Prompt, picture, prompts, tracking_case, volume
from .prepare import lite_box, mask_of_lite, mask_of_vit, prepare_lite, prepare_vit
from .runners import (
    Run,
    decode,
    decode_upstream,
    encode_upstream,
    exported_graphs,
    pytorch_graphs,
    track_upstream,
    tracking_graphs,
)
from .scripts import run_lite, run_vit
from .slice_to_slice import segment_volume

ROWS, COLUMNS = 240, 300
BOX, BOX_3D = [75, 50, 200, 190], [75, 50, 0, 200, 190, 4]
HEADER = ("model", "variant", "embedding", "logits", "mask Dice 2D", "mask Dice 3D")

Mask = NDArray[np.bool_]


def write_report(root: Path, models: Iterable[str], reduced: bool, seed: int, work: Path) -> None:
    """`work` takes the exported files, the checkpoints of random weights, and report.json. Prints the table's rows as
    they come.
    """
    work.mkdir(parents=True, exist_ok=True)
    print("|".join(("", *HEADER, "")), flush=True)
    rows = []
    for model_id in models:
        ours = MODELS[model_id].reduced() if reduced else MODELS[model_id].build()
        state = random_state(ours, seed)
        ours.load_state_dict(state)
        ours.eval()
        theirs = upstream.load(upstream.build(root, model_id, reduced), state)
        card = export_model(ours, model_id, work)
        compare = _Tracking if model_id == "medsam2" else _Embedding
        comparison = compare(root, model_id, theirs, ours, None if reduced else _checkpoint(state, model_id, work))
        for variant in ("PyTorch", *VARIANTS):
            graphs = pytorch_graphs(ours) if variant == "PyTorch" else exported_graphs(card, work, variant)
            row = {"model": model_id, "variant": variant, "commit": COMMITS[model_id], **comparison.row(graphs)}
            rows.append(row)
            print("|".join(("", model_id, variant, *(_shown(row[key]) for key in list(row)[3:]), "")), flush=True)
    (work / "report.json").write_text(json.dumps({"seed": seed, "reduced": reduced, "rows": rows}, indent=2) + "\n")


def _checkpoint(state: dict[str, torch.Tensor], model_id: str, work: Path) -> Path:
    path = work / f"{model_id}.pth"
    torch.save(state, path)
    return path


class _Embedding:
    """Upstream is asked once; `row` compares one of our runners with its answers.

    2D: three prompts on the input, and with full-size weights the mask that upstream's own script writes for one box
    on an image. 3D: upstream's slice-to-slice script, which there is for LiteMedSAM only.
    """

    def __init__(self, root: Path, model_id: str, theirs: nn.Module, ours: nn.Module, weights: Path | None):
        self.lite = model_id == "litemedsam"
        self.size = ours.size
        self.image = picture(ROWS, COLUMNS)
        self.prepared, self.inner = self._prepare()
        self.embedding = encode_upstream(theirs, self.prepared)
        self.prompts = prompts(self.size, self.embedding.shape[-1])
        self.logits = [decode_upstream(theirs, self.embedding, prompt) for prompt in self.prompts]
        self.mask: Mask | None = None
        self.masks: Mask | None = None
        if weights is not None and self.lite:
            self.mask, self.masks = run_lite(root, weights, self.image, BOX, volume(ROWS, COLUMNS), BOX_3D)
        elif weights is not None:
            self.mask = run_vit(root, weights, self.image, BOX)

    def row(self, graphs: dict[str, Run]) -> dict[str, float | None]:
        (embedding,) = graphs["encoder"](self.prepared)
        logits = [decode(graphs, embedding, prompt) for prompt in self.prompts]
        pairs = [(self._mask(a), self._mask(b)) for a, b in zip(logits, self.logits)]
        if self.mask is not None:
            pairs.append((self._mask(decode(graphs, embedding, Prompt("", self._box()))), self.mask))
        volumes = None
        if self.masks is not None:
            volumes = dice(segment_volume(graphs, volume(ROWS, COLUMNS), BOX_3D), self.masks)
        return {
            "embedding": _apart(embedding, self.embedding),
            "logits": max(_apart(a, b) for a, b in zip(logits, self.logits)),
            "dice2d": min(dice(a, b) for a, b in pairs),
            "dice3d": volumes,
        }

    def _prepare(self) -> tuple[Array, tuple[int, int]]:
        if self.lite:
            return prepare_lite(self.image, self.size)
        return prepare_vit(self.image, self.size), (0, 0)

    def _box(self) -> Array:
        if self.lite:
            return lite_box(np.array(BOX), ROWS, COLUMNS)
        return (np.array([BOX]) / np.array([COLUMNS, ROWS, COLUMNS, ROWS]) * self.size).astype(np.float32)

    def _mask(self, logits: Array) -> Mask:
        return mask_of_lite(logits, self.inner, ROWS, COLUMNS) if self.lite else mask_of_vit(logits, ROWS, COLUMNS)


class _Tracking:
    """2D: the slice with the box. 3D: a volume, by upstream's own predictor as its script drives it."""

    def __init__(self, root: Path, model_id: str, theirs: nn.Module, ours: nn.Module, weights: Path | None):
        self.slices, self.at, self.box = tracking_case(ours.size)
        with torch.no_grad():
            out = theirs.forward_image(torch.from_numpy(self.slices[:1]))
        self.features = [value.numpy() for value in reversed(out["backbone_fpn"])]
        self.low = track_upstream(theirs, self.slices, self.at, {self.at: self.box})

    def row(self, graphs: dict[str, Run]) -> dict[str, float | None]:
        features = graphs["encoder"](self.slices[:1])
        low = track_box(tracking_graphs(graphs), self.slices, self.at, self.box)
        return {
            "embedding": max(_apart(a, b) for a, b in zip(features, self.features)),
            "logits": _apart(low, self.low),
            "dice2d": dice(low[self.at] > 0, self.low[self.at] > 0),
            "dice3d": dice(low > 0, self.low > 0),
        }


def dice(a: Mask, b: Mask) -> float:
    total = int(a.sum()) + int(b.sum())
    return 1.0 if total == 0 else 2 * int((a & b).sum()) / total


def _apart(a: Array, b: Array) -> float:
    return float(np.abs(a - b).max())


def _shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1e}" if value < 0.1 else f"{value:.4f}"
