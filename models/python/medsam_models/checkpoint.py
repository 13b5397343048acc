"""Published weights into our modules: every parameter finds its place, or the file is refused with the reason."""

from __future__ import annotations

import pickle
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from .transformers_layout import from_transformers, is_transformers

EXAMPLES = 3


class CheckpointError(ValueError):
    """The file is not what it should be; the text is meant for whoever named it."""


def load_checkpoint(module: nn.Module, path: Path) -> None:
    """Fills `module` from a `.pth`, `.pt` or `.safetensors` file, and switches it to inference.

    A training checkpoint holds the weights under the key `model`. No parameter may be missing, left over, of another
    shape, or not a finite number.
    Raises CheckpointError.
    """
    state = _read(path)
    if is_transformers(state):
        state = from_transformers(state)
    expected = module.state_dict()
    missing, left = expected.keys() - state.keys(), state.keys() - expected.keys()
    if missing or left:
        raise CheckpointError(f"{path} holds another architecture: {_some(missing)} missing, {_some(left)} left over.")
    shapes = {key for key, value in state.items() if value.shape != expected[key].shape}
    if shapes:
        key = min(shapes)
        raise CheckpointError(
            f"{path} holds another size of this architecture: {_some(shapes)} of another shape; "
            f"{key} is {list(state[key].shape)} where {list(expected[key].shape)} is expected."
        )
    broken = {key for key, value in state.items() if not bool(torch.isfinite(value).all())}
    if broken:
        raise CheckpointError(f"{path} holds numbers that are not finite (NaN or infinity): {_some(broken)}.")
    module.load_state_dict(state)
    module.eval()


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise CheckpointError(f"{path} is not a file.")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        # Only tensors are unpickled: a checkpoint from elsewhere must not be able to run code.
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise CheckpointError(f"{path} could not be read: {error.strerror or error}") from error
    except (SafetensorError, RuntimeError, EOFError, pickle.UnpicklingError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(
            f"{path} ({path.stat().st_size} bytes) cannot be read as a checkpoint; it may be cut short: {reason}"
        ) from error
    if isinstance(content, dict) and isinstance(content.get("model"), dict):
        content = content["model"]
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
        raise CheckpointError(f"{path} holds no weights: a dictionary of tensors is expected.")
    return dict(content)


def _some(keys: set[str]) -> str:
    if not keys:
        return "none"
    return f"{len(keys)} ({', '.join(sorted(keys)[:EXAMPLES])}{', ...' if len(keys) > EXAMPLES else ''})"
