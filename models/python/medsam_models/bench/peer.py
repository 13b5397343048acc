"""What a user of upstream's own LiteMedSAM script waits for, and how much memory it takes."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import torch

from ..parity.scripts import lite_script
from .measure import median_ms, peak_megabytes


def print_peer(root: Path, weights: Path, path: Path, size: list[int], box: list[int], threads: int) -> None:
    """Prints one line of JSON: milliseconds of a box on the middle slice, and, with the box carried from there to both ends, of a
    slice of the volume; the peak of this process in MB.

    path: uint8 of `size` [d, rows, columns]; box: x0, y0, x1, y1, on the middle slice.
    """
    torch.set_num_threads(threads)
    volume = np.fromfile(path, np.uint8).reshape(size)
    x0, y0, x1, y1 = box
    with lite_script(root, weights) as script:
        image_ms = median_ms(lambda: script.segment_image(volume[len(volume) // 2], box))
        start = time.perf_counter()
        script.segment_volume(volume, [x0, y0, 0, x1, y1, len(volume) - 1])
        slice_ms = 1000 * (time.perf_counter() - start) / len(volume)
    print(json.dumps({"imageMs": image_ms, "sliceMs": slice_ms, "peakMb": peak_megabytes()}))
