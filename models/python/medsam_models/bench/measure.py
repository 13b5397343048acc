"""One runner in a process of its own, so that its peak of memory is its own. PyTorch is imported by those only that need it."""

from __future__ import annotations

import json
import multiprocessing
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Inputs = dict[str, np.ndarray]

# A run of less is repeated until it has lasted so long, in seconds, and this often at least.
LEAST_SECONDS, LEAST_RUNS = 2.0, 3


def in_child(work: Callable[..., Any], *args: Any) -> Any:
    """What `work` returns in a process started afresh; its errors come through."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, args)


def peak_megabytes() -> float:
    """The most that this process ever held of the machine's memory."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024


def median_ms(run: Callable[[], object]) -> float:
    run()
    times: list[float] = []
    while len(times) < LEAST_RUNS or sum(times) < LEAST_SECONDS:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def measure_exported(card: Path, folder: Path, variant: str, inputs: dict[str, Path], threads: int) -> dict:
    """Milliseconds of each graph of an exported model, and megabytes of all of them together.

    inputs: by graph, the `.npz` that it is fed.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    graphs = {}
    for name, files in json.loads(card.read_text())["files"].items():
        session = onnxruntime.InferenceSession(
            str(folder / files[variant]["path"]), options, providers=["CPUExecutionProvider"]
        )
        fed = {i.name for i in session.get_inputs()}
        given = {key: value for key, value in np.load(inputs[name]).items() if key in fed}
        graphs[name] = median_ms(lambda session=session, given=given: session.run(None, given))
    return {"ms": graphs, "megabytes": peak_megabytes()}


def measure_pytorch(model_id: str, weights: Path, upstream: Path | None, inputs: dict[str, Path], threads: int) -> dict:
    """The same of the model in PyTorch: upstream's own code where its checkout is given, else ours."""
    import torch

    torch.set_num_threads(threads)
    calls = (_ours if upstream is None else _upstreams)(model_id, weights, upstream)
    graphs = {}
    with torch.inference_mode():
        for name, call in calls.items():
            given = {key: torch.from_numpy(value) for key, value in np.load(inputs[name]).items()}
            graphs[name] = median_ms(lambda call=call, given=given: call(given))
    return {"ms": graphs, "megabytes": peak_megabytes()}


def _ours(model_id: str, weights: Path, _: None) -> dict[str, Callable]:
    from ..catalogue import MODELS
    from ..checkpoint import load_checkpoint
    from ..graphs.graph import graphs_of

    model = MODELS[model_id].build()
    load_checkpoint(model, weights)
    return {graph.name: lambda given, graph=graph: graph.module(*given.values()) for graph in graphs_of(model)}


def _upstreams(model_id: str, weights: Path, upstream: Path) -> dict[str, Callable]:
    import torch

    from ..parity import upstream as theirs

    model = theirs.load(theirs.build(upstream, model_id, False), torch.load(weights, weights_only=True))
    if model_id == "medsam2":
        # Its other parts are called by its own walk through a volume only.
        return {"encoder": lambda given: model.forward_image(given["image"])}
    return {
        "encoder": lambda given: model.image_encoder(given["image"]),
        "decoder": lambda given: model.decode(given["embedding"], given["boxes"], None, None, None),
    }
