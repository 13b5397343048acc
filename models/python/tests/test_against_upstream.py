"""Our architectures against numbers that upstream's own code computed (`python -m medsam_models upstream-answers`)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from medsam_models.catalogue import MODELS
from medsam_models.graphs.golden import hashed
from medsam_models.medsam2.tracker import track_box, track_masks
from medsam_models.parity.cases import SEED, masks_case, prompts, tracking_case
from medsam_models.parity.runners import decode, pytorch_graphs, tracking_graphs
from medsam_models.random_weights import random_state

# Rounding of float32 through the deepest of the models; values are of the order of one.
CLOSE = 2e-4


def loaded(model_id: str):
    model = MODELS[model_id].reduced()
    model.load_state_dict(random_state(model, SEED))
    return model.eval()


def assert_upstream(model_id: str, name: str, value: np.ndarray) -> None:
    answer = json.loads((Path(__file__).parent / "upstream" / f"{model_id}.json").read_text())["outputs"][name]
    assert list(value.shape) == answer["shape"]
    np.testing.assert_allclose(value.ravel()[answer["at"]], answer["values"], rtol=0, atol=CLOSE)


@pytest.mark.parametrize("model_id", ["medsam-vit-b", "litemedsam"])
def test_embeds_and_decodes_as_upstream_does(model_id: str) -> None:
    model = loaded(model_id)
    graphs = pytorch_graphs(model)
    (embedding,) = graphs["encoder"](hashed(1, 3, model.size, model.size))
    assert_upstream(model_id, "embedding", embedding)
    for prompt in prompts(model.size, embedding.shape[-1]):
        assert_upstream(model_id, prompt.name, decode(graphs, embedding, prompt))


def test_carries_a_box_through_a_volume_as_upstream_does() -> None:
    model = loaded("medsam2")
    slices, at, box = tracking_case(model.size)
    assert_upstream("medsam2", "track", track_box(tracking_graphs(pytorch_graphs(model)), slices, at, box))


def test_carries_masks_through_a_volume_as_upstream_does() -> None:
    model = loaded("medsam2")
    graphs = tracking_graphs(pytorch_graphs(model))
    assert_upstream("medsam2", "masks", track_masks(graphs, *masks_case(model.size)))
