"""Upstream's inference scripts as they are, on the CPU: they parse a command line and read and write files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .upstream import checkout


def run_vit(root: Path, weights: Path, image: NDArray[np.uint8], box: list[int]) -> NDArray[np.bool_]:
    """`MedSAM_Inference.py` on one image [rows, columns]. Returns its mask."""
    with TemporaryDirectory() as name, checkout(root, "medsam-vit-b") as folder:
        Image.fromarray(image).save(Path(name) / "image.png")
        options = ["-i", f"{name}/image.png", "-o", name, "--box", str(box), "--device", "cpu", "-chk", str(weights)]
        _execute(folder / "MedSAM_Inference.py", options, Path(name))
        return np.asarray(Image.open(Path(name) / "seg_image.png")) > 0


def run_lite(
    root: Path, weights: Path, image: NDArray[np.uint8], box: list[int], volume: NDArray[np.uint8], box3d: list[int]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """`CVPR24_LiteMedSAM_infer.py` on one image [rows, columns] and on a volume [d, rows, columns], slice to slice.

    box: x0, y0, x1, y1; box3d: x0, y0, z0, x1, y1, z1. Returns both masks.
    """
    with lite_script(root, weights) as script:
        return script.segment_image(image, box), script.segment_volume(volume, box3d)


class LiteScript:
    """Upstream's script with its model loaded: cases go in and masks come out as files, as it wants them."""

    def __init__(self, functions: dict[str, Any], folder: Path):
        self._functions, self._folder = functions, folder

    def segment_image(self, image: NDArray[np.uint8], box: list[int]) -> NDArray[np.bool_]:
        """image: [rows, columns]; box: x0, y0, x1, y1."""
        np.savez(self._folder / "in/2D_case.npz", imgs=np.repeat(image[:, :, None], 3, axis=-1), boxes=np.array([box]))
        return self._run("MedSAM_infer_npz_2D", "2D_case.npz")

    def segment_volume(self, volume: NDArray[np.uint8], box: list[int]) -> NDArray[np.bool_]:
        """volume: [d, rows, columns]; box: x0, y0, z0, x1, y1, z1."""
        np.savez(self._folder / "in/3D_case.npz", imgs=volume, boxes=np.array([box]), spacing=np.ones(3))
        return self._run("MedSAM_infer_npz_3D", "3D_case.npz")

    def _run(self, function: str, name: str) -> NDArray[np.bool_]:
        self._functions[function](str(self._folder / "in" / name))
        return np.load(self._folder / "out" / name)["segs"] > 0


@contextmanager
def lite_script(root: Path, weights: Path) -> Iterator[LiteScript]:
    with TemporaryDirectory() as name, checkout(root, "litemedsam") as folder:
        (Path(name) / "in").mkdir()
        options = ["-i", f"{name}/in/", "-o", f"{name}/out", "-png_save_dir", f"{name}/png"]
        options += ["-lite_medsam_checkpoint_path", str(weights), "-device", "cpu"]
        functions = _execute(folder / "CVPR24_LiteMedSAM_infer.py", options, Path(name))
        functions["save_overlay"] = False
        yield LiteScript(functions, Path(name))


def _execute(script: Path, options: list[str], inside: Path) -> dict[str, Any]:
    """Runs it as an import would (its functions stay usable), with these options, in the folder `inside`. Returns
    what it defines.
    """
    os.environ["MPLBACKEND"] = "Agg"
    namespace = {"__name__": "upstream_script", "__file__": str(script)}
    with _changed(inside, [str(script), *options]):
        exec(compile(script.read_text(), str(script), "exec"), namespace)
    return namespace


@contextmanager
def _changed(folder: Path, arguments: list[str]) -> Iterator[None]:
    before = Path.cwd(), sys.argv
    os.chdir(folder)
    sys.argv = arguments
    try:
        yield
    finally:
        os.chdir(before[0])
        sys.argv = before[1]
