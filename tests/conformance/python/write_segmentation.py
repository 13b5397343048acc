"""Writes segmentations with highdicom, to be read here.

usage: write_segmentation.py TASKS SOURCE...
TASKS is JSON: [[OUT, TYPE, TRANSFER SYNTAX], ...]; TYPE is BINARY, FRACTIONAL or LABELMAP. Segment 1 is the upper left quarter of every slice but the first, segment 2 one pixel
below it in the last; prints [[segment, SOP instance UID, frame number, pixels], ...] of each as JSON.
"""
import json
import sys

import highdicom as hd
import numpy as np
import pydicom
from pydicom.sr.codedict import codes


def write(out, kind, syntax, files):
    sources = [pydicom.dcmread(name) for name in files]
    for n, ds in enumerate(sources):
        ds.StudyID, ds.PatientID = "1", "P"
    shape = len(sources), sources[0].Rows, sources[0].Columns
    labels = np.zeros(shape, np.uint8)
    labels[1:, : shape[1] // 2, : shape[2] // 2] = 1
    labels[-1, -1, 3] = 2
    pixels = np.stack([labels == 1, labels == 2], -1)
    if kind == "FRACTIONAL":
        # Just over half inside, just under half around it.
        pixels = np.where(pixels, 0.55, 0.45).astype(np.float32)
    describe = lambda number, label: hd.seg.SegmentDescription(
        number,
        label,
        codes.SCT.AnatomicalStructure,
        codes.SCT.Liver,
        "MANUAL",
        tracking_uid=f"2.25.{number}",
        tracking_id=label,
    )
    seg = hd.seg.Segmentation(
        sources,
        pixels.astype(np.uint8) if kind == "BINARY" else labels if kind == "LABELMAP" else pixels,
        kind,
        [describe(1, "Quarter"), describe(2, "Pixel")],
        hd.UID(),
        1,
        hd.UID(),
        1,
        "Maker",
        "Model",
        "1",
        "1",
        transfer_syntax_uid=syntax,
        max_fractional_value=200,
    )
    seg.save_as(out)
    return [
        [s, str(sources[k].SOPInstanceUID), 1, int((labels[k] == s).sum())]
        for s in (1, 2)
        for k in range(len(sources))
        if (labels[k] == s).any()
    ]


print(json.dumps([write(*task, sys.argv[2:]) for task in json.loads(sys.argv[1])]))
