"""What the kernel holds in its caches: opened and read without waiting, by Linux alone.

A hop into a worker thread costs several times what it costs to open and read a small file that is
cached; only a disk is worth it. Where nothing is known of the caches, the answer is "not cached".
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
import threading
from pathlib import Path

# Linux alone can say "only what is in the page cache".
_NOWAIT: int | None = getattr(os, "RWF_NOWAIT", None)


class _OpenHow(ctypes.Structure):
    """`struct open_how` (openat2(2))."""

    _fields_ = (
        ("flags", ctypes.c_uint64),
        ("mode", ctypes.c_uint64),
        ("resolve", ctypes.c_uint64),
    )


_OPENAT2 = 437
_AT_FDCWD = -100

_NO_XDEV, _NO_SYMLINKS, _BENEATH, _CACHED = 0x01, 0x04, 0x08, 0x20

# O_PATH: a place in the tree, of which the file system itself hears nothing.
_ROOT = _OpenHow(getattr(os, "O_PATH", 0) | os.O_DIRECTORY | os.O_CLOEXEC, 0, _CACHED)
# O_NONBLOCK, for a FIFO and a file with a lease.
_FILE = _OpenHow(
    os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC, 0, _CACHED | _BENEATH | _NO_SYMLINKS | _NO_XDEV
)

# statx(2): what is known of the descriptor itself, without asking a server for it.
_AT_EMPTY_PATH_DONT_SYNC = 0x1000 | 0x4000
_STATX_BYTES = 256
_STX_DEV_MAJOR = slice(136, 140)


def _load_libc() -> ctypes.PyDLL | None:
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
        return None
    # Unlike CDLL it keeps the interpreter's lock: to get that back from a thread that computes
    # takes 5 ms, and these calls wait for nothing.
    libc = ctypes.PyDLL(None)
    if not hasattr(libc, "statx"):
        return None
    libc.syscall.argtypes = (
        *(ctypes.c_long, ctypes.c_int, ctypes.c_char_p),
        *(ctypes.POINTER(_OpenHow), ctypes.c_size_t),
    )
    libc.syscall.restype = ctypes.c_long
    return libc


_LIBC = _load_libc()


def open_cached(directory: Path, path: str) -> int | None:
    """Open `path` below the directory for reading without waiting; None where that cannot be.

    Gives a descriptor of whatever is there, also of what is no regular file. None where the way
    there is not in the cache, where a link is on it or it leaves the directory or its file system,
    and where nothing can be opened. RESOLVE_CACHED of openat2(2) is there to do without a thread;
    what may still be waited for is a scanner that the kernel asks at every opening (fanotify(7)).
    """
    try:
        root_name, name = os.fsencode(directory), os.fsencode(path)
    except UnicodeEncodeError:
        return None
    # C takes NUL for the end.
    if _LIBC is None or b"\0" in root_name or b"\0" in name:
        return None
    root = _openat2(_LIBC, _AT_FDCWD, root_name, _ROOT)
    if root < 0:
        return None
    try:
        # The cache speaks of the way. To open what is there, a file system on a network or in
        # another process may still have to ask.
        descriptor = _openat2(_LIBC, root, name, _FILE) if _is_on_a_disk(_LIBC, root) else -1
    finally:
        os.close(root)
    return None if descriptor < 0 else descriptor


class _Buffer(threading.local):
    memory = memoryview(b"")


# One for all reads of a thread: to get and clear another for each took more than half of an answer
# of 256 KiB. A thread may hand over to another within a read, so each has its own.
_buffer = _Buffer()


def read_cached(descriptor: int, size: int, start: int) -> bytes:
    """Read up to `size` bytes from `start` without waiting.

    Gives those that are cached: none also at the end and where the file cannot tell.
    """
    if _NOWAIT is None:
        return b""
    if len(_buffer.memory) < size:
        _buffer.memory = memoryview(bytearray(size))
    buffer = _buffer.memory[:size]
    try:
        cached = os.preadv(descriptor, [buffer], start, _NOWAIT)
    except OSError:
        return b""
    return bytes(buffer[:cached])


def _openat2(libc: ctypes.PyDLL, parent: int, name: bytes, how: _OpenHow) -> int:
    descriptor: int = libc.syscall(_OPENAT2, parent, name, how, ctypes.sizeof(how))
    return descriptor


def _is_on_a_disk(libc: ctypes.PyDLL, descriptor: int) -> bool:
    """Whether its file system is on a block device; all others have the major number 0."""
    status = ctypes.create_string_buffer(_STATX_BYTES)
    if libc.statx(descriptor, b"", _AT_EMPTY_PATH_DONT_SYNC, 0, status):
        return False
    return int.from_bytes(status.raw[_STX_DEV_MAJOR], sys.byteorder) != 0
