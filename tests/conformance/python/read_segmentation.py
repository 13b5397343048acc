"""Reads DICOM-SEGs with highdicom and compares them with the masks that were meant.

usage: read_segmentation.py TASKS
TASKS is JSON: [[SEG, EXPECTED, SOURCE...], ...], names of files. EXPECTED is JSON: {"rows", "columns", "segments": [{"label", "trackingUid"}], "cells": [[segment number, SOP instance UID,
frame number, [start, length, ...]], ...]}. Prints JSON, for each task its problems: none means that every mask came back, by source
reference and by position, and nothing else is in the file.
"""
import json
import sys
import traceback

import highdicom as hd
import numpy as np
import pydicom

TOLERANCE_MM = 1e-3
POSITION = pydicom.datadict.tag_for_keyword("ImagePositionPatient")


def expected_masks(expected):
    shape = expected["rows"], expected["columns"]
    masks = {}
    for segment, uid, frame, runs in expected["cells"]:
        flat = np.zeros(shape[0] * shape[1], bool)
        for start, length in zip(runs[::2], runs[1::2]):
            flat[start : start + length] = True
        masks[segment, uid, frame] = flat.reshape(shape)
    return masks


def source_frames(sources):
    return [(ds, n) for ds in sources for n in range(1, int(ds.get("NumberOfFrames", 1) or 1) + 1)]


def read_by_source(seg, sources, multi_frame):
    """(segment, SOP instance UID, frame number) -> mask, by reference to the source."""
    options = dict(combine_segments=False, assert_missing_frames_are_empty=True, ignore_spatial_locations=False)
    found = {}
    if multi_frame:
        for ds in sources:
            numbers = list(range(1, int(ds.NumberOfFrames) + 1))
            pixels = seg.get_pixels_by_source_frame(ds.SOPInstanceUID, numbers, **options)
            for n in numbers:
                for s in range(seg.number_of_segments):
                    found[s + 1, ds.SOPInstanceUID, n] = pixels[n - 1, :, :, s]
    else:
        pixels = seg.get_pixels_by_source_instance([ds.SOPInstanceUID for ds in sources], **options)
        for k, ds in enumerate(sources):
            for s in range(seg.number_of_segments):
                found[s + 1, ds.SOPInstanceUID, 1] = pixels[k, :, :, s]
    return found


def group(ds, frame, name):
    if "PerFrameFunctionalGroupsSequence" in ds:
        own = ds.PerFrameFunctionalGroupsSequence[frame - 1]
        return own[name].value[0] if name in own else ds.SharedFunctionalGroupsSequence[0][name].value[0]
    return ds


def place(ds, frame):
    position = group(ds, frame, "PlanePositionSequence").ImagePositionPatient
    orientation = group(ds, frame, "PlaneOrientationSequence").ImageOrientationPatient
    spacing = group(ds, frame, "PixelMeasuresSequence").PixelSpacing
    return np.array([*position, *orientation, *spacing], float)


def read_by_position(seg, sources):
    """The same, by the place of each frame of the segmentation in the patient."""
    places = [(place(ds, n), ds.SOPInstanceUID, n) for ds, n in source_frames(sources)]
    pixels = seg.pixel_array.reshape(-1, seg.Rows, seg.Columns)
    found = {}
    for f in range(len(pixels)):
        here = place(seg, f + 1)
        distances = [np.abs(here - there).max() for there, _, _ in places]
        nearest = int(np.argmin(distances))
        if distances[nearest] < TOLERANCE_MM:
            segment = int(group(seg, f + 1, "SegmentIdentificationSequence").ReferencedSegmentNumber)
            found[segment, places[nearest][1], places[nearest][2]] = pixels[f]
    return found


def volume_problems(seg, sources, masks):
    """highdicom's own volume, where the frames lie regularly enough to make one."""
    volume = seg.get_volume(combine_segments=False, allow_missing_positions=True)
    problems = []
    for ds, n in source_frames(sources):
        position = np.array(group(ds, n, "PlanePositionSequence").ImagePositionPatient, float)
        k, j, i = np.round(volume.map_reference_to_indices(position.reshape(1, 3))[0]).astype(int)
        for s in range(seg.number_of_segments):
            meant = masks.get((s + 1, ds.SOPInstanceUID, n))
            if not 0 <= k < volume.shape[0]:
                if meant is not None:
                    problems.append(f"volume has no place for segment {s + 1} frame {n}")
                continue
            if (j, i) != (0, 0):
                problems.append(f"volume is shifted by {j}, {i}")
            if not np.array_equal(volume.array[k, :, :, s] > 0, meant if meant is not None else np.zeros(volume.shape[1:3], bool)):
                problems.append(f"volume: segment {s + 1} of {ds.SOPInstanceUID}/{n}")
    return problems


def dimension_problems(seg):
    """Dimension indices name each frame once, and are the same where the positions that they stand for are."""
    pointers = [item.DimensionIndexPointer for item in seg.DimensionIndexSequence]
    frames = seg.PerFrameFunctionalGroupsSequence
    values = [tuple(np.atleast_1d(frame.FrameContentSequence[0].DimensionIndexValues)) for frame in frames]
    problems = [] if len(set(values)) == len(values) else ["dimension indices name several frames at once"]
    if POSITION in pointers:
        at = pointers.index(POSITION)
        pairs = {(value[at], tuple(frame.PlanePositionSequence[0].ImagePositionPatient)) for value, frame in zip(values, frames)}
        if not len(pairs) == len({index for index, _ in pairs}) == len({position for _, position in pairs}):
            problems.append("position indices and positions do not agree")
    return problems


def compare(how, found, masks):
    problems = [f"{how}: {key} is missing" for key in masks if key not in found]
    for key, pixels in found.items():
        meant = masks.get(key)
        if not np.array_equal(pixels > 0, meant if meant is not None else np.zeros_like(pixels, bool)):
            problems.append(f"{how}: {key} differs")
    return problems


def problems_of(seg_file, expected_file, *source_files):
    with open(expected_file, encoding="utf-8") as file:
        expected = json.load(file)
    seg = hd.seg.segread(seg_file)
    sources = [pydicom.dcmread(name, stop_before_pixels=True) for name in source_files]
    masks = expected_masks(expected)
    multi_frame = int(sources[0].get("NumberOfFrames", 1) or 1) > 1
    problems = compare("by source", read_by_source(seg, sources, multi_frame), masks)
    problems += dimension_problems(seg)
    if expected["distinct"]:
        problems += compare("by position", read_by_position(seg, sources), masks)
    if expected["regular"]:
        problems += volume_problems(seg, sources, masks)
    for number, meant in enumerate(expected["segments"], start=1):
        description = seg.get_segment_description(number)
        if (description.segment_label, description.tracking_uid) != (meant["label"], meant["trackingUid"]):
            problems.append(f"segment {number} is {description.segment_label} {description.tracking_uid}")
    if str(seg.PatientName) != str(sources[0].PatientName):
        problems.append("the patient's name differs")
    return problems


def main(tasks_file):
    with open(tasks_file, encoding="utf-8") as file:
        tasks = json.load(file)
    found = []
    for task in tasks:
        try:
            found.append(problems_of(*task))
        except Exception:
            found.append([traceback.format_exc()])
    print(json.dumps(found))


main(sys.argv[1])
