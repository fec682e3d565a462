"""An exchange: the answer to one request, read as far as the check asks, and how it ended."""

from __future__ import annotations

import time
import zlib
from enum import StrEnum

import h11

from asgi_conformance.connection import Connection, Hung, Reset


class Ending(StrEnum):
    """How an answer ended.

    `clean`: by the rules of its framing. `truncated`: the connection was closed before that.
    `reset`: with RST. `hung`: not at all before the deadline. `malformed`: in bytes that are
    not HTTP.
    """

    CLEAN = "clean"
    TRUNCATED = "truncated"
    RESET = "reset"
    HUNG = "hung"
    MALFORMED = "malformed"


class Exchange:
    """An answer. Reads from its connection only when asked, and no more than is needed."""

    def __init__(self, connection: Connection, method: str, request_id: str | None) -> None:
        self.connection = connection
        self.informational: list[int] = []
        """The statuses of the 1xx answers, in order."""
        self.pieces: list[bytes] = []
        """The body as it arrived, without chunk framing, before decoding."""
        self._id = request_id
        self._decoder: _GzipDecoder | None = None
        self._head: h11.Response | None = None
        self._decoded: list[bytes] = []
        self._ending: Ending | None = None
        self._framing = h11.Connection(h11.CLIENT, max_incomplete_event_size=262144)
        # h11 must know the method, no more: the request itself has its own way out.
        self._framing.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
        self._framing.send(h11.EndOfMessage())

    @property
    def id(self) -> str:
        """The request's `asgi-conformance-id`. Raises `LookupError` where it was sent without."""
        if self._id is None:
            raise LookupError("a request of literal bytes has no id")
        return self._id

    @property
    def status(self) -> int:
        """The status; reads the head first."""
        return self._read_head().status_code

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The header fields in their order, names in lower case."""
        fields = self._read_head().headers
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields]

    @property
    def http_version(self) -> str:
        """The version on the status line, such as `1.1`."""
        return self._read_head().http_version.decode("ascii")

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
        """The whole content without chunk framing, but not decoded."""
        self.read_all()
        return b"".join(self.pieces)

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

    @property
    def excess(self) -> bytes:
        """What came on the connection after this answer, until the server closed it.

        For requests with `Connection: close`: of a HEAD, or a 304, this must be nothing.
        """
        self.read_all()
        return self.connection.receive_until_closed()

    def read_all(self) -> Exchange:
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

    def is_silent(self, seconds: float) -> bool:
        """Whether neither content nor the end comes for so long."""
        try:
            self.read_chunk(timeout=seconds)
        except Hung:
            return True
        return False

    def _read_head(self) -> h11.Response:
        while self._head is None:
            if self._ending is not None:
                raise AssertionError(f"no answer: the connection ended ({self._ending})")
            self._advance(None)
        return self._head

    def _advance(self, timeout: float | None) -> None:
        """Take one event of the framing, receiving once if it needs bytes."""
        try:
            event = self._framing.next_event()
            if event is h11.NEED_DATA:
                self._framing.receive_data(self.connection.receive(timeout))
                return
        except Reset:
            self._ending = Ending.RESET
            return
        except h11.RemoteProtocolError:
            _, at_end = self._framing.trailing_data
            self._ending = Ending.TRUNCATED if at_end else Ending.MALFORMED
            return
        if isinstance(event, h11.InformationalResponse):
            self.informational.append(event.status_code)
        elif isinstance(event, h11.Response):
            self._head = event
            if self.header("content-encoding") == "gzip":
                self._decoder = _GzipDecoder()
        elif isinstance(event, h11.Data):
            self._take(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            self.connection.unread = self._framing.trailing_data[0]
            self._ending = Ending.CLEAN
        else:
            self._ending = Ending.TRUNCATED  # closed before the head

    def _take(self, data: bytes) -> None:
        self.pieces.append(data)
        content = data if self._decoder is None else self._decoder.decode(data)
        if content:
            self._decoded.append(content)


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
