"""Published weights to what the server loads: each graph in three variants, and the card that names them."""

from __future__ import annotations

import json
import warnings
from hashlib import file_digest
from pathlib import Path

import onnx
import torch
from torch import nn

from ..catalogue import MODELS
from ..checkpoint import load_checkpoint
from .fold import fold_constants
from .golden import golden_values
from .graph import Graph, embedding_facts, graphs_of
from .quantise import quantise
from .store_half import store_half
from .write import ensure_space, write_whole

OPSET = 17
VARIANTS = ("fp32", "fp16", "int8")
# Bytes for each parameter: 4 + 2 + 1 in the three variants, the largest once more while it is written, and a rest.
BYTES_PER_PARAMETER = 12
UNTRAINED = {"note": "Weights that nobody trained."}


def export_published(model_id: str, weights: Path, out: Path) -> None:
    """Writes `out/weights/<model>/<graph>.<variant>.onnx` and, when all of them are there, `out/cards/<model>.json`.

    Raises CheckpointError for weights that do not fit, WriteError for a disk that is full.
    """
    published = MODELS[model_id]
    model = published.build()
    load_checkpoint(model, weights)
    export_model(model, model_id, out, source_of(weights, published.facts["source"]))


def source_of(weights: Path, published: dict) -> dict:
    """What the card says of where the weights come from: the published address only where this is that very file, or where no
    hash is known to tell.
    """
    digests = {algorithm: _digest(weights, algorithm) for algorithm in ("sha256", "md5")}
    told = published.keys() & digests.keys()
    if any(published[name] != digests[name] for name in told):
        return {"sha256": digests["sha256"], "note": f"Not the file {published['file']} of {published['url']}: it has another hash."}
    note = published["note"] if told else f"{published['note']} No hash of it is known: whether this is that file was not checked."
    return published | {"sha256": digests["sha256"], "note": note}


@torch.no_grad()
def export_model(model: nn.Module, model_id: str, out: Path, source: dict = UNTRAINED) -> dict:
    """As above for a model that is already loaded, of whatever size. source: what the card says of its weights. Returns the card."""
    ensure_space(out, BYTES_PER_PARAMETER * sum(value.numel() for value in model.state_dict().values()))
    files: dict[str, dict] = {}
    golden: dict[str, dict] = {variant: {} for variant in VARIANTS}
    for graph in graphs_of(model):
        files[graph.name] = {}
        for variant in VARIANTS:
            path = out / "weights" / model_id / f"{graph.name}.{variant}.onnx"
            write_variant(graph, variant, path, path.with_name(f"{graph.name}.fp32.onnx"))
            files[graph.name][variant] = _facts(path, out)
            golden[variant][graph.name] = golden_values(path, graph.inputs, variant)
            print(f"{path}: {path.stat().st_size / 1e6:.1f} MB", flush=True)
    published = MODELS[model_id]
    card = {"id": model_id, "title": published.title, "version": published.version, **published.facts, "source": source}
    card |= {"input": {"size": model.size, **card["input"]}, "embedding": embedding_facts(model)}
    card |= {"opset": OPSET, "files": files, "golden": golden}
    write_whole(out / "cards" / f"{model_id}.json", lambda path: path.write_text(json.dumps(card, indent=2) + "\n"))
    return card


def write_variant(graph: Graph, variant: str, path: Path, fp32: Path) -> None:
    """fp32: where that variant lies already, for the two that are made of it."""
    if variant == "fp32":
        write_whole(path, lambda part: _trace(graph, part))
        return
    model = onnx.load(fp32)
    (store_half if variant == "fp16" else quantise)(model)
    write_whole(path, lambda part: onnx.save(model, part))


def _trace(graph: Graph, path: Path) -> None:
    with warnings.catch_warnings():
        # The tracing exporter is announced to go; the other one does not know operators of our own.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph.module,
            graph.tensors(),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=list(graph.inputs),
            output_names=list(graph.outputs),
            dynamic_axes=graph.axes,
            custom_opsets={"com.microsoft": 1},
        )
    fold_constants(path)
    onnx.checker.check_model(str(path))


def _facts(path: Path, out: Path) -> dict:
    return {"path": path.relative_to(out).as_posix(), "bytes": path.stat().st_size, "sha256": _digest(path, "sha256")}


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        return file_digest(file, algorithm).hexdigest()
