"""Answers: what came back to one request, read as far as the check asks, and how it ended."""

from __future__ import annotations

import time
import zlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from asgi_conformance.connection import Connection, Hung

Fields = Sequence[tuple[str, str]]


class Ending(StrEnum):
    """How an answer ended.

    `clean`: by the rules of its framing. `truncated`: the connection was closed before that.
    `reset`: with RST, on HTTP/2 of the stream or of the connection. `hung`: not at all before
    the deadline. `malformed`: in bytes that are not HTTP.
    """

    CLEAN = "clean"
    TRUNCATED = "truncated"
    RESET = "reset"
    HUNG = "hung"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Head:
    """What an answer begins with; the version as in `1.1`."""

    status: int
    headers: Fields
    http_version: str


class Answer(ABC):
    """An answer, of any version of HTTP. Reads from its connection only when it is asked."""

    def __init__(self, connection: Connection, method: str, request_id: str | None) -> None:
        self.connection = connection
        self.method = method
        self.informational: list[int] = []
        """The statuses of the 1xx answers, in order."""
        self.informational_headers: list[Fields] = []
        """The header fields of each of them, names in lower case."""
        self.pieces: list[bytes] = []
        """The body as it arrived, without its framing, before decoding."""
        self.problem = ""
        """What is malformed, or what the server said when it broke off; for messages."""
        self._id = request_id
        self._head: Head | None = None
        self._decoder: _GzipDecoder | None = None
        self._decoded: list[bytes] = []
        self._trailers: list[tuple[str, str]] = []
        self._ending: Ending | None = None

    @property
    def id(self) -> str:
        """The request's `asgi-conformance-id`. Raises `LookupError` where it was sent without."""
        if self._id is None:
            raise LookupError("a request of literal bytes has no id")
        return self._id

    @property
    def status(self) -> int:
        """The status; reads the head first."""
        return self._read_head().status

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The header fields in their order, names in lower case."""
        return list(self._read_head().headers)

    @property
    def http_version(self) -> str:
        """The version that the answer has, such as `1.1` or `2`."""
        return self._read_head().http_version

    def header(self, name: str) -> str | None:
        """The value of a field, joined with `, ` where it was repeated; None without it."""
        values = [value for field, value in self.headers if field == name.lower()]
        return ", ".join(values) if values else None

    @property
    def body(self) -> bytes:
        """The whole content, gzip decoded; reads to the end, whichever it is."""
        self.read_all()
        return b"".join(self._decoded)

    @property
    def wire_body(self) -> bytes:
        """The whole content without its framing, but not decoded."""
        self.read_all()
        return b"".join(self.pieces)

    @property
    def trailers(self) -> list[tuple[str, str]]:
        """The trailer fields in their order, names in lower case; reads to the end."""
        self.read_all()
        return self._trailers

    @property
    def ending(self) -> Ending:
        """How the answer ended; reads to the end."""
        self.read_all()
        assert self._ending is not None
        return self._ending

    @property
    def gzip_complete(self) -> bool:
        """Whether the content so far is a whole gzip stream, trailer included."""
        return self._decoder is not None and self._decoder.complete

    def read_all(self) -> Self:
        """Read to the end, whichever it is.

        `hung` is what stays silent for the connection's deadline, and what trickles on for four
        times as long.
        """
        limit = time.monotonic() + 4 * self.connection.deadline
        while self._ending is None:
            try:
                self._advance(None)
            except Hung:
                self._ending = Ending.HUNG
            if self._ending is None and time.monotonic() > limit:
                self._ending = Ending.HUNG
        return self

    def read_chunk(self, timeout: float | None = None) -> bytes:
        """The next piece of content as it arrives, decoded; empty at the end.

        Raises `Hung` where none comes within `timeout` seconds, else the connection's deadline.
        """
        known = len(self._decoded)
        deadline = None if timeout is None else time.monotonic() + timeout
        while len(self._decoded) == known and self._ending is None:
            self._advance(None if deadline is None else max(deadline - time.monotonic(), 0.001))
        return b"".join(self._decoded[known:])

    def read_until(self, wanted: bytes) -> bytes:
        """Read on until the content so far has `wanted` in it; all the content so far.

        Fails where the answer ends, or hangs, without it.
        """
        while wanted not in (content := b"".join(self._decoded)):
            if not self.read_chunk():
                raise AssertionError(f"ended ({self._ending}) without {wanted!r}: {content!r}")
        return content

    def read_bytes(self, size: int) -> None:
        """Read on until so many bytes of the body, before decoding, are among the pieces.

        Fails where the answer ends, or hangs, before that.
        """
        while (known := sum(map(len, self.pieces))) < size:
            if not self.read_chunk():
                raise AssertionError(f"ended ({self._ending}) after {known} of {size} bytes")

    def is_silent(self, seconds: float) -> bool:
        """Whether neither content nor the end comes for so long."""
        try:
            self.read_chunk(timeout=seconds)
        except Hung:
            return True
        return False

    @property
    @abstractmethod
    def cut(self) -> bool:
        """Whether the server would not take all of the request that was sent."""

    @abstractmethod
    def send_body(self, data: bytes) -> None:
        """Send a piece of the request's body, framed as the request said.

        Where the server has closed, note it in `cut`. Raises `Hung` where it takes nothing more.
        """

    @abstractmethod
    def send_until_full(self, data: bytes, patience: float = 0.3) -> int:
        """Send body until the server takes nothing for so many seconds; the bytes taken."""

    @abstractmethod
    def finish_body(self) -> None:
        """End the request's body."""

    @abstractmethod
    def reset(self) -> None:
        """Break the exchange off: on HTTP/1.1 with RST of the connection, on HTTP/2 of the stream.

        Nothing more is read.
        """

    def close(self) -> None:
        """Close the whole connection."""
        self.connection.close()

    @abstractmethod
    def _advance(self, timeout: float | None) -> None:
        """Take one step of what arrives; `Hung` where nothing does in so many seconds."""

    def _begin(self, head: Head) -> None:
        self._head = head
        if self.header("content-encoding") == "gzip":
            self._decoder = _GzipDecoder()

    def _take(self, data: bytes) -> None:
        self.pieces.append(data)
        content = data if self._decoder is None else self._decoder.decode(data)
        if content:
            self._decoded.append(content)

    def _end(self, ending: Ending, problem: str = "") -> None:
        self._ending = ending
        self.problem = problem

    def _read_head(self) -> Head:
        while self._head is None:
            if self._ending is not None:
                ending = " ".join(filter(None, [self._ending, self.problem]))
                raise AssertionError(f"no answer: the connection ended ({ending})")
            self._advance(None)
        return self._head


class _GzipDecoder:
    """Decodes what arrives as far as it goes (RFC 1952, any number of members)."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)

    @property
    def complete(self) -> bool:
        return self._member.eof

    def decode(self, data: bytes) -> bytes:
        content = b""
        while data:
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=31)
            try:
                content += self._member.decompress(data)
            except zlib.error as error:
                raise AssertionError(f"what arrived is not gzip: {error}") from error
            data = self._member.unused_data
        return content
