"""Masks as a propagation brings them along: the model's own, made from its own, from slice to slice.

A model that was only ever shown true masks beside a slice forgives none of its own errors, and adds to them with each slice. Shown
the masks that it makes itself, it learns to mend them (Ross et al., "A reduction of imitation learning and structured prediction to
no-regret online learning", AISTATS 2011).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime

from .beside import spoilt
from .crop import NOTHING, Box, CropContract, Corrections, crop_around, mask_from_logits
from .masks import dice, tight_box
from .scenes import Rng

# Room to grow on the next slice, as the server gives (byBox.ts).
MARGIN = 0.03
# A mask with fewer pixels, or with less in common with the truth, is what a propagation stops at, and nothing to learn from.
LEAST_AREA, LEAST_DICE = 6, 0.4


class Carrier(Protocol):
    """Makes the masks that are shown beside a slice. Images are uint8 [H, W] or [H, W, 3], masks bool [H, W]."""

    def found(self, rng: Rng, image: np.ndarray, box: Box, truth: np.ndarray) -> np.ndarray:
        """The mask for a box, or `truth` where that has too little in common with it."""
        ...

    def carry(
        self, rng: Rng, images: Sequence[np.ndarray], truths: Sequence[np.ndarray], first: np.ndarray
    ) -> tuple[int, np.ndarray]:
        """Where along `images` one gets from a mask `first` on the first of them, and the mask there.

        It goes on while the mask shows enough of what is truly there.
        """
        ...


class Guess:
    """Where there is no model yet: true masks, spoilt as one might spoil them."""

    def found(self, rng: Rng, _: np.ndarray, __: Box, truth: np.ndarray) -> np.ndarray:
        return spoilt(rng, truth)

    def carry(
        self, rng: Rng, images: Sequence[np.ndarray], truths: Sequence[np.ndarray], _: np.ndarray
    ) -> tuple[int, np.ndarray]:
        ended = (step for step, truth in enumerate(truths) if np.count_nonzero(truth) < LEAST_AREA)
        last = next(ended, len(truths)) - 1
        return last, spoilt(rng, truths[last])


class Walker:
    """Propagates with exported weights (ONNX), as they are: the model that is being trained need not keep up with itself."""

    def __init__(self, weights: Path, contract: CropContract):
        self.weights, self.contract = weights, contract

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        # Opened by the worker that makes samples: a session does not outlive a fork.
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(self.weights, options, providers=["CPUExecutionProvider"])

    def _mask(self, image: np.ndarray, box: Box, known: Corrections) -> np.ndarray:
        crop, region = crop_around(image, box, self.contract, known)
        logits = self._session.run(["logits"], {"crop": crop[None]})[0][0, 0]
        height, width = image.shape[:2]
        return mask_from_logits(logits, region, width, height, 0.0)

    def found(self, _: Rng, image: np.ndarray, box: Box, truth: np.ndarray) -> np.ndarray:
        mask = self._mask(image, box, NOTHING)
        return mask if is_enough(mask, truth) else truth

    def carry(
        self, _: Rng, images: Sequence[np.ndarray], truths: Sequence[np.ndarray], first: np.ndarray
    ) -> tuple[int, np.ndarray]:
        mask = first
        for step in range(1, len(images)):
            x0, y0, x1, y1 = tight_box(mask)
            margin = round(MARGIN * max(x1 - x0, y1 - y0))
            height, width = mask.shape
            box = max(x0 - margin, 0.0), max(y0 - margin, 0.0), min(x1 + margin, float(width)), min(y1 + margin, float(height))
            found = self._mask(images[step], box, Corrections(mask=mask, beside=images[step - 1]))
            if not is_enough(found, truths[step]):
                return step - 1, mask
            mask = found
        return len(images) - 1, mask


def is_enough(mask: np.ndarray, truth: np.ndarray) -> bool:
    return np.count_nonzero(mask) >= LEAST_AREA and dice(mask, truth) >= LEAST_DICE
