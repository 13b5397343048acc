"""Dice on held-out training patients: what training decisions are made by. The evaluation set is not for that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from .augment import enlarged
from .corpus import Picture
from .crop import CropContract, Corrections, crop_around, mask_from_logits
from .masks import dice, tight_box
from .network import CropNet, autocast
from .samples import from_scene, from_volume
from .walker import Walker

CASES_PER_SET = 40


@dataclass
class Case:
    set: str
    crop: np.ndarray
    region: tuple[float, float, float, float]
    truth: np.ndarray


def validation_cases(corpus: dict[str, list[Picture]], contract: CropContract, seed: int, walker: Walker) -> list[Case]:
    """Up to `CASES_PER_SET` objects of each set, with their tight boxes; unseen scenes; and slices that are shown
    with the one beside and the mask that `walker` carried to there ("beside": where the object has ended, only no mask is right)."""
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
            add(name, *enlarged(picture.image, picture.labels == rng.choice(picture.objects), picture.zoom))
    for _ in range(2 * CASES_PER_SET):
        drawn = from_scene(rng, contract)
        add("scenes", drawn.image, drawn.mask)
    in_volumes = [p for pictures in corpus.values() for p in pictures if p.place is not None]
    for index in rng.permutation(len(in_volumes))[: 2 * CASES_PER_SET]:
        [drawn] = walker.run([from_volume(rng, in_volumes[index], contract)])
        image, mask = drawn.beside
        crop, region = crop_around(drawn.image, tight_box(mask), contract, Corrections(mask=mask, beside=image))
        cases.append(Case("beside", crop, region, drawn.mask))
    return cases


def validate(model: CropNet, cases: list[Case], device: str) -> dict[str, float]:
    """Mean Dice per set, at the images' own resolution; `model` is on `device`."""
    model.eval()
    scores: dict[str, list[float]] = {}
    with torch.inference_mode(), autocast(device):
        for case in cases:
            logits, _ = model(torch.from_numpy(case.crop)[None].to(device, memory_format=torch.channels_last))
            height, width = case.truth.shape
            mask = mask_from_logits(logits[0, 0].float().cpu().numpy(), case.region, width, height, 0.0)
            scores.setdefault(case.set, []).append(dice(mask, case.truth))
    return {name: round(float(np.mean(values)), 4) for name, values in scores.items()}
