"""Scenarios: what is asked of a running application, how much of it arrives in how long."""

from __future__ import annotations

import hashlib
import random
import socket
import time
from dataclasses import dataclass
from typing import Protocol

import orjson
from isal import isal_zlib

from benchmarks.client import (
    Address,
    Mismatch,
    OpenSink,
    Sink,
    connect,
    make_request,
    read_answer,
)
from benchmarks.inputs import Content

_GZIP_CONTAINER = 31  # zlib.h, inflateInit2: a window of 2^15 bytes, plus 16 for gzip


@dataclass(frozen=True, slots=True)
class Measurement:
    """How much arrived: bytes of content (after decoding) or events, in how many seconds.

    `complete` is False where the time was up before the end.
    """

    amount: int
    seconds: float
    complete: bool

    @property
    def rate(self) -> float:
        """Per second."""
        return self.amount / self.seconds


class Scenario(Protocol):
    """One family's work. `unit` is what the rate is shown in: `MB/s` or `events/s`."""

    family: str
    unit: str

    def verify(self, address: Address, *, gzip: bool, seconds: float) -> None:
        """Do it once, look at all that arrives within the time. Raises Mismatch."""
        ...

    def measure(self, address: Address, *, gzip: bool, seconds: float) -> Measurement:
        """Do it once, for at most so many seconds. Raises Mismatch."""
        ...


class Download:
    """`GET` of a target whose content is known. The decoding of gzip is not timed."""

    unit = "MB/s"

    def __init__(self, family: str, target: str, content: Content) -> None:
        self.family = family
        self._target = target
        self._content = content

    def verify(self, address: Address, *, gzip: bool, seconds: float) -> None:
        """Compare what arrives with the content, byte by byte."""
        position = 0

        def open_sink(encoded: bool) -> Sink:
            decoder = isal_zlib.decompressobj(_GZIP_CONTAINER) if encoded else None

            def compare(piece: bytes | memoryview) -> None:
                nonlocal position
                decoded = decoder.decompress(piece) if decoder else bytes(piece)
                if decoded != self._content[position : position + len(decoded)]:
                    raise Mismatch(f"other content than expected after byte {position}")
                position += len(decoded)

            return compare

        _, complete = self._get(address, gzip, seconds, open_sink)
        self._check_size(position, complete)

    def measure(self, address: Address, *, gzip: bool, seconds: float) -> Measurement:
        size = 0
        pieces: list[bytes] = []

        def open_sink(encoded: bool) -> Sink:
            def count(piece: bytes | memoryview) -> None:
                nonlocal size
                size += len(piece)

            def keep(piece: bytes | memoryview) -> None:
                pieces.append(bytes(piece))

            return keep if encoded else count

        took, complete = self._get(address, gzip, seconds, open_sink)
        if pieces:
            decoder = isal_zlib.decompressobj(_GZIP_CONTAINER)
            size = sum(len(decoder.decompress(piece)) for piece in pieces)
        self._check_size(size, complete)
        return Measurement(size, took, complete)

    def _get(
        self, address: Address, gzip: bool, seconds: float, open_sink: OpenSink
    ) -> tuple[float, bool]:
        """Returns the seconds that it took, and whether it came to its end in time."""
        with connect(address) as connection:
            start = time.perf_counter()
            connection.sendall(make_request("GET", self._target, gzip=gzip))
            answer = read_answer(connection, start + seconds, open_sink)
            took = time.perf_counter() - start
        if answer.status not in (0, 200):
            raise Mismatch(f"status {answer.status} for GET {self._target}")
        if answer.gzip and not gzip:
            raise Mismatch("the answer is gzip, though none was asked for")
        return took, answer.ended

    def _check_size(self, size: int, complete: bool) -> None:
        if complete and size != len(self._content):
            raise Mismatch(f"{size} bytes arrived of {len(self._content)}")


class Upload:
    """`PUT` of random bytes, timed until the receipt: they are hashed and durable by then.

    What has no receipt is not stored, however much of it was sent: it counts for nothing. So
    an upload may take eight times the time of other measurements.
    """

    family = "uploads"
    unit = "MB/s"

    _TARGET = "/uploads/benchmark.bin"
    _PIECE_BYTES = 1 << 18
    PATIENCE = 8

    def __init__(self, size: int = 16 << 20) -> None:
        self._body = random.Random(0).randbytes(size)  # noqa: S311 - content, not a secret
        self._receipt = {
            "name": "benchmark.bin",
            "size": size,
            "sha256": hashlib.sha256(self._body).hexdigest(),
        }

    def verify(self, address: Address, *, gzip: bool, seconds: float) -> None:
        """Every measurement looks at the receipt."""
        self.measure(address, gzip=gzip, seconds=seconds)

    def measure(self, address: Address, *, gzip: bool, seconds: float) -> Measurement:
        fields = (("Content-Length", str(len(self._body))),)
        head = make_request("PUT", self._TARGET, gzip=gzip, fields=fields)
        body = bytearray()
        with connect(address) as connection:
            start = time.perf_counter()
            deadline = start + self.PATIENCE * seconds
            connection.sendall(head)
            self._send_body(connection, deadline)
            answer = read_answer(connection, deadline, lambda _: body.extend)
            took = time.perf_counter() - start
        if answer.status not in (0, 200, 201):
            raise Mismatch(f"status {answer.status} for PUT {self._TARGET}")
        if answer.ended and orjson.loads(body) != self._receipt:
            raise Mismatch("the receipt does not tell what was sent")
        return Measurement(len(self._body) if answer.ended else 0, took, answer.ended)

    def _send_body(self, connection: socket.socket, deadline: float) -> None:
        body = memoryview(self._body)
        sent = 0
        while sent < len(body) and (left := deadline - time.perf_counter()) > 0:
            connection.settimeout(left)
            try:
                sent += connection.send(body[sent : sent + self._PIECE_BYTES])
            except TimeoutError:
                break
            except ConnectionError as error:
                raise Mismatch(f"the upload was refused after {sent} bytes: {error}") from None
