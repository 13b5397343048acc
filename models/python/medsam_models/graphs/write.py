"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path


class WriteError(OSError):
    """The text is meant for whoever named the folder."""


def ensure_space(folder: Path, needed: int) -> None:
    """Makes `folder`. Raises WriteError before an hour of work ends at a full disk, or at a wrong name. needed: bytes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{folder} could not be made: {error.strerror or error}") from error
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise WriteError(f"{folder} has {free / 1e6:.0f} MB free; about {needed / 1e6:.0f} MB are needed.")


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """`write` fills a file beside `path`, which takes its place when it is complete; on failure nothing of it stays.

    Raises WriteError where the disk is full or does not let itself be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(part)
        os.replace(part, path)
    except OSError as error:
        raise WriteError(f"{path} could not be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
