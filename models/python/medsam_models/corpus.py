"""Real training images: everything in a folder with a `manifest.json`, decoded once and kept in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing import Pool
from pathlib import Path

import nibabel
import numpy as np
from PIL import Image
from scipy import ndimage

from .scenes import Rng


@dataclass
class Picture:
    """image: uint8 [H, W] or [H, W, 3]; labels: unsigned [H, W]; objects: label ids;
    zoom: how many pixels one stored pixel becomes (small MR volumes are shown enlarged)."""

    image: np.ndarray
    labels: np.ndarray
    objects: list[int]
    group: str
    zoom: int = 1
    place: Place | None = None


@dataclass
class Place:
    """Where in a volume (grey and labels, uint8) a picture was cut out: at `index` along `axis`."""

    grey: np.ndarray
    labels: np.ndarray
    axis: int
    index: int

    def course(self, rng: Rng, most: int) -> list[int]:
        """Indices of two slices to `most` + 1 that follow each other (now and then every other one), the first being this one; both
        ways are as likely, where there are slices both ways."""
        end = self.labels.shape[self.axis]
        steps = [step for step in (-2, -1, -1, 1, 1, 2) if 0 <= self.index + step < end]
        step = steps[rng.integers(len(steps))]
        return list(range(self.index, end if step > 0 else -1, step))[: 1 + rng.integers(1, most + 1)]

    def slice(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Image and labels [H, W] of another slice along the axis."""
        return self.grey.take(index, self.axis), self.labels.take(index, self.axis)


def held_out(group: str, share: float = 0.05) -> bool:
    """Whether a patient is kept for validation: by a hash of the name, hence the same on every machine."""
    return int(sha256(group.encode()).hexdigest()[:8], 16) < share * 0x100000000


def load_corpus(folder: Path) -> dict[str, list[Picture]]:
    """All 2D sets of the manifest, the slices of its NIfTI volumes, and regions of the CT images."""
    manifest = json.loads((folder / "manifest.json").read_text())
    sets: dict[str, list[Picture]] = {}
    for item in manifest["items"]:
        image = Image.open(folder / item["image"])
        pixels = np.asarray(image.convert("L" if image.mode in ("L", "I;16", "P", "1") else "RGB"))
        if pixels.ndim == 3 and (pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 0] == pixels[..., 2]).all():
            pixels = pixels[..., 0].copy()
        labels = np.asarray(Image.open(folder / item["mask"]))
        labels = labels.astype(np.uint8 if labels.max() < 256 else np.uint16)
        objects = [o["id"] for o in item["objects"] if o["area"] >= 20]
        if objects:
            sets.setdefault(item["set"], []).append(Picture(pixels, labels, objects, item["group"]))
    for entry in manifest["sets"]:
        volumes = sorted((folder / entry["id"]).glob("*_label.nii.gz"))
        if volumes:
            sets[entry["id"]] = [s for path in volumes for s in _slices(path)]
    if "msd_liver" in sets:
        with Pool() as pool:
            sets["ct_regions"] = [r for r in pool.map(_regions, sets["msd_liver"]) if r.objects]
    return sets


def _slices(labels_path: Path) -> list[Picture]:
    """Every slice of one volume in all three planes that shows at least 20 labelled voxels."""
    labels = np.asarray(nibabel.load(labels_path).dataobj).astype(np.uint8)
    volume = np.asarray(nibabel.load(str(labels_path).replace("_label", "")).dataobj).astype(np.float32)
    low, high = np.percentile(volume[volume > 0], (0.5, 99.5))
    grey = (np.clip((volume - low) / max(high - low, 1e-6), 0, 1) * 255).astype(np.uint8)
    group = labels_path.name.removesuffix("_label.nii.gz")
    found = []
    for axis in range(3):
        for i in range(labels.shape[axis]):
            plane = labels.take(i, axis)
            objects = [int(v) for v in (1, 2) if np.count_nonzero(plane == v) >= 20]
            if objects:
                found.append(Picture(grey.take(i, axis), plane, objects, group, 4, Place(grey, labels, axis, i)))
    return found


def _regions(picture: Picture) -> Picture:
    """Homogeneous regions of a CT image as objects: flat zones, grown to where the gradient is steepest.

    Nobody drew these; they teach what a boundary looks like in real noise for organs nobody labelled.
    """
    smooth = ndimage.gaussian_filter(picture.image.astype(np.float32), 1.2)
    slope = np.hypot(ndimage.sobel(smooth, 0), ndimage.sobel(smooth, 1)) / 8
    flat = ndimage.binary_erosion((slope < 5) & (smooth > 12))
    seeds, count = ndimage.label(flat)
    sizes = np.bincount(seeds.ravel(), minlength=count + 1)
    keep = np.flatnonzero(sizes >= 20)
    keep = keep[keep > 0]
    relabelled = np.zeros(count + 1, np.int32)
    relabelled[keep] = np.arange(2, len(keep) + 2)
    markers = relabelled[seeds]
    markers[smooth <= 8] = 1
    grown = ndimage.watershed_ift(np.clip(slope * 4, 0, 255).astype(np.uint8), markers)
    labels, objects = np.zeros(grown.shape, np.uint16), []
    for label in range(2, len(keep) + 2):
        zone = grown == label
        mask = ndimage.binary_opening(zone & (np.abs(smooth - np.median(smooth[zone])) < 22), iterations=2)
        area = np.count_nonzero(mask)
        edge = mask & ~ndimage.binary_erosion(mask)
        if 60 <= area <= 5000 and area > 0.75 * np.count_nonzero(zone) and slope[edge].mean() > 8:
            labels[mask] = label
            objects.append(label)
    return Picture(picture.image, labels, objects, picture.group)
