"""Makes small images of several pixel kinds in every transfer syntax that pydicom can write.

usage: make_syntaxes.py OUT -> prints the file names as JSON
"""
import json
import sys
from pathlib import Path

import numpy as np
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

ROWS, COLUMNS, FRAMES = 33, 47, 3
NATIVE = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian]
COMPRESSED = [RLELossless, JPEGLSLossless, JPEG2000Lossless]


def ramp(low, high):
    """Smooth, with noise, and with both ends of the range."""
    rng = np.random.default_rng(7)
    j, i, f = np.mgrid[0:ROWS, 0:COLUMNS, 0:FRAMES].astype(float)
    values = (np.sin(i / 9 + f) + np.cos(j / 7)) / 4 + 0.5 + rng.normal(0, 0.02, i.shape)
    pixels = np.clip(low + values * (high - low), low, high)
    pixels[0, 0], pixels[0, 1] = low, high
    return np.moveaxis(pixels, -1, 0)


KINDS = {
    "signed12": (ramp(-2048, 2047).astype("i2"), 12, "MONOCHROME2"),
    "signed16": (ramp(-32768, 32767).astype("i2"), 16, "MONOCHROME2"),
    "unsigned16": (ramp(0, 65535).astype("u2"), 16, "MONOCHROME1"),
    "unsigned8": (ramp(0, 255).astype("u1"), 8, "MONOCHROME2"),
    "rgb": (np.stack([ramp(0, 255), ramp(255, 0), ramp(64, 192)], -1).astype("u1"), 8, "RGB"),
}


def dataset(pixels, stored, photometric):
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.SOPClassUID, ds.SOPInstanceUID = CTImageStorage, "2.25.1"
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = CTImageStorage, "2.25.1"
    ds.PatientName = "Phantom^Made"
    ds.Rows, ds.Columns, ds.NumberOfFrames = ROWS, COLUMNS, FRAMES
    ds.SamplesPerPixel = 3 if photometric == "RGB" else 1
    if ds.SamplesPerPixel == 3:
        ds.PlanarConfiguration = 0
    ds.PhotometricInterpretation = photometric
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = pixels.dtype.itemsize * 8, stored, stored - 1
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    ds.RescaleSlope, ds.RescaleIntercept = "0.5", "-100"
    return ds


def write(out, kind, syntax):
    pixels, stored, photometric = KINDS[kind]
    ds = dataset(pixels, stored, photometric)
    ds.file_meta.TransferSyntaxUID = syntax if syntax in NATIVE else ExplicitVRLittleEndian
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    ds.PixelData = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    ds["PixelData"].VR = "OW"
    if order == ">" and pixels.dtype.itemsize == 1:
        ds.PixelData = np.frombuffer(ds.PixelData + b"\0" * (len(ds.PixelData) % 2), "u2").byteswap().tobytes()
    if syntax in COMPRESSED:
        ds.compress(syntax, generate_instance_uid=False)
    name = f"{kind}-{syntax.keyword}.dcm"
    dcmwrite(Path(out) / name, ds, enforce_file_format=True)
    return name


def main(out):
    print(json.dumps([write(out, kind, syntax) for kind in KINDS for syntax in NATIVE + COMPRESSED]))


main(sys.argv[1])
