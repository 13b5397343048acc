"""Painted volumes as files, to fit the stop rule of propagation to: more kinds of objects than there are real ones with masks."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel
import numpy as np

from .solid_pictures import painted_volume


def write_painted_volumes(out: Path, seed: int, count: int) -> None:
    """`manifest.json` and SET/NAME.nii.gz with NAME_label.nii.gz (uint8, voxels of 1 mm), as `fit-stop-rule` reads them.

    No seed of a training may be used: the model would know these volumes.
    """
    (out / "painted").mkdir(parents=True, exist_ok=True)
    for number in range(count):
        grey, labels, _ = painted_volume(seed, number)
        for name, volume in ((f"{number:03}.nii.gz", grey), (f"{number:03}_label.nii.gz", labels)):
            nibabel.save(nibabel.Nifti1Image(np.ascontiguousarray(volume.T), np.eye(4)), out / "painted" / name)
    sets = [{"id": "painted", "modality": "mr", "label": "object", "licence": "Apache-2.0", "source": "painted", "n": count}]
    (out / "manifest.json").write_text(json.dumps({"sets": sets, "items": []}, indent=1) + "\n")
