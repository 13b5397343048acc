"""Compares a segmentation of the made CT series with the ground truth of its volume.

usage: ground_truth.py box VOLUME LABEL             -> JSON {"position": z in mm, "box": [x0, y0, x1, y1]}
       ground_truth.py dice VOLUME LABEL SEG        -> JSON {"dice": 0..1, "ml": volume of SEG}
VOLUME is an .npz with gts [x, y, z] and a RAS affine. The box is that of the slice on which LABEL is largest, in pixels of the
DICOM images, inclusive.
"""
import json
import sys

import highdicom as hd
import numpy as np

RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def truth(volume, label):
    """The label as [z, row, column] of the DICOM images, whose x and y run the other way, and z in mm of each slice."""
    data = np.load(volume, allow_pickle=True)
    mask = (data["gts"] == label).transpose(2, 1, 0)[:, ::-1, ::-1]
    affine = RAS_TO_LPS @ data["affine"]
    return mask, affine[2, 3] + affine[2, 2] * np.arange(len(mask))


def box(volume, label):
    mask, z = truth(volume, label)
    k = int(mask.sum(axis=(1, 2)).argmax())
    rows, columns = np.nonzero(mask[k])
    return {"position": float(z[k]), "box": [int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())]}


def dice(volume, label, seg_file):
    mask, z = truth(volume, label)
    seg = hd.seg.segread(seg_file)
    found = np.zeros_like(mask)
    for frame, pixels in zip(seg.PerFrameFunctionalGroupsSequence, seg.pixel_array.reshape(-1, *mask.shape[1:])):
        position = float(frame.PlanePositionSequence[0].ImagePositionPatient[2])
        found[int(np.abs(z - position).argmin())] |= pixels > 0
    rows, columns = map(float, seg.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing)
    ml = float(found.sum() * rows * columns * abs(z[1] - z[0]) / 1000)
    return {"dice": float(2 * (mask & found).sum() / (mask.sum() + found.sum())), "ml": ml}


command, volume, label, *rest = sys.argv[1:]
print(json.dumps({"box": box, "dice": dice}[command](volume, int(label), *rest)))
