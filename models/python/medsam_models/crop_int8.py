"""The crop model's int8 variant: its convolutions in 8 bits, with values scaled by what training crops made of them.

Unlike the large models' (`graphs/quantise.py`), values are scaled beforehand and stay in 8 bits from one layer to the next: measuring them
anew for each image would cost as much as a small layer itself.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from .corpus import load_corpus
from .crop import CropContract
from .graphs.write import write_whole
from .network import CropNet
from .samples import Batch, Samples
from .train import begin_with, split
from .walker import Walker

SEED = 1
CROPS = 512
# What passes 8 bits on, so that nothing is converted between convolutions.
OPERATORS = ["Conv", "Relu", "Add", "Concat", "MaxPool", "Resize"]
# What comes before the blocks of the U-Net stays as it is: grey levels, standardised ones and positions come in scales too different for
# one tensor of 8 bits. So does what comes after, and the attention: they cost little.
FIRST_BLOCK, EXACT = "/down.", ("/attention/", "/head/", "/score/")


def calibration_crops(weights: Path, data: Path, contract: CropContract) -> np.ndarray:
    """[CROPS, 8, S, S] float32: what training at SEED begins with, with masks that `weights` carried from slice to slice."""
    torch.manual_seed(SEED)
    model = CropNet()
    training, _ = split(load_corpus(data))
    begin_with(model, weights, training, contract, SEED)
    samples = Samples(training, contract, SEED, Walker(model, contract))
    return torch.stack([crop for crop, _ in samples.__getitems__(Batch(range(CROPS)))]).numpy()


def write_int8(weights: Path, crops: Iterable[np.ndarray], out: Path) -> None:
    """Writes the int8 variant of the graph `weights`. crops: [8, S, S] float32 each.

    Weights are signed and scaled by output channel, with 7 bits: processors without VNNI sum two products in 16 bits, where larger ones
    overflow unnoticed.
    """
    with tempfile.TemporaryDirectory() as folder:
        shaped = Path(folder) / "shaped.onnx"
        quant_pre_process(str(weights), str(shaped), skip_symbolic_shape=True)
        nodes = [node.name for node in onnx.load(str(shaped)).graph.node]
        first = next(i for i, name in enumerate(nodes) if name.startswith(FIRST_BLOCK))
        kept = nodes[:first] + [name for name in nodes[first:] if name.startswith(EXACT)]

        def write(path: Path) -> None:
            quantize_static(
                str(shaped),
                str(path),
                _Crops(crops),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=OPERATORS,
                nodes_to_exclude=kept,
                per_channel=True,
                reduce_range=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
            )

        write_whole(out, write)


class _Crops(CalibrationDataReader):
    def __init__(self, crops: Iterable[np.ndarray]):
        self.rest = iter(crops)

    def get_next(self) -> dict[str, np.ndarray] | None:
        crop = next(self.rest, None)
        return None if crop is None else {"crop": crop[None]}
