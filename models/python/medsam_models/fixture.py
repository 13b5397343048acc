"""What `cropModel.test.ts` compares with: small crops and masks made by `crop.py`.

Written by `python -m medsam_models fixture --out server/src/adapters/onnx/fixtures/crop.json`.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from .crop import CropContract, Corrections, Point, crop_around, mask_from_logits

# Shrinking, enlarging, over each edge, flat, thin, one pixel: columns, rows, components, box (indices, inclusive). Every
# other case has a mask, the second and the last that of a slice beside, and each has as many points inside and outside as its place in the list.
CASES = (
    (40, 30, 1, (4, 3, 35, 27)),
    (40, 30, 3, (10, 8, 17, 14)),
    (23, 38, 1, (0, 0, 22, 5)),
    (23, 38, 3, (20, 30, 22, 37)),
    (64, 20, 1, (0, 9, 63, 11)),
    (17, 17, 1, (8, 8, 8, 8)),
)


def write_fixture(out: Path) -> None:
    rng = np.random.default_rng(1)
    contract = CropContract(size=12)
    cases = []
    for number, (columns, rows, components, box) in enumerate(CASES):
        image = rng.integers(0, 256, (rows, columns, components), dtype=np.uint8)
        extent = (box[0], box[1], box[2] + 1, box[3] + 1)
        inside, outside = rng.integers(0, (columns, rows), (2, number, 2)).tolist()
        earlier = rng.random((rows, columns)) < 0.5 if number % 2 else None
        beside = rng.integers(0, 256, image.shape, dtype=np.uint8) if number in (1, 5) else None
        corrections = Corrections(_middles(inside), _middles(outside), earlier, beside)
        crop, region = crop_around(image[..., 0] if components == 1 else image, extent, contract, corrections)
        # In halves: exact in any precision, and no logit lies on the threshold.
        logits = rng.integers(-8, 8, (contract.size, contract.size)) / 2 + 0.25
        mask = mask_from_logits(logits, region, columns, rows, 0.0)
        cases.append({
            "columns": columns, "rows": rows, "components": components, "box": box,
            "inside": inside, "outside": outside, "earlier": None if earlier is None else earlier.ravel().astype(int).tolist(),
            "beside": None if beside is None else beside.ravel().tolist(),
            "pixels": image.ravel().tolist(),
            "region": region, "tensor": [round(float(v), 6) for v in crop.ravel()],
            "logits": logits.ravel().tolist(), "mask": mask.ravel().astype(int).tolist(),
        })  # fmt: skip
    fields = asdict(contract)
    named = {"size": fields["size"], "context": fields["context"], "maxStretch": fields["max_stretch"]}
    out.write_text(json.dumps({"contract": named, "cases": cases}, separators=(",", ":")) + "\n")


def _middles(pixels: list[list[int]]) -> tuple[Point, ...]:
    """Columns and rows of pixels, as the server names them, to continuous coordinates of their centres."""
    return tuple((column + 0.5, row + 0.5) for column, row in pixels)
