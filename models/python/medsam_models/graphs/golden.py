"""Inputs that any language makes alike, and what each graph answers to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

POINTS = 24

# Shares of the spread of an output. Products of 10-bit factors (TF32, on GPUs) through twelve blocks stay under the
# first; the rounding of int8 activations falls otherwise on other processors, and stays under the second.
TOLERANCES = {"fp32": 0.05, "fp16": 0.05, "int8": 0.25}

Array = NDArray[np.float32]


def hashed(*shape: int, low: float = 0.0, high: float = 1.0) -> Array:
    """low..high by a multiplicative hash of the flat index: `(i * 2654435761 mod 2^32) / 2^32`, as in the server's
    golden.ts.
    """
    unit = np.arange(np.prod(shape), dtype=np.uint64) * 2654435761 % 2**32 / 2**32
    return (low + (high - low) * unit).astype(np.float32).reshape(shape)


def golden_values(path: Path, inputs: dict[str, Array], variant: str) -> dict[str, dict]:
    """For each output of the graph: flat indices, the values there, and how far off they may be elsewhere."""
    options = onnxruntime.SessionOptions()
    options.enable_mem_pattern = False
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    wanted = {i.name for i in session.get_inputs()}
    answers = session.run(None, {name: value for name, value in inputs.items() if name in wanted})
    golden = {}
    for output, answer in zip(session.get_outputs(), answers):
        flat = answer.ravel()
        at = np.unique(np.linspace(0, len(flat) - 1, min(POINTS, len(flat))).astype(int))
        spread = max(float(flat.std()), 0.1 * float(np.abs(flat).max()), 1e-3)
        golden[output.name] = {
            "at": at.tolist(),
            "values": [round(float(v), 6) for v in flat[at]],
            "tolerance": round(TOLERANCES[variant] * spread, 6),
        }
    return golden
