"""Uploads as a tutorial stores them, and durable besides: the benchmarks compare the same work."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self


class Receiver:
    """A file that is written, hashed and put in place. Its methods block."""

    def __init__(self, name: str) -> None:
        directory = Path(os.environ["MORE_BODY_FILES"])
        self._name = name
        self._path = directory / name
        self._unfinished = directory / f".{name}.unfinished"
        self._digest = hashlib.sha256()
        self._size = 0
        self._file = self._unfinished.open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._unfinished.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Append."""
        self._digest.update(data)
        self._size += len(data)
        self._file.write(data)

    def finish(self) -> dict[str, object]:
        """Make it durable, put it in place; returns the receipt."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._unfinished.rename(self._path)
        return {"name": self._name, "size": self._size, "sha256": self._digest.hexdigest()}
