"""Files below a directory: found without leaving it, opened once, read in pieces."""

from __future__ import annotations

import io
import mimetypes
import os
import stat
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread

READ_BYTES = 256 * 1024
"""How much is read at a time: the fastest from 64 KiB to 1 MiB, and still a small chunk."""

# Linux alone can say "only what is in the page cache"; elsewhere a worker thread reads.
_NOWAIT: int | None = getattr(os, "RWF_NOWAIT", None)

# The table of the standard library, without what the machine's own files add to it.
_TYPES = mimetypes.MimeTypes()
_COMPRESSED = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "br": "application/x-brotli",
    "compress": "application/x-compress",
}


class FileNotServed(LookupError):
    """There is no such file, or it is none that is served."""


class FileShrank(Exception):
    """A file ended before the size that it had when it was opened."""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A regular file, open for reading, as it was when it was opened.

    `size` is in bytes, `modified` in seconds since 1970, rounded down. `version` changes
    whenever the content does, also within one second and under a restored time.
    """

    raw: io.FileIO
    path: Path
    size: int
    modified: int
    version: str

    @property
    def name(self) -> str:
        """The last segment of the path that was asked for."""
        return self.path.name

    @property
    def descriptor(self) -> int:
        """The open file's descriptor, as long as it is not closed."""
        return self.raw.fileno()

    def close(self) -> None:
        """Release the descriptor."""
        self.raw.close()

    async def read(self, start: int, stop: int) -> AsyncGenerator[bytes, None]:
        """Iterate over the bytes from `start` up to `stop`. Raises FileShrank."""
        while start < stop:
            piece = await self._read_piece(start, min(READ_BYTES, stop - start))
            if not piece:
                raise FileShrank(f"{self.name} ends at {start} of {self.size} bytes")
            start += len(piece)
            yield piece

    async def _read_piece(self, start: int, size: int) -> bytes:
        # A thread hop costs more than 256 KiB from the page cache; only a disk is waited for.
        if _NOWAIT is not None:
            piece = bytearray(size)
            try:
                read = os.preadv(self.descriptor, [piece], start, _NOWAIT)
            except OSError:
                read = 0
            if read:
                return bytes(memoryview(piece)[:read])
        return await to_thread.run_sync(os.pread, self.descriptor, size, start)


def open_file(directory: Path, path: str) -> OpenFile:
    """Open the regular file that `path`, with `/` between its segments, names. Blocks.

    Symbolic links are followed as long as they stay below the directory. Raises
    FileNotServed for everything that is not served: see CONTRACT.md, *Files*.
    """
    segments = path.split("/")
    if not all(map(_is_served_name, segments)):
        raise FileNotServed(path)
    try:
        root = directory.resolve(strict=True)
        target = root.joinpath(*segments).resolve(strict=True)
        below = target.relative_to(root)
        if not all(map(_is_served_name, below.parts)):
            raise FileNotServed(path)
        descriptor = _open_below(root, below.parts)
    except (OSError, ValueError, RuntimeError) as error:
        raise FileNotServed(path) from error
    return _describe(descriptor, root.joinpath(*segments), path)


def find_version(directory: Path, name: str) -> str | None:
    """The `version` of the file of that name, None where there is none. Blocks."""
    try:
        file = open_file(directory, name)
    except FileNotServed:
        return None
    file.close()
    return file.version


def guess_type(name: str) -> str:
    """The media type that a name stands for, with `charset=utf-8` for text."""
    # Below a directory, so that `data:,a.png` is not taken for a URL.
    media_type, compression = _TYPES.guess_type(f"./{name}")
    if compression is not None:
        return _COMPRESSED.get(compression, "application/octet-stream")
    if media_type is None:
        return "application/octet-stream"
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _is_served_name(segment: str) -> bool:
    return bool(segment) and segment[0] != "." and "\0" not in segment and "\\" not in segment


def _open_below(root: Path, parts: tuple[str, ...]) -> int:
    """Open step by step without following links, so that none put there since can lead out."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for index, part in enumerate(parts):
        kind = os.O_DIRECTORY if index < len(parts) - 1 else os.O_NONBLOCK
        parent = descriptor
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | kind
            descriptor = os.open(part, flags, dir_fd=parent)
        finally:
            os.close(parent)
    return descriptor


def _describe(descriptor: int, path: Path, asked: str) -> OpenFile:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise FileNotServed(asked)
    version = "-".join(
        f"{part:x}"
        for part in (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    )
    # An object of its own, which closes itself: a caller that is cancelled while a thread opens
    # the file never comes to see it.
    raw = io.FileIO(descriptor)
    return OpenFile(raw, path, status.st_size, status.st_mtime_ns // 10**9, version)
