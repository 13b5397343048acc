"""Training samples: a picture or a painted scene, one object, one imprecise box, one crop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from scipy import ndimage
from torch.utils.data import Dataset

from .augment import enlarged, recolour, turn
from .beside import ENDED, box_beside, slice_beside, spoilt, without_object
from .corpus import Picture
from .corrections import correct, earlier_mask, neighbour
from .crop import Box, CropContract, Corrections, crop_around, region_around, resample
from .masks import tight_box
from .painting import paint
from .scenes import Rng, Scene, random_scene
from .solid_pictures import solid_picture
from .voxels import coarsen, cut_flat
from .walker import Walk, Walker, carry, found

# How often each source is drawn. Weights, not counts: sets differ in size by a factor of 50.
SHARES = {
    "isic2017": 1.0, "hyperkvasir_seg": 1.2, "hc18": 0.6, "montgomery": 0.7, "dsb2018_he": 1.1, "dsb2018_fluo": 0.8,
    "cdd_cesm": 1.2, "msd_liver": 0.9, "msd_hippocampus": 3.0, "ct_regions": 0.8, "scenes": 6.0, "solids": 7.0,
}  # fmt: skip
# Those whose pictures are slices of a volume.
IN_VOLUMES = ("msd_hippocampus", "solids")
# How often a painted image is tinted.
TINTED = 0.2


# How often several objects are marked as one, in scenes and in pictures: a box that is mostly filled with other things is what
# the model is worst at. How often only an object's largest part counts, and how often a mask ends at a straight line although
# what it shows goes on.
SEVERAL_IN_SCENES, SEVERAL_IN_PICTURES, LARGEST_ALONE, CUT = 0.35, 0.25, 0.3, 0.08
# How often an image is as coarse as some volumes are.
COARSE = {"scenes": 0.3, "solids": 0.2, "msd_liver": 0.3, "ct_regions": 0.3}
# How often the slice beside is shown with its mask, of single images and of volumes; and how often only a mask like that of the
# slice beside.
BESIDE, BESIDE_IN_VOLUMES, NEIGHBOUR = 0.35, 0.85, 0.08
# How far a mask is carried at most before it is shown beside a slice; how often the first one is what the model finds in a box,
# and not the truth; how often a slice that is made up has beside it what the model finds there.
MOST_WALKED, PROMPTED, FOUND = 12, 0.5, 0.6


def loosen(rng: Rng, box: Box, width: int, height: int, pixel: float) -> Box:
    """
    A box as a hand draws it: exact; too large by up to a quarter of its own side; off by some percent on each side; or, as
    MedSAM was trained, each side outward by up to 20 pixels of the image at 1024, though by no more than the box's own side.

    pixel: how long one of those is here; samples are cut out of their images before.
    """
    x0, y0, x1, y1 = box
    sides, kind = np.array([x1 - x0, y1 - y0] * 2), rng.random()
    if kind < 0.3:
        return box
    if kind < 0.58:
        outward = rng.uniform(0, rng.uniform(0, 0.25), 4) * sides
    elif kind < 0.75:
        outward = rng.normal(0.02, 0.05, 4) * sides
    else:
        most = rng.uniform(0, 20) * pixel
        outward = np.minimum(rng.uniform(0.5 * most, most, 4) if rng.random() < 0.5 else rng.uniform(0, most, 4), sides)
    x0, y0, x1, y1 = np.array(box) + outward * np.array([-1, -1, 1, 1])
    return max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height))


def _window(box: Box, width: int, height: int, contract: CropContract, margin: float) -> tuple[slice, slice]:
    x0, y0, x1, y1 = region_around(box, contract)
    mx, my = margin * (x1 - x0), margin * (y1 - y0)
    rows = slice(max(0, int(y0 - my)), min(height, int(y1 + my) + 1))
    return rows, slice(max(0, int(x0 - mx)), min(width, int(x1 + mx) + 1))


@dataclass
class Drawn:
    """image: uint8 [H, W] or [H, W, 3]; mask: bool [H, W], one object; pixel: what one of 1024 pixels across the whole image,
    which this was cut out of, is here; beside: image and mask of the slice beside. With one, the object may be gone here."""

    image: np.ndarray
    mask: np.ndarray
    pixel: float
    beside: tuple[np.ndarray, np.ndarray] | None = None


def from_picture(rng: Rng, picture: Picture, contract: CropContract) -> Drawn:
    """A real image and one of its objects, or some that lie together, turned, bent and recoloured."""
    mask = picture.labels == rng.choice(picture.objects)
    if len(picture.objects) > 1 and rng.random() < SEVERAL_IN_PICTURES:
        mask = _with_others(rng, picture, mask)
    image, mask = enlarged(picture.image, mask, picture.zoom)
    pixel = max(mask.shape) / 1024
    window = _window(tight_box(mask), mask.shape[1], mask.shape[0], contract, 0.3)
    image, mask = image[window], mask[window]
    if rng.random() < 0.35:
        turned, turned_mask = turn(rng, image, mask)
        if np.count_nonzero(turned_mask) >= 20:
            image, mask = turned, turned_mask
    return Drawn(recolour(rng, image), mask, pixel)


def from_volume(rng: Rng, picture: Picture, contract: CropContract) -> Walk[Drawn]:
    """A slice of a volume, and beside it one with the mask of the object that the model has carried to there."""
    label, zoom = rng.choice(picture.objects), picture.zoom if rng.random() < 0.5 else 1
    slices = [picture.place.slice(index) for index in picture.place.course(rng, MOST_WALKED)]
    images, truths = zip(*(enlarged(image, labels == label, zoom) for image, labels in slices))
    window = _window(tight_box(np.logical_or.reduce(truths)), *truths[0].shape[::-1], contract, 0.3)
    recolouring = int(rng.integers(2**32))
    images = [recolour(np.random.default_rng(recolouring), image[window]) for image in images]
    parts = [truth[window] for truth in truths]
    pixel = max(truths[0].shape) / 1024
    first = parts[0]
    if rng.random() < PROMPTED:
        first = yield from found(images[0], loosen(rng, tight_box(first), *first.shape[::-1], pixel), first)
    at, mask = yield from carry(images[:-1], parts[:-1], first)
    return Drawn(images[at + 1], parts[at + 1], pixel, (images[at], mask))


def with_slice_beside(rng: Rng, drawn: Drawn) -> Walk[Drawn]:
    """With a made-up slice beside, which shows the object, with the mask that the model finds there, or another like the true one;
    sometimes the object is gone on the slice itself."""
    image, mask = drawn.image, drawn.mask
    there, there_mask = slice_beside(rng, image, mask)
    if np.count_nonzero(there_mask) < 20:
        return drawn
    if rng.random() < FOUND:
        height, width = mask.shape
        there_mask = yield from found(there, loosen(rng, tight_box(there_mask), width, height, drawn.pixel), there_mask)
    else:
        there_mask = spoilt(rng, there_mask)
    if rng.random() < ENDED:
        image, mask = without_object(rng, image, mask), np.zeros_like(mask)
    return Drawn(image, mask, drawn.pixel, (there, there_mask))


def _with_others(rng: Rng, picture: Picture, mask: np.ndarray) -> np.ndarray:
    """One to three others of the objects that lie within two of its sides, or all two of a pair (lungs)."""
    x0, y0, x1, y1 = tight_box(mask)
    near = 2 * max(x1 - x0, y1 - y0)
    rows, columns = (slice(max(0, int(a - near)), int(b + near)) for a, b in ((y0, y1), (x0, x1)))
    around = np.unique(picture.labels if len(picture.objects) == 2 else picture.labels[rows, columns])
    others = np.setdiff1d(np.intersect1d(around, picture.objects), picture.labels[mask][:1])
    return mask | np.isin(picture.labels, rng.permutation(others)[: rng.integers(1, 4)])


def from_scene(rng: Rng, contract: CropContract) -> Drawn:
    """A freshly drawn and painted scene and one of its objects, or several of one tissue that are marked as one."""
    while True:
        scene = random_scene(rng)
        for label in rng.permutation(scene.objects)[:6]:
            mask = _without_crumbs(rng, np.isin(scene.labels, _together(rng, scene, int(label))))
            if np.count_nonzero(mask) < 40:
                continue
            window = _window(tight_box(mask), mask.shape[1], mask.shape[0], contract, 0.1)
            image = paint(rng, scene, scene.labels[window])
            if rng.random() < TINTED:  # colour images have boundaries of hue, not only of brightness
                ends = rng.uniform(0, 255, (2, 3)).astype(np.float32)
                image = (ends[0] + (ends[1] - ends[0]) * (image[..., None] / np.float32(255))).astype(np.uint8)
            return Drawn(image, mask[window], max(mask.shape) / 1024)


def _together(rng: Rng, scene: Scene, label: int) -> list[int]:
    """The labels of one object: its own and what fills it; sometimes, others of its tissue as well (ribs, both kidneys)."""
    labels = [label]
    if rng.random() < SEVERAL_IN_SCENES:
        alike = [k for k in scene.objects if k != label and scene.tissue[k] == scene.tissue[label]]
        labels += [int(k) for k in rng.permutation(alike)[: rng.integers(1, 4)]]
    return labels + [k for k, tissue in scene.tissue.items() if any(tissue.endswith(f"@{each}") for each in labels)]


def _without_crumbs(rng: Rng, mask: np.ndarray) -> np.ndarray:
    """What is drawn over may leave crumbs of an object: either the largest part alone, or every part of some size."""
    parts, count = ndimage.label(mask)
    if count <= 1:
        return mask
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    if rng.random() < LARGEST_ALONE:
        return parts == sizes.argmax()
    return (sizes > 0.04 * sizes.max())[parts]


def _flip(rng: Rng, drawn: Drawn, turnable: bool) -> Drawn:
    turns, mirrored = int(rng.integers(0, 4)) if turnable else 0, rng.random() < 0.5

    def flipped(plane: np.ndarray) -> np.ndarray:
        plane = np.rot90(plane, turns)
        return np.ascontiguousarray(plane[:, ::-1] if mirrored else plane)

    beside = None if drawn.beside is None else (flipped(drawn.beside[0]), flipped(drawn.beside[1]))
    return Drawn(flipped(drawn.image), flipped(drawn.mask), drawn.pixel, beside)


class Batch(NamedTuple):
    """numbers: of the samples; generation: of the walker's weights, for the masks of all."""

    numbers: Sequence[int]
    generation: int = 0


class Samples(Dataset):
    """Sample number i is the same on every machine and in every worker: its own generator, from (seed, i). Only the masks that
    `walker` makes are as good as its model is in the generation that is asked for."""

    def __init__(self, corpus: dict[str, list[Picture]], contract: CropContract, seed: int, walker: Walker):
        self.corpus, self.contract, self.seed, self.walker = corpus, contract, seed, walker
        self.names = [n for n in SHARES if n in ("scenes", "solids") or corpus.get(n)]
        shares = np.array([SHARES[n] for n in self.names])
        self.shares = shares / shares.sum()

    def __getitems__(self, batch: Batch) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Inputs [8, S, S], and the share of each crop pixel that the object covers [1, S, S]."""
        return self.walker.run([self._sample(number) for number in batch.numbers], batch.generation)

    def _sample(self, number: int) -> Walk[tuple[torch.Tensor, torch.Tensor]]:
        rng = np.random.default_rng((self.seed, number))
        name = self.names[rng.choice(len(self.names), p=self.shares)]
        drawn = yield from self._draw(rng, name, number)
        # Rays, sound and light come from one side: ultrasound and chest images are only mirrored.
        drawn = _flip(rng, drawn, turnable=name not in ("hc18", "montgomery"))
        crop, target = self._crop(rng, drawn) if drawn.beside is None else self._crop_beside(rng, drawn)
        return torch.from_numpy(crop), torch.from_numpy(target)

    def _draw(self, rng: Rng, name: str, number: int) -> Walk[Drawn]:
        beside = rng.random() < (BESIDE_IN_VOLUMES if name in IN_VOLUMES else BESIDE)
        if name == "scenes":
            drawn = from_scene(rng, self.contract)
        else:
            picture = solid_picture(rng, self.seed, number) if name == "solids" else self._any_picture(rng, name)
            if beside and picture.place is not None:
                return (yield from from_volume(rng, picture, self.contract))
            drawn = from_picture(rng, picture, self.contract)
        if rng.random() < CUT:
            drawn = Drawn(drawn.image, cut_flat(rng, drawn.mask), drawn.pixel)
        if rng.random() < COARSE.get(name, 0.1):
            drawn = Drawn(*coarsen(rng, drawn.image, drawn.mask), drawn.pixel)
        return (yield from with_slice_beside(rng, drawn)) if beside else drawn

    def _any_picture(self, rng: Rng, name: str) -> Picture:
        pictures = self.corpus[name]
        return pictures[rng.integers(len(pictures))]

    def _crop(self, rng: Rng, drawn: Drawn) -> tuple[np.ndarray, np.ndarray]:
        height, width = drawn.mask.shape
        tight = tight_box(drawn.mask)
        from_neighbour = rng.random() < NEIGHBOUR
        box, moved = neighbour(rng, tight) if from_neighbour else (loosen(rng, tight, width, height, drawn.pixel), None)
        crop, region = crop_around(drawn.image, box, self.contract)
        target = self._target(drawn.mask, region)
        if moved is None:
            correct(rng, crop, target)
        elif rng.random() < 0.8:
            crop[6] = earlier_mask(rng, target, moved, tight, region)
        return crop, target

    def _crop_beside(self, rng: Rng, drawn: Drawn) -> tuple[np.ndarray, np.ndarray]:
        image, mask = drawn.beside
        known = Corrections(mask=mask, beside=image)
        crop, region = crop_around(drawn.image, box_beside(rng, tight_box(mask)), self.contract, known)
        return crop, self._target(drawn.mask, region)

    def _target(self, mask: np.ndarray, region: Box) -> np.ndarray:
        return np.clip(resample(mask[..., None].astype(np.float32), region, self.contract.size), 0, 1)
