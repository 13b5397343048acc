"""Loading published weights: all of it or a reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from medsam_models.catalogue import MODELS
from medsam_models.checkpoint import CheckpointError, load_checkpoint
from medsam_models.random_weights import random_state
from medsam_models.transformers_layout import from_transformers
from safetensors.torch import save_file


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    return random_state(MODELS["medsam-vit-b"].reduced(), seed=1)


def refused(path: Path) -> str:
    with pytest.raises(CheckpointError) as error:
        load_checkpoint(MODELS["medsam-vit-b"].reduced(), path)
    return str(error.value)


def saved(path: Path, content: object) -> Path:
    torch.save(content, path)
    return path


def test_takes_plain_and_training_checkpoints(tmp_path: Path, state: dict) -> None:
    for content in (state, {"model": state, "epoch": 3}):
        model = MODELS["medsam-vit-b"].reduced()
        load_checkpoint(model, saved(tmp_path / "weights.pth", content))
        assert all(torch.equal(value, state[key]) for key, value in model.state_dict().items())
        assert not model.training


def test_takes_the_layout_of_the_transformers_library(tmp_path: Path, state: dict) -> None:
    """Names and shapes as transformers 5.24 lists them for the same configuration."""
    named = json.loads((Path(__file__).parent / "upstream" / "transformers_keys.json").read_text())
    original = {key: next(iter(from_transformers({key: None})), None) for key in named}
    places = "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"
    content = {key: state[name or places].clone() for key, name in original.items()}
    assert {key: list(value.shape) for key, value in content.items()} == named
    save_file(content, tmp_path / "model.safetensors")
    model = MODELS["medsam-vit-b"].reduced()
    load_checkpoint(model, tmp_path / "model.safetensors")
    assert all(torch.equal(value, state[key]) for key, value in model.state_dict().items())


def test_says_when_a_file_is_cut_short(tmp_path: Path, state: dict) -> None:
    for name in ("weights.pth", "model.safetensors"):
        path = tmp_path / name
        if path.suffix == ".pth":
            torch.save(state, path)
        else:
            save_file(state, path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        assert "cut short" in refused(path)


def test_says_when_it_is_another_architecture(tmp_path: Path) -> None:
    other = random_state(MODELS["litemedsam"].reduced(), seed=1)
    assert "another architecture" in refused(saved(tmp_path / "weights.pth", other))


def test_names_the_key_that_is_missing_or_left_over(tmp_path: Path, state: dict) -> None:
    without = {key: value for key, value in state.items() if key != "mask_decoder.iou_token.weight"}
    assert "1 (mask_decoder.iou_token.weight) missing, none left over" in refused(saved(tmp_path / "a.pth", without))
    assert "none missing, 1 (head.weight) left over" in refused(
        saved(tmp_path / "b.pth", state | {"head.weight": torch.zeros(1)})
    )


def test_says_when_a_size_differs(tmp_path: Path, state: dict) -> None:
    wider = state | {"image_encoder.pos_embed": torch.zeros(1, 16, 16, 32)}
    assert "[1, 16, 16, 32] where [1, 8, 8, 32]" in refused(saved(tmp_path / "weights.pth", wider))


def test_says_which_weights_are_not_numbers(tmp_path: Path, state: dict) -> None:
    broken = state | {"image_encoder.neck.0.weight": state["image_encoder.neck.0.weight"] * float("nan")}
    assert "not finite (NaN or infinity): 1 (image_encoder.neck.0.weight)" in refused(
        saved(tmp_path / "weights.pth", broken)
    )


class Elsewhere:
    """What a pickle could run."""


def test_runs_no_code_from_a_checkpoint(tmp_path: Path) -> None:
    assert "cannot be read" in refused(saved(tmp_path / "weights.pth", {"model": Elsewhere()}))


def test_says_when_there_is_no_file(tmp_path: Path) -> None:
    assert "is not a file" in refused(tmp_path / "absent.pth")
