"""Training that goes on from exported weights, when their checkpoint is gone."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from .network import CropNet


def warm_start(model: CropNet, weights: Path, crops: Tensor) -> None:
    """Gives `model` the function that `weights` (an ONNX file that `export` wrote of the same network) computes.

    The export folds each normalisation into the convolution before it. Here it is unfolded again: one pass of
    `crops` ([n, 4, S, S], ordinary training crops, some tens) measures what each normalisation sees, which becomes
    its running mean and variance, with the scale and shift that undo them.

    Raises ValueError when the file is of another network.
    """
    graph = onnx.load(str(weights)).graph
    values = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
    folded = iter([[values[name] for name in node.input[1:]] for node in graph.node if node.op_type == "Conv"])
    shift: Tensor | None = None

    def fill_convolution(layer: nn.Conv2d, _: object) -> None:
        nonlocal shift
        weight, *bias = next(folded, [torch.empty(0)])
        if weight.shape != layer.weight.shape:
            raise ValueError(f"{weights} is not of this network: {tuple(weight.shape)} for {tuple(layer.weight.shape)}")
        layer.weight.data.copy_(weight)
        shift = bias[0] if bias else None
        if layer.bias is not None:
            layer.bias.data.copy_(shift)

    def fill_normalisation(layer: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
        variance, mean = torch.var_mean(inputs[0], dim=(0, 2, 3))
        layer.running_mean.copy_(mean)
        layer.running_var.copy_(variance)
        layer.weight.data.copy_((variance + layer.eps).sqrt())
        layer.bias.data.copy_(mean + shift)

    fillers = {nn.Conv2d: fill_convolution, nn.BatchNorm2d: fill_normalisation}
    hooks = [m.register_forward_pre_hook(fillers[type(m)]) for m in model.modules() if type(m) in fillers]
    model.eval()
    with torch.no_grad():
        model(crops)
    for hook in hooks:
        hook.remove()
