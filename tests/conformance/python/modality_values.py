"""Writes what pydicom makes of the pixels of DICOM files, for comparison.

usage: modality_values.py OUT FILE...
For FILE number n and frame f (from 1) OUT/n.f.bin holds the modality values row-major as little-endian float32, or RGB as
uint8 interleaved; OUT/index.json lists [n, f, rows, columns, components, inverted, [from, to] of padding or null].
"""
import json
import sys
from pathlib import Path

import numpy as np
import pydicom
from pydicom.pixels import apply_color_lut, apply_modality_lut, pixel_array


def transformation(ds, frame):
    """The header that holds the rescale of a frame: its functional group in enhanced objects, else the file's."""
    for groups in (ds.get("PerFrameFunctionalGroupsSequence", []), ds.get("SharedFunctionalGroupsSequence", [])):
        item = groups[frame] if len(groups) > frame and len(groups) > 1 else (groups[0] if groups else None)
        if item is not None and "PixelValueTransformationSequence" in item:
            return item.PixelValueTransformationSequence[0]
    return ds


def values(ds, frame):
    stored = pixel_array(ds, index=frame)
    if ds.PhotometricInterpretation == "PALETTE COLOR":
        rgb = apply_color_lut(stored, ds)
        return (rgb >> 8).astype("u1") if rgb.dtype.itemsize == 2 and rgb.max() > 255 else rgb.astype("u1")
    if ds.SamplesPerPixel == 3:
        return stored
    return apply_modality_lut(stored, transformation(ds, frame)).astype("<f4")


def padding(ds, stored):
    """Stored numbers that mark pixels outside of the image, in the type of the stored numbers."""
    if "PixelPaddingValue" not in ds or ds.SamplesPerPixel != 1:
        return None
    ends = [ds.PixelPaddingValue, ds.get("PixelPaddingRangeLimit", ds.PixelPaddingValue)]
    return sorted(int(end) for end in np.array(ends, "i8").astype(stored.dtype))


def main(out, files):
    index = []
    for n, file in enumerate(files):
        ds = pydicom.dcmread(file)
        for frame in range(int(ds.get("NumberOfFrames", 1) or 1)):
            found = np.ascontiguousarray(values(ds, frame))
            components = found.shape[2] if found.ndim == 3 else 1
            inverted = ds.PhotometricInterpretation == "MONOCHROME1"
            index.append([n, frame + 1, *found.shape[:2], components, inverted, padding(ds, pixel_array(ds, index=frame))])
            found.tofile(Path(out) / f"{n}.{frame + 1}.bin")
    (Path(out) / "index.json").write_text(json.dumps(index))


main(sys.argv[1], sys.argv[2:])
