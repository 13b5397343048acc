"""Masks as a propagation brings them along: the model's own, made from its own, from slice to slice.

A model that was only ever shown true masks beside a slice forgives none of its own errors, and adds to them with each slice. Shown
the masks that it makes itself, it learns to mend them (Ross et al., "A reduction of imitation learning and structured prediction to
no-regret online learning", AISTATS 2011).

Whoever needs a mask yields a `Prompt` and is sent the mask, bool [H, W]: so a whole batch of walks keeps step, and asks the model
for all of its masks at once.
"""

from __future__ import annotations

import copy
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch

from .crop import NOTHING, Box, CropContract, Corrections, crop_around, mask_from_logits
from .masks import dice, tight_box
from .network import CropNet, autocast

# Room to grow on the next slice, as the server gives (byBox.ts).
MARGIN = 0.03
# A mask with fewer pixels, or with less in common with the truth, is what a propagation stops at, and nothing to learn from.
LEAST_AREA, LEAST_DICE = 6, 0.4

T = TypeVar("T")


@dataclass(frozen=True)
class Prompt:
    """What the model is to find: image uint8 [H, W] or [H, W, 3], a box in its pixels."""

    image: np.ndarray
    box: Box
    known: Corrections = NOTHING


Walk = Generator[Prompt, np.ndarray, T]


def found(image: np.ndarray, box: Box, truth: np.ndarray) -> Walk[np.ndarray]:
    """The model's mask for a box, or `truth` where that has too little in common with it."""
    mask = yield Prompt(image, box)
    return mask if is_enough(mask, truth) else truth


def carry(images: Sequence[np.ndarray], truths: Sequence[np.ndarray], first: np.ndarray) -> Walk[tuple[int, np.ndarray]]:
    """Where along `images` one gets from a mask `first` on the first of them, and the mask there.

    It goes on while the mask shows enough of what is truly there.
    """
    mask = first
    for step in range(1, len(images)):
        x0, y0, x1, y1 = tight_box(mask)
        margin = round(MARGIN * max(x1 - x0, y1 - y0))
        height, width = mask.shape
        box = max(x0 - margin, 0.0), max(y0 - margin, 0.0), min(x1 + margin, float(width)), min(y1 + margin, float(height))
        there = yield Prompt(images[step], box, Corrections(mask=mask, beside=images[step - 1]))
        if not is_enough(there, truths[step]):
            return step - 1, mask
        mask = there
    return len(images) - 1, mask


def is_enough(mask: np.ndarray, truth: np.ndarray) -> bool:
    return np.count_nonzero(mask) >= LEAST_AREA and dice(mask, truth) >= LEAST_DICE


class Walker:
    """Answers prompts with weights that all workers share with the training: as it gets better, so do the masks. The last two
    generations are kept, so that workers that are ahead can go on with the one before.

    device: where workers run it, each a copy of its own.
    """

    def __init__(self, network: CropNet, contract: CropContract, device: str = "cpu"):
        self.contract, self.device = contract, device
        self._kept = [copy.deepcopy(network).eval().share_memory() for _ in range(2)]
        self._newest = 0
        self._copy: tuple[int, CropNet] | None = None

    def follow(self, network: CropNet) -> None:
        """Takes on the weights of `network` as another generation, for all workers."""
        self._newest += 1
        self._kept[self._newest % 2].load_state_dict(network.state_dict())

    def run(self, walks: Sequence[Walk[T]], generation: int = 0) -> list[T]:
        """What the walks return, in their order. generation: after how many calls of `follow`; the last or the one before."""
        results: dict[int, T] = {}
        answers: dict[int, np.ndarray | None] = dict.fromkeys(range(len(walks)))
        while answers:
            asked = {}
            for index, answer in answers.items():
                try:
                    asked[index] = walks[index].send(answer)
                except StopIteration as ended:
                    results[index] = ended.value
            answers = dict(zip(asked, self._masks([*asked.values()], generation)))
        return [results[index] for index in range(len(walks))]

    def _masks(self, prompts: list[Prompt], generation: int) -> list[np.ndarray]:
        if not prompts:
            return []
        crops, regions = zip(*(crop_around(p.image, p.box, self.contract, p.known) for p in prompts))
        with torch.inference_mode(), autocast(self.device):
            batch = torch.from_numpy(np.stack(crops)).to(self.device, memory_format=torch.channels_last)
            logits = self._here(generation)(batch)[0][:, 0].float().cpu().numpy()
        sizes = (p.image.shape[:2] for p in prompts)
        return [mask_from_logits(logits[i], regions[i], width, height, 0.0) for i, (height, width) in enumerate(sizes)]

    def _here(self, generation: int) -> CropNet:
        # Copied by the worker itself: a device is not to be touched before the workers are forked.
        if self._copy is None or self._copy[0] != generation:
            kept = self._kept[generation % 2]
            self._copy = generation, copy.deepcopy(kept).to(self.device, memory_format=torch.channels_last)
        return self._copy[1]
