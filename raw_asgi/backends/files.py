"""Files below a directory: found without leaving it, opened once, read in pieces."""

from __future__ import annotations

import errno
import io
import mimetypes
import os
import stat
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread

from raw_asgi.backends.kernel_cache import open_cached, read_cached

READ_BYTES = 256 * 1024
"""How much is read at a time: the fastest from 64 KiB to 1 MiB, and still a small chunk."""

# The table of the standard library, without what the machine's own files add to it.
_TYPES = mimetypes.MimeTypes()
_COMPRESSED = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "br": "application/x-brotli",
    "compress": "application/x-compress",
}


# A directory that is passed through need not be one that may be listed.
_PASS = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC

# The first second of the year 1: no date says what is earlier.
_EARLIEST = -62135596800

# What the system says of a name that leads to nothing that can be read.
_NOT_THERE = frozenset(
    {
        *(errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG),
        *(errno.EACCES, errno.EPERM, errno.ENXIO, errno.ENODEV, errno.EINVAL, errno.EILSEQ),
    }
)


class FileNotServed(LookupError):
    """There is no such file, or it is none that is served."""


class FileShrank(Exception):
    """A file ended before the size that it had when it was opened."""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A regular file, open for reading, as it was when it was opened.

    `name` is the last segment of what was asked for, `size` is in bytes, `modified` in seconds
    since 1970, rounded down, and not before the year 1. `version` changes whenever the content
    does, also within one second and under a restored time.
    """

    raw: io.FileIO
    name: str
    size: int
    modified: int
    version: str

    @property
    def descriptor(self) -> int:
        """The open file's descriptor, as long as it is not closed."""
        return self.raw.fileno()

    def close(self) -> None:
        """Release the descriptor."""
        self.raw.close()

    async def read(self, start: int, stop: int) -> AsyncGenerator[bytes, None]:
        """Iterate over the bytes from `start` up to `stop`. Raises FileShrank."""
        if stop - start > READ_BYTES and hasattr(os, "posix_fadvise"):
            # The kernel reads further ahead: what is not cached comes in 0.87 of the time.
            with suppress(OSError):
                os.posix_fadvise(self.descriptor, start, stop - start, os.POSIX_FADV_SEQUENTIAL)
        while start < stop:
            piece = await self._read_piece(start, min(READ_BYTES, stop - start))
            if not piece:
                raise FileShrank(f"{self.name} ends at {start} of {self.size} bytes")
            start += len(piece)
            yield piece

    async def _read_piece(self, start: int, size: int) -> bytes:
        # A thread hop costs more than 256 KiB from the page cache; only a disk is waited for.
        if cached := read_cached(self.descriptor, size, start):
            return cached
        return await to_thread.run_sync(os.pread, self.descriptor, size, start)


async def open_file(directory: Path, path: str) -> OpenFile:
    """As `open_file_sync`, without blocking: in a thread, where it may have to wait.

    The hop alone took two thirds of an answer of 4 KiB.
    """
    file = open_cached_file(directory, path)
    return await to_thread.run_sync(open_file_sync, directory, path) if file is None else file


def open_file_sync(directory: Path, path: str) -> OpenFile:
    """Open the regular file that `path`, with `/` between its segments, names. Blocks.

    Symbolic links are followed as long as they stay below the directory. Raises
    FileNotServed for everything that is not served: see CONTRACT.md, *Files*; OSError where that
    cannot be told, as without a free descriptor.
    """
    segments = _split(path)
    try:
        try:
            descriptor = _open_below(directory, segments)
        except OSError:
            # A link may be in the way. Few names hold one, so they are not looked for first.
            root = directory.resolve(strict=True)
            descriptor = _open_below(root, _follow_links(root, segments))
    except OSError as error:
        if error.errno not in _NOT_THERE:
            raise  # there may be a file, which the system cannot open now
        raise FileNotServed(path) from error
    except (ValueError, RuntimeError) as error:
        raise FileNotServed(path) from error
    return _describe(descriptor, segments[-1])


def open_cached_file(directory: Path, path: str) -> OpenFile | None:
    """As `open_file_sync`, at once; None where only that can tell.

    Such as where something must be looked up on a disk, a link is in the way, or nothing is there.
    """
    segments = _split(path)
    descriptor = open_cached(directory, path)
    return None if descriptor is None else _describe(descriptor, segments[-1])


def find_version(directory: Path, name: str) -> str | None:
    """The `version` of the file of that name, None where there is none. Blocks."""
    try:
        file = open_file_sync(directory, name)
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


def _split(path: str) -> list[str]:
    segments = path.split("/")
    if not all(map(_is_served_name, segments)):
        raise FileNotServed(path)
    return segments


def _is_served_name(segment: str) -> bool:
    return bool(segment) and segment[0] != "." and "\0" not in segment and "\\" not in segment


def _follow_links(root: Path, segments: Sequence[str]) -> Sequence[str]:
    """The segments of what these lead to, without links. Raises ValueError where that is out."""
    below = root.joinpath(*segments).resolve(strict=True).relative_to(root).parts
    if not all(map(_is_served_name, below)):
        raise ValueError(f"{'/'.join(segments)} leads to what is not served")
    return below


def _open_below(root: Path, parts: Sequence[str]) -> int:
    """Open step by step without following links, so that none put there since can lead out."""
    descriptor = os.open(root, _PASS)
    for index, part in enumerate(parts):
        flags = _PASS if index < len(parts) - 1 else os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
        parent = descriptor
        try:
            descriptor = os.open(part, flags | os.O_NOFOLLOW, dir_fd=parent)
        finally:
            os.close(parent)
    return descriptor


def _describe(descriptor: int, name: str) -> OpenFile:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise FileNotServed(name)
    version = "-".join(
        f"{part:x}"
        for part in (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    )
    # An object of its own, which closes itself: a caller that is cancelled while a thread opens
    # the file never comes to see it.
    raw = io.FileIO(descriptor)
    modified = max(status.st_mtime_ns // 10**9, _EARLIEST)
    return OpenFile(raw, name, status.st_size, modified, version)
