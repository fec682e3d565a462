"""The client of HTTP/2, by prior knowledge or over TLS (RFC 9113), many streams on a connection.

Everything happens in the caller's thread: whoever waits for its stream takes in the frames of
the others too, which keep them until they are read.
"""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    PingAckReceived,
    PushedStreamReceived,
    SettingsAcknowledged,
)
from h2.exceptions import H2Error
from h2.settings import SettingCodes
from hyperframe.exceptions import HyperframeError

from asgi_conformance.answer import Ending, Fields
from asgi_conformance.connection import DEADLINE, Connection, Direction, Hung, Reset
from asgi_conformance.server.http2_exchange import (
    Http2Exchange,
    Lost,
    StreamEvent,
    decode,
    encode,
)
from asgi_conformance.server.http2_framing import (
    CONNECTION_WINDOW,
    FieldLines,
    Framing,
    GoAway,
    make_goaway,
)

__all__ = ["Http2Connection", "Http2Exchange"]

_FRAMES_KEPT = 200


class Http2Connection(Connection):
    """One connection of HTTP/2. `send` and `receive` are still there, for literal bytes.

    The server gets a stream's window back as the check reads that stream, and not before.
    """

    def __init__(
        self,
        address: tuple[str, int],
        *,
        deadline: float = DEADLINE,
        receive_buffer: int | None = None,
        window: int | None = None,
        enable_push: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`window` is how many bytes each stream may be sent at first, 65535 unless told."""
        super().__init__(address, deadline=deadline, receive_buffer=receive_buffer, tls=tls)
        self.exchanges: dict[int, Http2Exchange] = {}
        """All exchanges so far, by the number of their stream."""
        self.ended: Ending | None = None
        """How the connection ended, as far as that has been taken in."""
        self.problem = ""
        """What broke the protocol."""
        self.goaway_received: GoAway | None = None
        self.framing = Framing(window=65535 if window is None else window, enable_push=enable_push)
        self._frames: list[str] = []
        self._pending = b""
        self._consumed = 0
        self._pings: set[bytes] = set()
        self._settings_due = 1
        self.flush()

    def request(
        self,
        method: str,
        target: str,
        headers: Fields = (),
        *,
        body: bytes | Iterable[bytes] | None = None,
        upload: int | Literal["chunked"] | None = None,
        request_id: str | None = None,
    ) -> Http2Exchange:
        """Send a request on a stream of its own; read nothing yet.

        `target` goes out as it is, the names of `headers` in lower case. `bytes` as `body` get a
        `content-length`, an iterable none, a DATA frame or more an item. `upload` is the
        `content-length` of a body, or `chunked` where that is not told, which the caller sends
        with `send_body` and `finish_body`. `request_id` is the `asgi-conformance-id` that is
        among the headers. Raises `Hung` where the server does not take the body.
        """
        scheme = "http" if self.encryption is None else "https"
        fields = [
            *((":method", method), (":scheme", scheme), (":authority", "127.0.0.1")),
            *((":path", target), *((name.lower(), value) for name, value in headers)),
        ]
        length = len(body) if isinstance(body, bytes) else upload
        if isinstance(length, int) and all(name != "content-length" for name, _ in fields):
            fields.append(("content-length", str(length)))
        ends = upload is None and not body
        exchange = self.send_headers(fields, end_stream=ends, request_id=request_id)
        if body is not None and not ends:
            for piece in [body] if isinstance(body, bytes) else body:
                exchange.send_body(piece)
            exchange.finish_body()
        return exchange

    def send_headers(
        self, fields: Fields, *, end_stream: bool = True, request_id: str | None = None
    ) -> Http2Exchange:
        """Open a stream with these very fields, pseudo-headers among them, checked by nobody.

        Raises `h2.exceptions.TooManyStreamsError` beyond what the server allows at once.
        """
        stream_id = self.framing.state.get_next_available_stream_id()
        method = dict(fields).get(":method", "GET")
        exchange = Http2Exchange(self, stream_id, method, request_id)
        if self.ended is not None:
            exchange.arrive(Lost(self.ended, self.problem))
        elif self.goaway_received is not None:
            exchange.arrive(_lose_by(self.goaway_received))
        else:
            lines = encode(fields)
            self.framing.state.send_headers(stream_id, lines, end_stream=end_stream)
            self.exchanges[stream_id] = exchange
            self.flush(lines)
        return exchange

    def ping(self) -> float:
        """Send a PING; the seconds until its acknowledgement.

        What the server had sent before it has then been taken in. Raises `Hung` at the deadline
        and `AssertionError` where the connection ends instead.
        """
        token = os.urandom(8)
        began = time.monotonic()
        if self.ended is None:
            self.framing.state.ping(token)
            self.flush()
        self._require(lambda: token in self._pings, "an acknowledgement of the PING")
        return time.monotonic() - began

    def settings(self, **values: int) -> None:
        """Change settings, such as `enable_push=True`, and wait until the server has taken them.

        The names are those of RFC 9113 §6.5.2. Raises as `ping` does.
        """
        if self.ended is None:
            self.framing.state.update_settings(
                {SettingCodes[name.upper()]: int(value) for name, value in values.items()}
            )
            self._settings_due += 1
            self.flush()
        self._require(lambda: self._settings_due == 0, "an acknowledgement of the SETTINGS")

    def goaway(self, error_code: int = ErrorCodes.NO_ERROR) -> None:
        """Tell the server that no more streams of its own are taken; those there are go on."""
        frame = make_goaway(error_code)
        self._log(">", self.framing.describe_outgoing(frame, None))
        self.send(frame)

    def wait_for(
        self, arrived: Callable[[], bool], what: str, timeout: float | None = None
    ) -> None:
        """Take in frames until something has arrived, or the connection has ended.

        Raises `Hung` after `timeout` seconds, else the deadline.
        """
        seconds = self.deadline if timeout is None else timeout
        limit = time.monotonic() + seconds
        while not arrived() and self.ended is None:
            rest = limit - time.monotonic()
            if rest <= 0:
                raise Hung(f"the server did not send {what} in {seconds} s")
            try:
                data = self.receive(rest)
            except Hung:
                continue
            except Reset as error:
                self._end(Ending.RESET, str(error))
            else:
                self._take_in(data)

    def flush(self, fields: FieldLines | None = None) -> None:
        """Send what the framing has ready. Raises `Hung` where the server takes nothing more."""
        data = self._take_outgoing(fields)
        self._pending = b""
        if data:
            self.send(data)

    def flush_until_full(self, patience: float) -> bool:
        """Send what the framing has ready; whether the server took it all.

        The rest goes out before all else, later.
        """
        data = self._take_outgoing(None)
        self._pending = data[self.send_until_full(data, patience) :]
        return not self._pending

    def __str__(self) -> str:
        return "\n".join(self._frames)

    def _take_outgoing(self, fields: FieldLines | None) -> bytes:
        data = self.framing.state.data_to_send()
        self._log(">", self.framing.describe_outgoing(data, fields))
        return self._pending + data

    def _take_in(self, data: bytes) -> None:
        if not data:
            self._end(Ending.TRUNCATED)
            return
        try:
            for arrival in self.framing.receive(data):
                self._log("<", [arrival.text])
                for event in arrival.events:
                    self._hand_out(event)
        except (H2Error, HyperframeError) as error:
            self._end(Ending.MALFORMED, f"{type(error).__name__}: {error}")
        else:
            self._replenish()
        self.flush()

    def _hand_out(self, event: Event | GoAway) -> None:
        match event:
            case PingAckReceived():
                self._pings.add(event.ping_data)
            case SettingsAcknowledged():
                self._settings_due -= 1
            case GoAway():
                self.goaway_received = event
                for stream_id, exchange in self.exchanges.items():
                    # Only the client's own streams are counted, which have the odd numbers.
                    untaken = stream_id % 2 and stream_id > event.last_stream_id
                    if event.error_code or untaken:
                        exchange.arrive(_lose_by(event))
            case PushedStreamReceived():
                self._take_push(event)
            case _ if isinstance(event, StreamEvent):
                if isinstance(event, DataReceived):
                    self._consumed += event.flow_controlled_length
                self.exchanges[event.stream_id].arrive(event)

    def _take_push(self, event: PushedStreamReceived) -> None:
        assert event.parent_stream_id is not None
        assert event.pushed_stream_id is not None
        fields = decode(event.headers or ())
        exchange = Http2Exchange(
            self, event.pushed_stream_id, dict(fields).get(":method", "GET"), None
        )
        self.exchanges[event.pushed_stream_id] = exchange
        self.exchanges[event.parent_stream_id].pushed.append((fields, exchange))

    def _replenish(self) -> None:
        """Keep the connection's window wide, so that no stream waits because of another."""
        if self._consumed > CONNECTION_WINDOW // 2:
            self.framing.state.increment_flow_control_window(self._consumed)
            self._consumed = 0

    def _end(self, ending: Ending, problem: str = "") -> None:
        self.ended, self.problem = ending, problem
        for exchange in self.exchanges.values():
            exchange.arrive(Lost(ending, problem))

    def _require(self, arrived: Callable[[], bool], what: str) -> None:
        self.wait_for(arrived, what)
        assert arrived(), f"the connection ended ({self.ended} {self.problem}) without {what}"

    def _log(self, direction: Direction, frames: Sequence[str]) -> None:
        seconds = time.monotonic() - self.began
        kept = frames[: _FRAMES_KEPT - len(self._frames)]
        self._frames += [f"+{seconds:.3f} {direction} {frame}" for frame in kept]


def _lose_by(goaway: GoAway) -> Lost:
    return Lost(Ending.TRUNCATED, str(goaway), goaway.error_code)
