"""The fp16 variant: large weights are stored in 16 bits and widened when the file is loaded; the arithmetic stays in
32.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ..checkpoint import CheckpointError

# Below this many numbers nothing is gained, and small tensors (biases, the frequencies of positions) are the delicate
# ones.
SMALLEST = 1024


def store_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Changes `model` in place and returns it. Raises CheckpointError where a weight does not fit into 16 bits."""
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(tensor)
        if values.size < SMALLEST:
            continue
        if np.abs(values).max() > np.finfo(np.float16).max:
            raise CheckpointError(f"{tensor.name} reaches {np.abs(values).max():g}, more than 16 bits can hold.")
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], f"{name}.widen", to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return model
