"""What does not depend on the input, computed once for all and not at every start."""

from __future__ import annotations

from pathlib import Path

import onnx
import onnxruntime


def fold_constants(path: Path) -> None:
    """Rewrites the file by onnxruntime's own folding. Its later optimisations depend on the processor and stay out of it."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    onnxruntime.InferenceSession(
        str(path),
        options,
        providers=["CPUExecutionProvider"],
        # It makes one operator of what `quantise` looks for as two.
        disabled_optimizers=["MatMulAddFusion"],
    )
    model = onnx.load(path)
    used = {node.domain for node in model.graph.node}
    opsets = [opset for opset in model.opset_import if opset.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(opsets)
    onnx.save(model, path)
