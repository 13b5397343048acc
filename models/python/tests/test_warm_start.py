"""Training goes on from exported weights as if their checkpoint were still there."""

from pathlib import Path

import pytest
import torch
from medsam_models.crop import CHANNELS, CropContract
from medsam_models.export import _write_graph
from medsam_models.network import CropNet
from medsam_models.warm_start import warm_start

CONTRACT = CropContract(size=64)


@pytest.mark.filterwarnings("ignore")
def test_what_was_exported_comes_back(tmp_path: Path):
    torch.manual_seed(1)
    trained, fresh = CropNet(), CropNet()
    with torch.no_grad():
        for value in trained.parameters():
            value.add_(0.05 * torch.randn_like(value))
    crops = torch.rand(4, len(CHANNELS), 64, 64)
    for _ in range(8):  # running means and variances of something
        trained(crops)
    trained.eval()
    _write_graph(trained.state_dict(), CONTRACT, tmp_path / "weights.onnx")
    warm_start(fresh, tmp_path / "weights.onnx", crops)
    with torch.no_grad():
        (logits, score), (expected, expected_score) = fresh.eval()(crops), trained(crops)
    assert torch.allclose(logits, expected, atol=1e-3 * float(expected.abs().max()))
    assert torch.allclose(score, expected_score, atol=1e-3)
    assert float(score.std()) > 1e-5
