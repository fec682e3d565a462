"""Download: one large answer on a connection of its own."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.client import Mismatch, connect, make_request
from benchmarks.loads.load import Figures, Target, timing
from benchmarks.loads.recording import Body, Tape, record, take_apart
from benchmarks.material import MIB, Content

_TIMEOUT = 120.0
_SAMPLES = 64
_ATTEMPTS = 5
_PATIENCE = 0.1  # seconds, times the number of the attempt

# The tape of one download is that of the next: a gigabyte is not made anew for each.
_tapes: dict[str, Tape] = {}


@dataclass(frozen=True)
class Download:
    """`GET` of a path, to its last byte. Figures: `rate`, content in bytes a second (of what it is
    after decoding); `bytes`, of the body as it was sent; `busy`, of the client, 0 to 1.

    `find` gives what must arrive of `path`, `check_find` what of `check_path`. `items` is what
    `rate` counts where it is not the bytes. With `evict`, the name of a file, that file is put
    out of the page cache before.
    """

    path: str
    find: Callable[[], Content]
    check_path: str
    check_find: Callable[[], Content]
    gzip: bool = False
    items: int | None = None
    evict: str | None = None

    @cached_property
    def _content(self) -> Content:
        return self.find()

    def check(self, target: Target) -> None:
        self._get(target, self.check_path, self.check_find())

    def measure(self, target: Target) -> Figures:
        return self._get(target, self.path, self._content)

    def _get(self, target: Target, path: str, content: Content) -> Figures:
        if self.evict is not None:
            evict(target.files / self.evict)
        # Twice the content: the framing of a chunk of every row is a fifth of the row.
        tape = _find_tape(
            2 * content.size + MIB if content.size < 512 * MIB else content.size + MIB
        )
        request = make_request("GET", target.prefix + path, gzip=self.gzip)
        with connect(target.address) as connection, timing() as clock:
            connection.sendall(request)
            recording = record(connection, tape, _TIMEOUT)
        body = take_apart(recording.answer)
        _compare(body, content, gzip=self.gzip)
        amount = content.size if self.items is None else self.items
        return {"rate": amount / clock.seconds, "bytes": body.sent, "busy": clock.busy}


def _find_tape(size: int) -> Tape:
    tape = _tapes.get("")
    if tape is None or len(tape.view) < size:
        tape = _tapes[""] = Tape(size)
    return tape


def _compare(body: Body, content: Content, *, gzip: bool) -> None:
    if body.status != 200:
        raise Mismatch(f"status {body.status}")
    if body.gzip != gzip:
        raise Mismatch("compressed, unasked" if body.gzip else "not compressed")
    if (body.size, body.sha256) != (content.size, content.sha256):
        raise Mismatch(f"other content than expected: {body.size} bytes of {content.size}")


def evict(path: Path) -> None:
    """Put a file out of the page cache. Raises Mismatch where most of it stays."""
    with path.open("rb", buffering=0) as file:
        for attempt in range(_ATTEMPTS):
            # What somebody still reads stays; who read it last may not have ended yet.
            time.sleep(attempt * _PATIENCE)
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            stayed = _count_cached(file.fileno())
            if stayed <= _SAMPLES // 8:
                return
    raise Mismatch(f"{stayed} of {_SAMPLES} samples of the file stay in the page cache")


def _count_cached(descriptor: int) -> int:
    size, cached, piece = os.fstat(descriptor).st_size, 0, bytearray(1)
    for sample in range(_SAMPLES):
        try:
            os.preadv(descriptor, [piece], sample * size // _SAMPLES, os.RWF_NOWAIT)
            cached += 1
        except OSError as error:
            if error.errno != errno.EAGAIN:
                raise
    return cached
