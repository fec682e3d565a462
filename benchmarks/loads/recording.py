"""Recording: an answer as it came over the wire, taken apart when the clock has stopped."""

from __future__ import annotations

import hashlib
import mmap
import re
import socket
import time
from dataclasses import dataclass

from isal import isal_zlib

from benchmarks.client import AnswerParser, Mismatch, Sink

_READ_BYTES = 1 << 20
_PIECE_BYTES = 1 << 18
_LENGTH = re.compile(rb"^content-length: *([0-9]+)", re.IGNORECASE | re.MULTILINE)
_GZIP_CONTAINER = 31  # zlib.h, inflateInit2: a window of 2^15 bytes, plus 16 for gzip

_LAST_CHUNK = b"\r\n0\r\n\r\n"


class Extent:
    """Tells where an answer ends, by as little of it as need be (RFC 9112 §6.3).

    By its length; where it is chunked, by the last chunk. Content could look like that one, so
    that whoever takes the answer apart must find its end there too.
    """

    def __init__(self) -> None:
        self.head = 0
        self.total: int | None = None

    def read_head(self, start: bytes) -> bool:
        """Learn from the first bytes; False where the head has not come whole."""
        end = start.find(b"\r\n\r\n")
        if end < 0:
            return False
        self.head = end + 4
        length = _LENGTH.search(start, 0, self.head)
        if length is not None:
            self.total = self.head + int(length[1])
        return True

    def ends(self, size: int, tail: bytes) -> bool:
        """Whether `size` bytes, of which `tail` are the last, are the whole answer."""
        if self.total is not None:
            return size >= self.total
        return tail.endswith(_LAST_CHUNK)


class Tape:
    """Memory that an answer is recorded to. It is there before the clock runs."""

    def __init__(self, size: int) -> None:
        self._memory = mmap.mmap(-1, size)
        self.view = memoryview(self._memory)
        # A page that was never written to would be made while the clock runs.
        for offset in range(0, size, mmap.PAGESIZE):
            self.view[offset] = 0


@dataclass(frozen=True, slots=True)
class Recording:
    """An answer on a tape. `first` is when its first byte came, by `time.perf_counter()`."""

    answer: memoryview
    first: float


def record(connection: socket.socket, tape: Tape, timeout: float) -> Recording:
    """Receive one answer. Raises Mismatch where it breaks off, or does not end in time."""
    view, size, extent, first = tape.view, 0, Extent(), 0.0
    known = False
    connection.settimeout(timeout)
    while True:
        try:
            received = connection.recv_into(view[size : size + _READ_BYTES])
        except TimeoutError:
            raise Mismatch(f"nothing for {timeout:.0f} s after {size} bytes") from None
        except ConnectionError as error:
            raise Mismatch(f"reset after {size} bytes: {error}") from None
        if not received:
            raise Mismatch(f"broke off after {size} bytes")
        first = first or time.perf_counter()
        size += received
        known = known or extent.read_head(bytes(view[: min(size, 1 << 16)]))
        if known and extent.ends(size, bytes(view[max(0, size - len(_LAST_CHUNK)) : size])):
            return Recording(view[:size], first)
        if size == len(view):
            raise Mismatch(f"more than {size} bytes")


@dataclass(frozen=True, slots=True)
class Body:
    """What an answer held: `sent` counts the body's bytes as they came, without the framing.

    `size` and `sha256` are of the content, after decoding where it was gzip.
    """

    status: int
    gzip: bool
    sent: int
    size: int
    sha256: bytes
    head: int


def take_apart(answer: memoryview, *, keep: bytearray | None = None) -> Body:
    """Parse an answer and digest its content; add the content to `keep`.

    Raises Mismatch where it is not HTTP, or does not end where it ended.
    """
    digest, size = hashlib.sha256(), 0

    def open_sink(encoded: bool) -> Sink:
        decoder = isal_zlib.decompressobj(_GZIP_CONTAINER) if encoded else None

        def take(piece: bytes | memoryview) -> None:
            nonlocal size
            content = decoder.decompress(piece) if decoder else piece
            size += len(content)
            digest.update(content)
            if keep is not None:
                keep.extend(content)

        return take

    parser = AnswerParser(open_sink)
    head = bytes(answer[: 1 << 16]).find(b"\r\n\r\n") + 4
    position = head
    parser.feed(answer[:head])
    while position < len(answer):
        piece = answer[position : position + _PIECE_BYTES]
        position += len(piece)
        if parser.length is not None:
            parser.take(piece)
        else:
            parser.feed(piece)
    ended = parser.size == parser.length if parser.length is not None else parser.ended
    if not ended:
        raise Mismatch("an answer does not end where it seemed to")
    return Body(parser.status, parser.gzip, parser.size, size, digest.digest(), head)
