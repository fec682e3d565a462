"""Uploads: received beside their place, hashed, made durable, then put in place in one step."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from raw_asgi.backends.allocation import keep_freed_buffers
from raw_asgi.backends.durability import begin_writing_out, make_directory, sync_directory
from raw_asgi.backends.files import find_version

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NAME_BYTES = 255
# How much is put on the disk at a time while more comes, so that `fsync` finds little left: that
# of 256 MiB takes 0.1 of its time, the whole of an upload 0.9.
_STRIDE_BYTES = 1 << 23

# EFBIG is a limit of the file system or of the process: for the client, the same as a full disk.
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class BadName(ValueError):
    """No file can have this name; the message says why in one line."""


class TooLarge(Exception):
    """An upload went over the limit."""


class StorageFull(Exception):
    """The disk has no room for the upload."""


class Refused(Exception):
    """The condition under which an upload was to be stored did not hold."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was stored: the size in bytes, the digest in lower-case hexadecimal."""

    name: str
    size: int
    sha256: str
    created: bool


class UploadStore:
    """A directory that takes uploads of at most `max_bytes` each.

    It is made when the first upload comes. Its methods block.
    """

    def __init__(self, directory: str | os.PathLike[str], max_bytes: int = 1 << 30) -> None:
        self.max_bytes = max_bytes
        self._directory = Path(directory)
        self._placing = threading.Lock()
        keep_freed_buffers()

    def receive(self, name: str, algorithms: Iterable[str] = ()) -> Upload:
        """Begin an upload. `algorithms` are hashed beside SHA-256, by hashlib's names.

        Raises BadName, StorageFull.
        """
        check_name(name)
        _check_free_of_directory(self._directory / name)
        make_directory(self._directory)
        return Upload(self._directory, name, self.max_bytes, algorithms, self._placing)

    def find_version(self, name: str) -> str | None:
        """The version of the stored file of that name, as `OpenFile.version`."""
        return find_version(self._directory, name)


class Upload:
    """A file that is being received. As a context manager it leaves nothing behind unless stored.

    Its methods block. They may be called from different threads: a server that shuts down
    leaves a thread in `write`, and discards in another.
    """

    def __init__(
        self,
        directory: Path,
        name: str,
        max_bytes: int,
        algorithms: Iterable[str],
        placing: threading.Lock,
    ) -> None:
        self.name = name
        self.size = 0
        self._begun = 0
        self._left = max_bytes
        self._directory = directory
        self._hashes = {
            name: hashlib.new(name, usedforsecurity=False) for name in {"sha256", *algorithms}
        }
        # A name that begins with a dot is never served, and no upload can have it.
        self._path = directory / f".upload-{secrets.token_hex(16)}"
        self._guard = threading.RLock()
        self._placing = placing
        self._descriptor: int | None = None
        self._durable = False
        self._discarded = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.discard()

    def write(self, data: bytes | memoryview) -> None:
        """Append to the file. Raises TooLarge, StorageFull."""
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge(self.name)
        for digest in self._hashes.values():
            digest.update(data)
        self.size += len(data)
        view = memoryview(data)
        with self._guard, _room():
            descriptor = self._open()
            while view:
                view = view[os.write(descriptor, view) :]
            if self.size - self._begun >= _STRIDE_BYTES:
                begin_writing_out(descriptor, self._begun, self.size)
                self._begun = self.size

    def digest(self, algorithm: str = "sha256") -> bytes:
        """The digest of what was written so far."""
        return self._hashes[algorithm].digest()

    def flush(self) -> None:
        """Make the content durable; nothing may be written after. Raises StorageFull."""
        with self._guard:
            if not self._durable:
                with _room():
                    os.fsync(self._open())
                self._close()
                self._durable = True

    def store(self, condition: Callable[[], bool] | None = None, *, new: bool = False) -> Receipt:
        """Make the file durable and put it in place, in one step.

        With `new` the name must not be taken. `condition` is asked just before. Raises Refused
        where either does not hold, StorageFull, BadName where a directory has the name.
        """
        with self._guard:
            self.flush()
            target = self._directory / self.name
            # Between the condition and the replacing no other upload of this store may come.
            with self._placing:
                if condition is not None and not condition():
                    raise Refused(self.name)
                created = new or not target.exists()
                _check_free_of_directory(target)
                with _room():
                    if new:
                        self._link_to(target)
                    else:
                        self._path.replace(target)
            sync_directory(self._directory)
        return Receipt(self.name, self.size, self.digest().hex(), created)

    def discard(self) -> None:
        """Remove what was received, unless it was stored. Does nothing the second time."""
        with self._guard:
            self._close()
            if not self._discarded:
                self._discarded = True
                self._path.unlink(missing_ok=True)

    def _open(self) -> int:
        # Only when there is something to write: what is never written leaves nothing to remove.
        if self._discarded:
            raise RuntimeError("the upload was discarded")
        if self._descriptor is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags, 0o666)
        return self._descriptor

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _link_to(self, target: Path) -> None:
        try:
            # Unlike a rename, a link fails where the name is taken: of two one wins.
            os.link(self._path, target)
        except FileExistsError:
            raise Refused(self.name) from None
        self._path.unlink()


def check_name(name: str) -> None:
    """Raise BadName unless the name can be a file's: see CONTRACT.md, *Uploads*."""
    if not name:
        raise BadName("the name is empty")
    if name.startswith("."):
        raise BadName("the name begins with a dot")
    if "/" in name or "\\" in name:
        raise BadName("the name is more than one path segment")
    if _CONTROL.search(name):
        raise BadName("the name has a control character")
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        raise BadName("the name is not Unicode text") from None
    if size > _NAME_BYTES:
        raise BadName(f"the name is longer than {_NAME_BYTES} bytes")


def _check_free_of_directory(target: Path) -> None:
    if target.is_dir():
        raise BadName("the name is taken by a directory")


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise StorageFull("the disk is full") from error
        raise
