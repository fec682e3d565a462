"""HTTP/2 framing: bytes to events and back, by h2, for a client that looks at servers' mistakes.

Three things in h2 4.4 are for a client that wants to be safe, not for one that wants to see:

* It raises in the middle of what it was given, and keeps to itself what came before. So it is
  given one frame at a time.
* A GOAWAY, sent or received, ends the connection, whereas streams may go on (RFC 9113 §6.8).
  So it is told of none.
* A body that is not as long as its `content-length` is an error of the connection, even of a
  304, which has no body. So that is left to the one who reads the body.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import Event, ResponseReceived
from h2.exceptions import FrameTooLargeError
from h2.settings import SettingCodes, Settings
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PushPromiseFrame,
)

FieldLines = Iterable[tuple[bytes, bytes]]

CONNECTION_WINDOW = 2**30
_DEFAULT_WINDOW = 65535
_HEADER_LIST_BYTES = 262144
_FRAME_HEADER_BYTES = 9
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_SHOWN = 64


@dataclass(frozen=True, slots=True)
class GoAway:
    """The server will take no more streams than it has (RFC 9113 §6.8)."""

    error_code: ErrorCodes | int
    last_stream_id: int
    debug_data: bytes

    def __str__(self) -> str:
        return f"GOAWAY {self.error_code!r} {self.debug_data!r}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A frame that has arrived and what it means; `text` is for logs."""

    events: list[Event | GoAway]
    text: str


class Framing:
    """The framing of one connection, from the client's side; does no I/O.

    `state` is h2's, for what is to be sent. It validates no field, either way.
    """

    def __init__(self, *, window: int, enable_push: bool) -> None:
        """`window` is the streams' initial window in bytes; the connection's is 1 GiB."""
        self._unparsed = bytearray()
        self.state = H2Connection(
            H2Configuration(
                client_side=True,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
                split_outbound_cookies=False,
                validate_inbound_headers=False,
                normalize_inbound_headers=False,
            )
        )
        self.state.local_settings = Settings(
            client=True,
            initial_values={
                SettingCodes.ENABLE_PUSH: int(enable_push),
                SettingCodes.INITIAL_WINDOW_SIZE: window,
                SettingCodes.MAX_HEADER_LIST_SIZE: _HEADER_LIST_BYTES,
            },
        )
        # A server's to announce (RFC 8441 §3), though h2 would send it.
        del self.state.local_settings[SettingCodes.ENABLE_CONNECT_PROTOCOL]
        self.state.decoder.max_header_list_size = _HEADER_LIST_BYTES
        self.state.initiate_connection()
        self.state.increment_flow_control_window(CONNECTION_WINDOW - _DEFAULT_WINDOW)

    def receive(self, data: bytes) -> Iterator[Arrival]:
        """The frames that are complete with `data`, one by one.

        Raises `H2Error` or `HyperframeError` at the one that breaks the protocol.
        """
        self._unparsed += data
        largest = self.state.max_inbound_frame_size
        for frame, octets in _split(self._unparsed, largest):
            events = self._take(frame, octets)
            fields = [getattr(event, "headers", None) for event in events]
            yield Arrival(events, _describe(frame, octets, next(filter(None, fields), None)))

    def describe_outgoing(self, data: bytes, fields: FieldLines | None) -> list[str]:
        """A line for each frame in `data`; `fields` are those of the HEADERS among them."""
        unparsed = bytearray(data.removeprefix(_PREFACE))
        frames = _split(unparsed, self.state.max_outbound_frame_size)
        return [_describe(frame, octets, fields) for frame, octets in frames]

    def _take(self, frame: Frame, octets: bytes) -> list[Event | GoAway]:
        if isinstance(frame, GoAwayFrame):
            frame.parse_body(memoryview(octets)[_FRAME_HEADER_BYTES:])
            code = _name_error(frame.error_code)
            return [GoAway(code, frame.last_stream_id, frame.additional_data)]
        events = self.state.receive_data(octets)
        for event in events:
            if isinstance(event, ResponseReceived) and event.stream_id in self.state.streams:
                # There is no public way to stop h2 from counting.
                self.state.streams[event.stream_id]._expected_content_length = None
        return list(events)


def make_goaway(error_code: int) -> bytes:
    """A GOAWAY of a client that has taken no stream of the server's."""
    return GoAwayFrame(stream_id=0, last_stream_id=0, error_code=error_code).serialize()


def _name_error(code: int) -> ErrorCodes | int:
    try:
        return ErrorCodes(code)
    except ValueError:
        return code


def _split(unparsed: bytearray, largest: int) -> Iterator[tuple[Frame, bytes]]:
    """Take the whole frames off the front of `unparsed`; none may have a larger payload."""
    while len(unparsed) >= _FRAME_HEADER_BYTES:
        frame, length = Frame.parse_frame_header(memoryview(bytes(unparsed[:_FRAME_HEADER_BYTES])))
        if length > largest:
            # Else what answers in HTTP/1.1 would be waited for as a frame of 4.7 MB.
            raise FrameTooLargeError(f"a frame of {length} bytes: {bytes(unparsed[:_SHOWN])!r}")
        end = _FRAME_HEADER_BYTES + length
        if len(unparsed) < end:
            return
        octets = bytes(unparsed[:end])
        del unparsed[:end]
        yield frame, octets


def _describe(frame: Frame, octets: bytes, fields: FieldLines | None) -> str:
    name = f"{type(frame).__name__.removesuffix('Frame')} {frame.stream_id}"
    flags = " ".join(sorted(frame.flags))
    payload = octets[_FRAME_HEADER_BYTES:]
    if isinstance(frame, HeadersFrame | PushPromiseFrame | ContinuationFrame):
        shown = str([tuple(field) for field in fields or ()])
    elif isinstance(frame, DataFrame):
        shown = f"{len(payload)} bytes {payload[:_SHOWN]!r}"
    else:
        frame.parse_body(memoryview(payload))
        shown = repr(frame).partition(": ")[2]
    return " ".join(filter(None, [name, flags, shown]))
