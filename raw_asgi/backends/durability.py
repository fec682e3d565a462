"""What makes files durable: on the disk, and not only on their way to it."""

from __future__ import annotations

import itertools
import os
from contextlib import suppress
from pathlib import Path


def begin_writing_out(descriptor: int, start: int, end: int) -> None:
    """Have the system begin to put new bytes of a file on the disk, and do not wait for it.

    Does nothing where the system cannot be told so.
    """
    # What is not needed is dropped from the page cache, and written out first where it must be
    # (mm/fadvise.c): of bytes that are new nothing is dropped.
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError):
            os.posix_fadvise(descriptor, start, end - start, os.POSIX_FADV_DONTNEED)


def make_directory(directory: Path) -> None:
    """Make a directory, and those above it, durable by their names; nothing where it is there."""
    above = (directory, *directory.parents)
    missing = list(itertools.takewhile(lambda path: not path.exists(), above))
    directory.mkdir(parents=True, exist_ok=True)
    for made in reversed(missing):
        sync_directory(made.parent)


def sync_directory(directory: Path) -> None:
    """Make durable which names a directory has."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
