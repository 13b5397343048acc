"""Upstream's answers at reduced sizes, as the few numbers that the tests compare with: `tests/upstream/<model>.json`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..catalogue import MODELS
from ..graphs.golden import Array, hashed
from ..random_weights import random_state
from . import upstream
from .cases import SEED, masks_case, prompts, tracking_case
from .runners import decode_upstream, encode_upstream, track_upstream

POINTS = 40

COMMITS = {
    "medsam-vit-b": "bowang-lab/MedSAM main d71e8a1a99ad751840a22a7fa3ecfb4166fb1488",
    "litemedsam": "bowang-lab/MedSAM LiteMedSAM b0fab476e54e631dd412b25e0db9fdf2a2b0f54c",
    "medsam2": "bowang-lab/MedSAM2 main 332f30d420f1d1b08e2a79b3ae6a602458808383",
}


def write_answers(root: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for model_id, published in MODELS.items():
        ours = published.reduced()
        theirs = upstream.load(upstream.build(root, model_id, reduced=True), random_state(ours, SEED))
        if model_id == "medsam2":
            slices, at, box = tracking_case(ours.size)
            outputs = {"track": track_upstream(theirs, slices, at, {at: box})}
            outputs["masks"] = track_upstream(theirs, *masks_case(ours.size))
        else:
            embedding = encode_upstream(theirs, hashed(1, 3, ours.size, ours.size))
            outputs = {"embedding": embedding}
            for prompt in prompts(ours.size, embedding.shape[-1]):
                outputs[prompt.name] = decode_upstream(theirs, embedding, prompt)
        answer = {"commit": COMMITS[model_id], "outputs": {name: _sample(value) for name, value in outputs.items()}}
        (out / f"{model_id}.json").write_text(json.dumps(answer, indent=1) + "\n")


def _sample(value: Array) -> dict:
    flat = value.ravel()
    at = np.linspace(0, len(flat) - 1, POINTS).astype(int)
    return {"shape": list(value.shape), "at": at.tolist(), "values": [round(float(v), 6) for v in flat[at]]}
