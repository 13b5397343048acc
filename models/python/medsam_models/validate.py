"""Dice on held-out training patients: what training decisions are made by. The evaluation set is not for that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from .corpus import Picture
from .crop import CropContract, crop_around, mask_from_logits
from .network import CropNet
from .samples import from_scene, tight_box

CASES_PER_SET = 40


@dataclass
class Case:
    set: str
    crop: np.ndarray
    region: tuple[float, float, float, float]
    truth: np.ndarray


def validation_cases(corpus: dict[str, list[Picture]], contract: CropContract, seed: int) -> list[Case]:
    """Up to `CASES_PER_SET` objects of each set, with their tight boxes, and as many unseen scenes."""
    rng = np.random.default_rng((seed, 2**40))
    cases = []

    def add(name: str, image: np.ndarray, mask: np.ndarray) -> None:
        crop, region = crop_around(image, tight_box(mask), contract)
        cases.append(Case(name, crop, region, mask))

    for name, pictures in corpus.items():
        if name == "ct_regions":
            continue
        for index in rng.permutation(len(pictures))[:CASES_PER_SET]:
            picture = pictures[index]
            image, mask = picture.image, picture.labels == rng.choice(picture.objects)
            if picture.zoom > 1:
                size = (image.shape[1] * picture.zoom, image.shape[0] * picture.zoom)
                image = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))
                mask = mask.repeat(picture.zoom, 0).repeat(picture.zoom, 1)
            add(name, image, mask)
    for _ in range(2 * CASES_PER_SET):
        drawn = from_scene(rng, contract)
        add("scenes", drawn.image, drawn.mask)
    return cases


def dice(a: np.ndarray, b: np.ndarray) -> float:
    total = np.count_nonzero(a) + np.count_nonzero(b)
    return 2 * np.count_nonzero(a & b) / total if total else 1.0


def validate(model: CropNet, cases: list[Case]) -> dict[str, float]:
    """Mean Dice per set, at the images' own resolution."""
    model.eval()
    scores: dict[str, list[float]] = {}
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for case in cases:
            logits, _ = model(torch.from_numpy(case.crop)[None].to(memory_format=torch.channels_last))
            height, width = case.truth.shape
            mask = mask_from_logits(logits[0, 0].float().numpy(), case.region, width, height, 0.0)
            scores.setdefault(case.set, []).append(dice(mask, case.truth))
    return {name: round(float(np.mean(values)), 4) for name, values in scores.items()}
