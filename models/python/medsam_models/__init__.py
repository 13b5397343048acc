"""The project's own models: synthesis of training data, training, export to ONNX."""
