"""An exchange: the answer to one request on a stream of an HTTP/2 connection."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    InformationalResponseReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import StreamClosedError

from asgi_conformance.answer import Answer, Ending, Fields, Head
from asgi_conformance.connection import Hung

if TYPE_CHECKING:
    from asgi_conformance.server.http2 import Http2Connection


@dataclass(frozen=True, slots=True)
class Lost:
    """The stream cannot go on, since its connection cannot."""

    ending: Ending
    problem: str
    error_code: ErrorCodes | int | None = None


StreamEvent = (
    InformationalResponseReceived
    | ResponseReceived
    | DataReceived
    | TrailersReceived
    | StreamEnded
    | StreamReset
)


class Http2Exchange(Answer):
    """An answer on a stream of HTTP/2."""

    connection: Http2Connection

    def __init__(
        self, connection: Http2Connection, stream_id: int, method: str, request_id: str | None
    ) -> None:
        super().__init__(connection, method, request_id)
        self.stream_id = stream_id
        self.pushed: list[tuple[Fields, Http2Exchange]] = []
        """What the server has promised so far: the request's fields and the exchange."""
        self.error_code: ErrorCodes | int | None = None
        """That of RST_STREAM, or of the GOAWAY that ended the stream, as far as it has arrived.

        A reset may also come after the end of the answer; after a `ping` it is known.
        """
        self._inbox: deque[StreamEvent | Lost] = deque()
        self._complete = False
        """The server will send no more, so that windows are of no use to it."""
        self._refused = False
        """The server will take no more."""
        self._reading = True
        self._withheld = 0

    @property
    def cut(self) -> bool:
        return self._refused or self.connection.cut or self.connection.ended is not None

    def send_body(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest and not self.cut:
            self.connection.wait_for(
                lambda: self.cut or self._room() > 0, "a WINDOW_UPDATE for the body"
            )
            rest = rest[self._send_data(rest) :]
            self.connection.flush()

    def send_until_full(self, data: bytes, patience: float = 0.3) -> int:
        """Send body until the windows, or the socket, stay full for so many seconds.

        The bytes taken, in whole frames.
        """
        rest = memoryview(data)
        while rest and not self.cut:
            try:
                self.connection.wait_for(
                    lambda: self.cut or self._room() > 0, "a WINDOW_UPDATE", patience
                )
            except Hung:
                break
            sent = self._send_data(rest)
            if not self.connection.flush_until_full(patience):
                break
            rest = rest[sent:]
        return len(data) - len(rest)

    def finish_body(self) -> None:
        if not self.cut:
            self.connection.framing.state.end_stream(self.stream_id)
            self.connection.flush()

    def send_trailers(self, fields: Fields) -> None:
        """End the request's body with these fields, checked by nobody."""
        if not self.cut:
            lines = encode(fields)
            self.connection.framing.state.send_headers(self.stream_id, lines, end_stream=True)
            self.connection.flush(lines)

    def reset(self, code: int = ErrorCodes.CANCEL) -> None:
        """Break the stream off with RST_STREAM. Nothing more is read."""
        if self.connection.ended is None:
            with suppress(StreamClosedError):  # it is over, both ways
                self.connection.framing.state.reset_stream(self.stream_id, code)
            self.connection.flush()
        self._refused = self._complete = True
        self._inbox.clear()
        self._end(self._ending or Ending.RESET)

    def stop_reading(self) -> None:
        """From now on give the server no window back, whatever is read."""
        self._reading = False

    def resume_reading(self) -> None:
        """Give the window back that was withheld, and go on so."""
        self._reading = True
        self.open_window(self._withheld)
        self._withheld = 0

    def open_window(self, size: int) -> None:
        """Let the server send so many bytes more."""
        if size and not self._complete:
            state = self.connection.framing.state
            state.increment_flow_control_window(size, self.stream_id)
            self.connection.flush()

    def arrive(self, event: StreamEvent | Lost) -> None:
        """Take what the connection has for the stream; what it means is seen when it is read."""
        if isinstance(event, Lost) and self._complete:
            return
        if isinstance(event, Lost | StreamReset):
            self._refused = True
            if isinstance(event, Lost) or event.remote_reset:
                self.error_code = event.error_code
        if isinstance(event, Lost | StreamReset | StreamEnded):
            self._complete = True
        self._inbox.append(event)

    def _advance(self, timeout: float | None) -> None:
        self.connection.wait_for(
            lambda: bool(self._inbox), f"anything on stream {self.stream_id}", timeout
        )
        event = self._inbox.popleft()
        match event:
            case InformationalResponseReceived():
                fields = decode(event.headers)
                self.informational.append(int(dict(fields)[":status"]))
                self.informational_headers.append([f for f in fields if f[0] != ":status"])
            case ResponseReceived():
                self._take_head(decode(event.headers))
            case DataReceived():
                self._take_data(event)
            case TrailersReceived():
                self._trailers = decode(event.headers)
            case StreamEnded():
                problem = self._find_mismatch()
                self._end(Ending.MALFORMED if problem else Ending.CLEAN, problem)
            case StreamReset():
                # h2 resets a stream itself where the server has overflowed its window.
                ending = Ending.RESET if event.remote_reset else Ending.MALFORMED
                self._end(ending, repr(event.error_code))
            case Lost():
                self._end(event.ending, event.problem)

    def _take_head(self, fields: list[tuple[str, str]]) -> None:
        status = dict(fields).get(":status", "")
        if not status.isascii() or not status.isdigit():
            self._end(Ending.MALFORMED, f"an answer of status {status!r}")
            return
        headers = [field for field in fields if field[0] != ":status"]
        self._begin(Head(int(status), headers, "2"))

    def _take_data(self, event: DataReceived) -> None:
        if self._reading:
            self.open_window(event.flow_controlled_length)
        else:
            self._withheld += event.flow_controlled_length
        if event.data:
            self._take(event.data)

    def _find_mismatch(self) -> str:
        """What of the content is not as the head said (RFC 9113 §8.1.1); empty where all is."""
        size = sum(map(len, self.pieces))
        if self.method == "HEAD" or self.status in (204, 304):
            return f"{size} bytes of content where none may be" if size else ""
        declared = self.header("content-length")
        matches = declared is None or (declared.isdigit() and int(declared) == size)
        return "" if matches else f"content-length {declared}, but {size} bytes of content"

    def _room(self) -> int:
        state = self.connection.framing.state
        return min(state.local_flow_control_window(self.stream_id), state.max_outbound_frame_size)

    def _send_data(self, data: memoryview) -> int:
        """Put as much as fits into a frame; how much that was. Of a stream that is cut, none."""
        if self.cut:
            return 0
        piece = data[: self._room()]
        self.connection.framing.state.send_data(self.stream_id, piece)
        return len(piece)


def encode(fields: Fields) -> list[tuple[bytes, bytes]]:
    """Fields as they go out, in Latin-1."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]


def decode(fields: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """Fields as they came, from Latin-1."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields]
