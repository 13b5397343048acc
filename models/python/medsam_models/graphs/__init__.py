"""From modules to ONNX files: the graphs, their three variants, golden values and the card."""
