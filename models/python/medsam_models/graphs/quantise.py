"""The int8 variant: products with constant matrices run in 8 bits, activations quantised as they come."""

from __future__ import annotations

from collections import Counter

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Below this many weights a product is too cheap to be worth rounding.
SMALLEST = 128 * 128
# The largest weight, of the 127 that would fit. Processors without VNNI sum two products with activations of up to 255 in 16 bits,
# where larger weights overflow unnoticed: of LiteMedSAM's embedding that makes an error of 15 % where it is 4 % with these.
LARGEST = 63
DOMAIN = "com.microsoft"


def quantise(model: onnx.ModelProto) -> onnx.ModelProto:
    """Replaces `MatMul(+ Add)` with a constant right side by `DynamicQuantizeMatMul`; changes `model` and returns it.

    Weights are signed and scaled by column, symmetric around zero: with unsigned ones the processor's dot products
    are not used.
    """
    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    consumers = {}
    for node in graph.node:
        for name in node.input:
            consumers.setdefault(name, []).append(node)
    outputs = {output.name for output in graph.output}
    nodes, dropped = [], set()
    for node in graph.node:
        if id(node) in dropped:
            continue
        weight = constants.get(node.input[1]) if node.op_type == "MatMul" else None
        if weight is None or len(weight.dims) != 2 or np.prod(weight.dims) < SMALLEST:
            nodes.append(node)
            continue
        out, bias = node.output[0], ""
        after = consumers.get(out, [])
        if len(after) == 1 and after[0].op_type == "Add" and out not in outputs:
            other = [name for name in after[0].input if name != out]
            if other and other[0] in constants and list(constants[other[0]].dims) == [weight.dims[1]]:
                bias, out = other[0], after[0].output[0]
                dropped.add(id(after[0]))
        eighth, scale = f"{weight.name}.int8", f"{weight.name}.scale"
        if eighth not in constants:
            for tensor in _by_column(numpy_helper.to_array(weight), eighth, scale):
                constants[tensor.name] = tensor
                graph.initializer.append(tensor)
        inputs = [node.input[0], eighth, scale, "", bias] if bias else [node.input[0], eighth, scale]
        nodes.append(helper.make_node("DynamicQuantizeMatMul", inputs, [out], node.name, domain=DOMAIN))
    del graph.node[:]
    graph.node.extend(nodes)
    _drop_unused(graph)
    if all(opset.domain != DOMAIN for opset in model.opset_import):
        model.opset_import.append(helper.make_opsetid(DOMAIN, 1))
    return model


def _by_column(weight: np.ndarray, name: str, scale_name: str) -> tuple[TensorProto, TensorProto]:
    """weight: [inputs, outputs] float32."""
    scale = np.maximum(np.abs(weight).max(axis=0), np.finfo(np.float32).tiny).astype(np.float32) / np.float32(LARGEST)
    rounded = np.rint(weight / scale).astype(np.int8)
    return numpy_helper.from_array(rounded, name), numpy_helper.from_array(scale, scale_name)


def _drop_unused(graph: onnx.GraphProto) -> None:
    used = Counter(name for node in graph.node for name in node.input)
    kept = [tensor for tensor in graph.initializer if used[tensor.name]]
    del graph.initializer[:]
    graph.initializer.extend(kept)
