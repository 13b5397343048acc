"""The crop model in 8 bits finds what it finds in 32."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from medsam_models import crop_int8, train
from medsam_models.crop import CropContract, crop_around
from medsam_models.crop_int8 import write_int8
from medsam_models.export import export, quantise
from medsam_models.masks import dice, tight_box
from medsam_models.network import CropNet
from medsam_models.samples import from_scene
from onnx import numpy_helper

EMBEDDED = Path(__file__).parents[2] / "weights" / "embedded-box.onnx"


def crops_of_scenes(seed: int, n: int) -> list[np.ndarray]:
    rng, contract = np.random.default_rng(seed), CropContract()
    drawn = [from_scene(rng, contract) for _ in range(n)]
    return [crop_around(each.image, tight_box(each.mask), contract)[0] for each in drawn]


@pytest.fixture(scope="module")
def int8(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("int8") / "int8.onnx"
    write_int8(EMBEDDED, crops_of_scenes(1, 24), out)
    return out


def test_masks_of_scenes_that_set_no_scale_stay_the_same(int8: Path) -> None:
    exact, rounded = (onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in (EMBEDDED, int8))
    alike, differences = [], []
    for crop in crops_of_scenes(2, 24):
        (logits, score), (logits8, score8) = (session.run(None, {"crop": crop[None]}) for session in (exact, rounded))
        alike.append(dice(logits8[0, 0] > 0, logits[0, 0] > 0))
        differences.append(abs(float(score8[0] - score[0])))
    assert np.median(alike) > 0.98
    assert np.mean(differences) < 0.03


def test_weights_stay_small_enough_for_processors_without_vnni(int8: Path) -> None:
    weights = [numpy_helper.to_array(t) for t in onnx.load(str(int8)).graph.initializer if t.data_type == onnx.TensorProto.INT8]
    of_convolutions = [w for w in weights if w.ndim == 4]
    assert len(of_convolutions) == 26
    assert all(np.abs(w.astype(int)).max() <= 64 for w in of_convolutions)
    assert int8.stat().st_size < EMBEDDED.stat().st_size / 3


def test_the_same_crops_make_the_same_file(int8: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.onnx"
    write_int8(EMBEDDED, crops_of_scenes(1, 24), again)
    assert again.read_bytes() == int8.read_bytes()


@pytest.mark.filterwarnings("ignore")
def test_a_checkpoint_of_another_crop_is_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, less in ((crop_int8, "CROPS", 4), (train, "WARM_START_SAMPLES", 4)):
        monkeypatch.setattr(module, name, less)
    torch.manual_seed(1)
    model = CropNet()
    with torch.no_grad():  # The exporter makes one of weights that are equal, as they are before training.
        for value in model.parameters():
            value.add_(0.05 * torch.randn_like(value))
    run = {"step": 1, "seconds": 60, "start_from": None, "rate": 1e-4, "device": "cpu", "workers": 1, "stages": []}
    saved = {"average": model.state_dict(), "contract": asdict(CropContract(size=64)), "seed": 1, "state": run}
    torch.save(saved, tmp_path / "last.pt")
    (tmp_path / "manifest.json").write_text(json.dumps({"items": [], "sets": []}))  # Scenes are enough.
    export(tmp_path / "last.pt", tmp_path, tmp_path, None)
    int8 = tmp_path / "weights" / "embedded-box.int8.onnx"
    assert onnx.load(str(int8)).graph.input[0].type.tensor_type.shape.dim[3].dim_value == 64
    exported = int8.read_bytes()
    quantise(tmp_path, tmp_path, None)
    assert int8.read_bytes() == exported
