"""What the server's tests of the published models compare with: exported models so small that they can be committed, and
what upstream's arithmetic (scikit-image, OpenCV, Pillow, PyTorch; requirements-parity.txt) makes of small images.

Written by `python -m medsam_models loader-fixtures --out server/src/adapters/onnx/fixtures`.
"""

from __future__ import annotations

import gzip
import json
import shutil
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn
from torch.nn import functional as F

from .graphs.export import export_model
from .graphs.golden import Array
from .medsam2.model import MedSam2
from .medsam2.tracker import track_masks
from .parity.cases import disc, picture
from .parity.prepare import (
    area_resize,
    lite_box,
    mask_of_lite,
    mask_of_vit,
    prepare_lite,
    prepare_tracking,
    prepare_vit,
)
from .parity.runners import Run, exported_graphs, tracking_graphs
from .random_weights import random_state
from .sam.image_encoder import ImageEncoder
from .sam.model import Sam
from .tinyvit.image_encoder import TinyViT

Mask = NDArray[np.bool_]

MODELS: dict[str, Callable[[], nn.Module]] = {
    "medsam-vit-b": lambda: Sam(
        ImageEncoder(size=64, width=16, depth=2, heads=2, window=2, global_blocks=(1,), channels=16),
        size=64, grid=4, channels=16, hidden=16,
    ),
    "litemedsam": lambda: Sam(
        TinyViT(widths=(4, 8, 8, 16), depths=(1, 1, 1, 1), heads=(1, 1, 1, 1), channels=16),
        size=256, channels=16, hidden=16,
    ),
    "medsam2": lambda: MedSam2(
        size=64, width=8, channels=16, memory_channels=8, hidden=16, memory_layers=1,
        stages=(1, 1, 1, 1), global_blocks=(2,),
    ),
}  # fmt: skip
# Of the pictures, and of the weights: those of MedSAM2 find the object on some slices, and on some not.
SEED = 1
WEIGHT_SEEDS = {"medsam-vit-b": SEED, "litemedsam": SEED, "medsam2": 14}
# Rows, columns, components: enlarged, shrunk, one of each, unchanged, a line of pixels. Where scikit-image shrinks, the
# last bit of the Gaussian depends on the processor; Pillow 13 shrinks tall images downwards first, as none before it.
SHAPES = ((37, 23, 1), (30, 41, 3), (80, 90, 3), (50, 128, 1), (48, 48, 1), (3, 90, 1), (40, 60, 1))
SIZE = 48


def write_loader_fixtures(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    feeds = {"size": SIZE, "images": [_feed(image) for image in _images()], "masks": _masks()}
    _write(out / "feeds.json", feeds)
    _write(out / "maskInput.json", [_mask_input_case(*case) for case in ((37, 23, 16, 16), (20, 50, 16, 6), (5, 4, 16, 13))])
    answers = {}
    for model_id, build in MODELS.items():
        model = build()
        model.load_state_dict(_coarse(random_state(model, WEIGHT_SEEDS[model_id])))
        shutil.rmtree(out / "models" / "weights" / model_id, ignore_errors=True)
        card = export_model(model.eval(), model_id, out / "models")
        graphs = exported_graphs(card, out / "models", "fp32")
        answers[model_id] = _answers(model_id, card, graphs)
        if model_id == "medsam2":
            _write(out / "walks.json", _walks(graphs, card["input"]["size"]))
        _keep(card, ("fp32", "int8") if model_id == "medsam-vit-b" else ("fp32",), out / "models")
    _write(out / "answers.json", answers)


def _keep(card: dict, variants: tuple[str, ...], folder: Path) -> None:
    """Compresses the files of these variants, removes the others, and takes them off the card."""
    for files in card["files"].values():
        for variant in list(files):
            path = folder / files[variant]["path"]
            if variant in variants:
                path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
            else:
                del files[variant]
            path.unlink()
    card["golden"] = {variant: card["golden"][variant] for variant in variants}
    _write(folder / "cards" / f"{card['id']}.json", card)


def _coarse(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """In steps of 1/8: it is no worse a model than before, and can be compressed."""
    return {key: (value * 8).round() / 8 if value.is_floating_point() else value for key, value in state.items()}


def _images() -> list[NDArray[np.uint8]]:
    """Noise, and two flat areas: where nothing varies, the last bit decides to which side a value is truncated."""
    rng = np.random.default_rng(SEED)
    images = []
    for rows, columns, components in SHAPES:
        noise = rng.integers(0, 256, (rows, columns, components), dtype=np.uint8)
        flat = np.full((rows, columns, components), 100, dtype=np.uint8)
        flat[rows // 3 :, columns // 2 :] = np.array([171, 33, 250], dtype=np.uint8)[:components]
        images += [noise.squeeze(), flat.squeeze()]
    return images


def _feed(image: NDArray[np.uint8]) -> dict:
    from skimage import transform

    colour = np.repeat(image[:, :, None], 3, axis=-1) if image.ndim == 2 else image
    spline = transform.resize(colour, (SIZE, SIZE), order=3, preserve_range=True, anti_aliasing=True)
    bicubic = np.asarray(Image.fromarray(image).convert("RGB").resize((SIZE, SIZE)))
    return {
        **_facts(image),
        "spline": _hash(spline.astype(np.uint8)),
        "area": _hash(area_resize(image, SIZE)),
        "bicubic": _hash(bicubic),
        "medsam": _hash(prepare_vit(image, SIZE)),
        "litemedsam": _hash(prepare_lite(image, SIZE)[0]),
        "medsam2": _hash(prepare_tracking(image[None], SIZE)),
    }


def _masks() -> list[dict]:
    """Logits of 16 x 16 over images of several shapes."""
    rng = np.random.default_rng(SEED)
    cases = []
    for rows, columns in ((37, 23), (16, 16), (9, 12), (100, 71)):
        logits = F.interpolate(torch.from_numpy(rng.standard_normal((1, 1, 5, 5), dtype=np.float32) * 4), size=(16, 16), mode="bicubic").numpy()
        inner = _inner(rows, columns, 16)
        cases.append({
            "rows": rows, "columns": columns, "logits": _text(logits),
            "medsam": _runs(mask_of_vit(logits, rows, columns)),
            "litemedsam": _runs(mask_of_lite(logits, inner, rows, columns)),
            "medsam2": _runs(_mask_of_tracking(logits, rows, columns)),
        })  # fmt: skip
    return cases


def _mask_of_tracking(logits: Array, rows: int, columns: int) -> Mask:
    enlarged = F.interpolate(torch.from_numpy(logits), size=(rows, columns), mode="bilinear", align_corners=False)
    return (enlarged > 0).numpy()[0, 0]


def _inner(rows: int, columns: int, size: int) -> tuple[int, int]:
    scale = size / max(rows, columns)
    return int(rows * scale + 0.5), int(columns * scale + 0.5)


def _mask_input(mask: Mask, side: int, inner: tuple[int, int]) -> Array:
    """[side, side]: how much of each pixel the mask covers, from -10 (nothing) to 10 (all)."""

    def overlap(length: int, cells: int) -> NDArray[np.float64]:
        edges = np.arange(length + 1) * (cells / length)
        grid = np.arange(side)[:, None]
        return np.clip(np.minimum(edges[1:], grid + 1) - np.maximum(edges[:-1], grid), 0, None)

    covered = overlap(mask.shape[0], inner[0]) @ mask @ overlap(mask.shape[1], inner[1]).T
    return (20 * covered - 10).astype(np.float32)


def _mask_input_case(rows: int, columns: int, side: int, narrow: int) -> dict:
    mask = np.random.default_rng(SEED).random((rows, columns)) < 0.4
    inner = (side, narrow) if rows > columns else (narrow, side)
    found = _mask_input(mask, side, inner)
    return {"rows": rows, "columns": columns, "side": side, "shown": inner[::-1], "runs": _runs(mask), "input": found.ravel().tolist()}


def _answers(model_id: str, card: dict, graphs: dict[str, Run]) -> dict:
    image = picture(60, 84)
    rows, columns = image.shape
    size, side = card["input"]["size"], 4 * card["embedding"]["grid"]
    box = np.array([20, 11, 55, 49])
    if model_id == "medsam2":
        features = graphs["encoder"](prepare_tracking(image[None], size))
        scaled = (box.reshape(2, 2).astype(np.float32) / np.array([columns, rows], np.float32) * np.float32(size)).reshape(1, 4)
        low, _, _ = graphs["init"](*features, scaled)
        return {**_facts(image), "box": box.tolist(), "prompts": [{"runs": _runs(_mask_of_tracking(low, rows, columns))}]}
    if model_id == "medsam-vit-b":
        scale, inner = np.array([size / columns, size / rows]), (side, side)
        tensor, input_box = prepare_vit(image, size), (box / np.array([columns, rows] * 2) * size).astype(np.float32)[None]
        finish = lambda logits: mask_of_vit(logits, rows, columns)  # noqa: E731
    else:
        scale, inner = np.full(2, size / max(rows, columns)), _inner(rows, columns, side)
        tensor, input_box = prepare_lite(image, size)[0], lite_box(box, rows, columns, size)
        finish = lambda logits: mask_of_lite(logits, inner, rows, columns)  # noqa: E731
    (embedding,) = graphs["encoder"](tensor)
    inside, outside = [[30, 20], [45, 40]], [[22, 45]]
    earlier = np.zeros(image.shape, dtype=bool)
    earlier[20:40, 30:50] = True
    prompts = []
    for points, mask in (([], None), ([*inside, *outside], None), ([*inside, *outside], earlier)):
        labels = [1, 1, 0][: len(points)]
        logits, iou = graphs["decoder"](
            embedding,
            input_box,
            (np.array(points, dtype=np.float64).reshape(1, -1, 2) * scale).astype(np.float32),
            np.array([labels], dtype=np.float32),
            (np.zeros((side, side), np.float32) if mask is None else _mask_input(mask, side, inner))[None, None],
            np.array([mask is not None], dtype=np.float32),
        )
        found = finish(logits)
        print(f"{model_id}: {found.mean():.2f} of the image, iou {iou[0, 0]:.2f}")
        prompts.append({
            "runs": _runs(found),
            "score": float(np.clip(iou[0, 0], 0, 1)),
            "corrections": {"inside": inside, "outside": outside} if points else None,
            "mask": None if mask is None else _runs(mask),
        })  # fmt: skip
    return {**_facts(image), "box": box.tolist(), "prompts": prompts}


def _walks(graphs: dict[str, Run], size: int) -> dict:
    """A disc carried through eight slices, from the mask of one of them, and from those of two."""
    rows, columns, slices, at = 60, 84, 8, 2
    pictures = [picture(rows, columns, 0.02 * (i - at)) for i in range(slices)]
    prepared = prepare_tracking(np.stack(pictures), size)
    discs = {i: disc(rows, columns, 0.02 * (i - at)) for i in (at, slices - 1)}
    walks = []
    for anchors in ((at,), (at, slices - 1)):
        shown = {i: _input_mask(discs[i], size) for i in anchors}
        low = track_masks(tracking_graphs(graphs), prepared, at, shown)
        found = [i for i in range(slices) if i not in anchors]
        masks = {i: _mask_of_tracking(low[i][None, None], rows, columns) for i in found}
        print(f"walk from {anchors}:", *(f"{mask.mean():.2f}" for mask in masks.values()), "of the image")
        given = [{"slice": i, "runs": _runs(discs[i])} for i in anchors]
        answers = [{"slice": i, "runs": _runs(masks[i]), "score": _expected_dice(low[i])} for i in found]
        walks.append({"anchors": given, "masks": answers})
    return {"slices": [_facts(image) for image in pictures], "at": at, "walks": walks}


def _input_mask(mask: Mask, size: int) -> Array:
    """[size, size] of 0 and 1, as upstream's `add_new_mask` shrinks and enlarges."""
    whole = torch.from_numpy(mask[None, None].astype(np.float32))
    resized = F.interpolate(whole, size=(size, size), mode="bilinear", align_corners=False, antialias=True)
    return (resized >= 0.5).float().numpy()[0, 0]


def _expected_dice(low: Array) -> float:
    """The server's score of a mask, which moves with every logit."""
    chance = 1 / (1 + np.exp(-low.astype(np.float64)))
    inside = low > 0
    if not inside.any():
        return 0.0
    return round(float(2 * chance[inside].sum() / (chance.sum() + inside.sum())), 6)


def _facts(image: NDArray[np.uint8]) -> dict:
    return {"rows": image.shape[0], "columns": image.shape[1], "components": 3 if image.ndim == 3 else 1, "pixels": _text(image)}


def _runs(mask: Mask) -> list[int]:
    """Start, length, start, length ... over the flat index."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.ravel().astype(np.int8), [0]])))
    starts, ends = edges[::2], edges[1::2]
    return np.stack([starts, ends - starts], axis=1).ravel().tolist()


def _text(values: np.ndarray) -> str:
    return b64encode(np.ascontiguousarray(values).tobytes()).decode()


def _hash(values: np.ndarray) -> str:
    return sha256(np.ascontiguousarray(values).tobytes()).hexdigest()


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
