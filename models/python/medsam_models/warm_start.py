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
    `crops` ([n, 8, S, S], ordinary training crops, some tens) measures what each normalisation sees, which becomes
    its running mean and variance, with the scale and shift that undo them. Weights from before 2.1.0 do
    not see the slice beside: its channels begin without influence.

    Raises ValueError when the file is of another network.
    """
    graph = onnx.load(str(weights)).graph
    values = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
    convolutions = [node for node in graph.node if node.op_type == "Conv" and "/attention/" not in node.name]
    folded = iter([[values[name] for name in node.input[1:]] for node in convolutions])
    shift: Tensor | None = None

    def fill_convolution(layer: nn.Conv2d, _: object) -> None:
        nonlocal shift
        weight, *bias = next(folded, [torch.empty(0)])
        if layer is model.stem:
            weight = _with_channels(weight, layer.in_channels)
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
    unfolded = [m for part in (model.stem, model.down, model.up, model.head) for m in part.modules()]
    hooks = [m.register_forward_pre_hook(fillers[type(m)]) for m in unfolded if type(m) in fillers]
    model.eval()
    with torch.no_grad():
        model(crops)
    for hook in hooks:
        hook.remove()
    _fill_by_name(model, graph, values)


def _fill_by_name(model: CropNet, graph: onnx.GraphProto, values: dict[str, Tensor]) -> None:
    """Attention and score, into which the export folds nothing: it keeps their names, but for scale and shift of the norm."""
    for node in graph.node:
        kept = {"/attention/norm/Mul": "attention.norm.weight", "/attention/norm/Add": "attention.norm.bias"}.get(node.name)
        if kept is not None:
            values[kept] = next(values[name] for name in node.input if name in values)
    for name, parameter in model.named_parameters():
        if name.startswith(("attention.", "score.")) and name in values:
            parameter.data.copy_(values[name].reshape(parameter.shape))


# Planes before 2.1.0 (crop channels, standardised colours, positions), and where among today's they stand.
FORMER = (*range(7), *range(8, 11), *range(12, 14))


def _with_channels(stem: Tensor, inputs: int) -> Tensor:
    """The weights [c, 4 * planes, 1, 1] of a stem without the slice beside, widened to `inputs`; others as they are."""
    if stem.shape[1] != 4 * len(FORMER):
        return stem
    wide = stem.new_zeros(stem.shape[0], inputs // 4, 4)
    wide[:, list(FORMER)] = stem.reshape(stem.shape[0], -1, 4)
    return wide.reshape(stem.shape[0], inputs, 1, 1)
