"""The table of the bench: every model and variant beside PyTorch, as ratios, since milliseconds are a machine's own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..catalogue import MODELS
from ..graphs.export import VARIANTS, export_published
from ..graphs.graph import graphs_of
from ..random_weights import write_random_weights
from .measure import in_child, measure_exported, measure_pytorch, peak_megabytes

HEADER = "| model | runner | encoder ms | decoder ms | whole prompt ms | peak MB | encoder | decoder | prompt | memory |"
RULE = "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
# The graphs that one box needs: what sees the image, and what answers to the box.
DECODERS = {"medsam2": "init"}


def write_report(models: Iterable[str], work: Path, upstream: Path | None, threads: int, seed: int) -> None:
    """Prints the table and writes `work/bench.json`. `work` takes weights of `seed` and the exported files, which stay there."""
    work.mkdir(parents=True, exist_ok=True)
    report: dict = {"threads": threads, "seed": seed, "pytorch": "ours" if upstream is None else "upstream", "models": {}}
    print(f"{HEADER}\n{RULE}", flush=True)
    for model_id in models:
        weights, card = work / f"{model_id}.{seed}.pth", work / "cards" / f"{model_id}.json"
        inputs = in_child(_prepare, model_id, weights, work, seed)
        exporting = in_child(_export, model_id, weights, work)
        rows = {"PyTorch": in_child(measure_pytorch, model_id, weights, upstream, inputs, threads)}
        for variant in VARIANTS:
            rows[variant] = in_child(measure_exported, card, work, variant, inputs, threads)
        report["models"][model_id] = {"exportPeakMegabytes": exporting, "runners": rows}
        for runner, row in rows.items():
            print(_line(model_id, runner, row, rows["PyTorch"]), flush=True)
    (work / "bench.json").write_text(json.dumps(report, indent=2) + "\n")
    for model_id, found in report["models"].items():
        print(f"\nExport of {model_id}: at most {found['exportPeakMegabytes']:.0f} MB of memory.")


def _prepare(model_id: str, weights: Path, work: Path, seed: int) -> dict[str, Path]:
    """Writes random weights and what each graph is fed: one image and one box, no points, no mask."""
    model = MODELS[model_id].build()
    if not weights.exists():
        write_random_weights(model, seed, weights)
    paths = {}
    for graph in graphs_of(model):
        inputs = dict(graph.inputs)
        if graph.name == "decoder":
            inputs |= {name: inputs[name][:1] for name in ("boxes", "mask", "has_mask")}
            inputs |= {"points": inputs["points"][:1, :0], "labels": inputs["labels"][:1, :0]}
        paths[graph.name] = work / "inputs" / f"{model_id}.{graph.name}.npz"
        paths[graph.name].parent.mkdir(exist_ok=True)
        np.savez(paths[graph.name], **inputs)
    return paths


def _export(model_id: str, weights: Path, work: Path) -> float:
    export_published(model_id, weights, work)
    return peak_megabytes()


def _line(model_id: str, runner: str, row: dict, pytorch: dict) -> str:
    encoder, decoder = "encoder", DECODERS.get(model_id, "decoder")
    own, base = row["ms"], pytorch["ms"]

    def prompt(ms: dict[str, float]) -> float | None:
        return ms["encoder"] + ms[decoder] if decoder in ms else None

    times = (own[encoder], own.get(decoder), prompt(own))
    faster = [_ratio(b, a) for a, b in zip(times, (base[encoder], base.get(decoder), prompt(base)))]
    cells = [*(("-" if t is None else f"{t:.0f}") for t in times), f"{row['megabytes']:.0f}", *faster]
    return f"| {' | '.join([model_id, runner, *cells, _ratio(row['megabytes'], pytorch['megabytes'])])} |"


def _ratio(a: float | None, b: float | None) -> str:
    return "-" if a is None or b is None else f"{a / b:.2f}x"
