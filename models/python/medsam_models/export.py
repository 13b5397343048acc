"""From a checkpoint to what the server loads: an ONNX file and its card."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor

from .crop import CHANNELS, POINT_RADIUS, CropContract, coverage, region_around
from .crop_int8 import calibration_crops, write_int8
from .network import CropNet
from .samples import SHARES
from .train import BATCH

MODEL_ID, TITLE, VERSION = "embedded-box", "Embedded box model", "2.3.0"
OPSET = 17
GOLDEN_POINTS = 24
# GPUs may round the factors of float32 products to 10 bits; logits here reach 18, and no mask shows a twentieth of one. Where 8 bits are
# emulated, as on GPUs, a third of one is what other rounding makes of this input, which is all noise.
TOLERANCES = {"fp32": 0.05, "int8": 0.75}
# On a processor a box takes two thirds of the time in 8 bits, at no cost in Dice (README); a GPU has to emulate them.
PREFERRED = {"cpu": "int8"}

# Good: real images in training, and a mean Dice of 0.9 or more on every set measured, above both baselines.
MODALITIES = {
    "good": ["DX", "CR", "ES", "DMS", "SM"],
    "experimental": ["CT", "MR", "US", "MG", "OPT", "OP", "PT", "NM", "XA", "OT"],
}


def golden_input(contract: CropContract) -> np.ndarray:
    """[1, 8, S, S] float32 that any language makes alike: a multiplicative hash of the flat index,
    `(i * 2654435761 mod 2^32) / 2^32`; but the box channel is that of a centred square box."""
    size, channels = contract.size, len(CHANNELS)
    numbers = np.arange(channels * size * size, dtype=np.uint64) * 2654435761 % 2**32 / 2**32
    made = numbers.astype(np.float32).reshape(1, channels, size, size)
    box = (0.0, 0.0, 1.0, 1.0)
    x0, _, x1, _ = region_around(box, contract)
    side = coverage(x0, x1, 0.0, 1.0, size)
    made[0, CHANNELS.index("box")] = side[:, None] * side
    return made


def export(checkpoint: Path, out: Path, data: Path, report: Path | None) -> None:
    """Writes `out/weights/embedded-box.onnx`, its int8 variant beside it, and `out/cards/embedded-box.json`.

    report: what `npm run evaluate` wrote for either of the two; its numbers go onto the card.
    """
    saved = torch.load(checkpoint, weights_only=True, map_location="cpu")
    contract = CropContract(**saved["contract"])
    weights = _weights(out, "fp32")
    weights.parent.mkdir(parents=True, exist_ok=True)
    _write_graph(saved["average"], contract, weights)
    write_int8(weights, calibration_crops(weights, data, contract), _weights(out, "int8"))
    _write_card(out, {
        "id": MODEL_ID,
        "title": TITLE,
        "version": VERSION,
        "family": "crop",
        "licence": "Apache-2.0",
        "notice": "Not MedSAM: the project's own small model. Not for diagnosis without review.",
        **_interface(contract),
        "goldenInput": golden_input.__doc__.replace("\n    ", " "),
        "modalities": MODALITIES,
        "training": _provenance(saved, data),
    }, contract, report)  # fmt: skip


def quantise(out: Path, data: Path, report: Path | None) -> None:
    """Writes the int8 variant of the weights in `out` anew, and what the card says of it. data, report: as for `export`."""
    weights = _weights(out, "fp32")
    card = json.loads(_card(out).read_text())
    crop = card["crop"]
    contract = CropContract(crop["size"], crop["context"], crop["maxStretch"])
    write_int8(weights, calibration_crops(weights, data, contract), _weights(out, "int8"))
    _write_card(out, card, contract, report)


def _weights(out: Path, variant: str) -> Path:
    return out / "weights" / (f"{MODEL_ID}.onnx" if variant == "fp32" else f"{MODEL_ID}.{variant}.onnx")


def _card(out: Path) -> Path:
    return out / "cards" / f"{MODEL_ID}.json"


def _write_card(out: Path, facts: dict, contract: CropContract, report: Path | None) -> None:
    """facts: all but what can be read off the files."""
    files = {variant: _facts(_weights(out, variant), out) for variant in TOLERANCES}
    golden = {variant: _golden(_weights(out, variant), contract, tolerance) for variant, tolerance in TOLERANCES.items()}
    card = {**facts, "files": files, "preferred": PREFERRED, "golden": golden}
    if report is not None:
        card["numbers"] = _numbers(report, files)
    elif "numbers" in card and files[card["numbers"]["variant"]] != facts["files"][card["numbers"]["variant"]]:
        del card["numbers"]  # they were measured with other weights
    _card(out).parent.mkdir(parents=True, exist_ok=True)
    _card(out).write_text(json.dumps(card, indent=2) + "\n")
    for variant in files:
        print(f"{files[variant]['path']}: {files[variant]['bytes'] / 1e6:.1f} MB")


def _write_graph(state: dict[str, Tensor], contract: CropContract, path: Path) -> None:
    model = CropNet()
    model.load_state_dict(state)
    model.eval()
    torch.onnx.export(
        model,
        (torch.from_numpy(golden_input(contract)),),
        str(path),
        dynamo=False,
        opset_version=OPSET,
        input_names=["crop"],
        output_names=["logits", "score"],
        dynamic_axes={"crop": {0: "n"}, "logits": {0: "n"}, "score": {0: "n"}},
    )
    onnx.checker.check_model(str(path), full_check=True)


def _facts(weights: Path, out: Path) -> dict:
    content = weights.read_bytes()
    return {"path": str(weights.relative_to(out)), "bytes": len(content), "sha256": sha256(content).hexdigest()}


def _interface(contract: CropContract) -> dict:
    size = contract.size
    return {
        "opset": OPSET,
        "input": {"name": "crop", "shape": ["n", len(CHANNELS), size, size], "channels": list(CHANNELS), "range": [0, 1]},
        "output": {"name": "logits", "shape": ["n", 1, size, size], "threshold": 0},
        "score": {"name": "score", "shape": ["n"], "meaning": "predicted IoU of the mask with the object"},
        "crop": {
            "size": size,
            "context": contract.context,
            "maxStretch": contract.max_stretch,
            "resampling": "separable triangle filter, anti-aliased when shrinking",
            "outside": 0,
            "pointRadius": POINT_RADIUS,
        },
    }


def _golden(weights: Path, contract: CropContract, tolerance: float) -> dict:
    session = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
    logits = session.run(["logits"], {"crop": golden_input(contract)})[0].ravel()
    at = [int(i) for i in np.linspace(0, len(logits) - 1, GOLDEN_POINTS)]
    return {
        "at": at,
        "values": [round(float(logits[i]), 6) for i in at],
        "tolerance": tolerance,
    }


def _provenance(saved: dict, data: Path) -> dict:
    sets = {s["id"]: s for s in json.loads((data / "manifest.json").read_text())["sets"]}
    keys = ("id", "modality", "label", "licence", "source", "n")
    real = [{key: sets[name][key] for key in keys} for name in SHARES if name in sets]
    drawn = {"id": "scenes", "modality": "synthetic", "licence": "Apache-2.0", "source": "models/python"}
    seed, state = saved["seed"], saved["state"]
    minutes, start = round(state["seconds"] / 60), state["start_from"]
    options = f"--seed {seed} --rate {state['rate']:g} --device {state['device']} --workers {state['workers']}"
    options += "" if start is None else " --start-from WEIGHTS"
    return {
        "data": [*real, drawn],
        "shareAlike": "Of sets under CC BY-SA no image or mask is part of the weights file.",
        "seed": seed,
        "steps": state["step"],
        "batch": BATCH,
        "minutes": minutes,
        **({} if start is None else {"startedFromSha256": start}),
        # The learning rate falls with the budget, so each stage counts: which one it was run for, and where it ended.
        "command": f"python -m medsam_models train --data DIR --out RUN {options}",
        "stages": state["stages"],
        "export": "python -m medsam_models export --checkpoint RUN/last.pt --data DIR --out ..",
    }


def _numbers(report: Path, files: dict[str, dict]) -> dict:
    measured = json.loads(report.read_text())
    sha256 = measured["model"]["sha256"]
    variant = next((variant for variant, facts in files.items() if facts["sha256"] == sha256), None)
    if variant is None:
        raise ValueError(f"{report} was measured with other weights: {sha256}")
    return {
        "variant": variant,
        "mean": measured["mean"],
        "sets": {
            name: {"n": s["n"], "dice": s["dice"]["mean"], "nsd": s["nsd"]["mean"]}
            for name, s in measured["sets"].items()
        },
    }
