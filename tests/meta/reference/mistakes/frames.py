"""Mistakes with the frames of HTTP/2, as they come and as they go."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hyperframe.frame import GoAwayFrame

from reference.connection import PREFACE
from reference.http2 import Http2
from reference.http2_stream import Http2Stream
from reference.policy import Policy
from reference.request_body import RequestBody
from reference.types import Message

DATA, HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 8, 9
_KNOWN = range(10)
_ACK = END_STREAM = 1
_PADDED = 8
_EMPTY_SETTINGS = b"\0\0\0\4\0\0\0\0\0"
_LARGE = b"\0\0\6\4\0\0\0\0\0\0\5\0\1\0\0"
_UPLOAD_BYTES = 50_000


def read_type(frame: bytes) -> int:
    """The type of a frame (RFC 9113 §4.1)."""
    return frame[3] if len(frame) >= 9 else -1


def _split(data: bytes) -> Iterator[bytes]:
    """The frames of what a client has sent, which sends whole ones; its preface by itself."""
    if data.startswith(PREFACE):
        yield PREFACE
        data = data[len(PREFACE) :]
    while data:
        end = 9 + int.from_bytes(data[:3], "big")
        yield data[:end]
        data = data[end:]


class ReadsFrames(Policy):
    """Alters the frames of a client."""

    def incoming(self, data: bytes) -> bytes:
        if not data.startswith((PREFACE, b"\0")):
            return data  # HTTP/1.1
        frames = _split(data)
        return b"".join(f if f == PREFACE else self.alter(f, read_type(f)) for f in frames)

    def alter(self, frame: bytes, kind: int) -> bytes:
        """The frame that is read in its place; empty for none."""
        raise NotImplementedError


def is_ack(frame: bytes) -> bool:
    """Whether the frame, a SETTINGS or PING, acknowledges one of the server's."""
    return bool(frame[4] & _ACK)


class IgnoresPings(ReadsFrames):
    """No PING is answered."""

    def alter(self, frame: bytes, kind: int) -> bytes:
        return b"" if kind == PING else frame


class IgnoresWindowUpdates(ReadsFrames):
    """A stream that has stopped at its window never goes on."""

    def alter(self, frame: bytes, kind: int) -> bytes:
        return b"" if kind == WINDOW_UPDATE and frame[5:9] != bytes(4) else frame


class IgnoresSettings(ReadsFrames):
    """What a client says of itself is not heard."""

    def alter(self, frame: bytes, kind: int) -> bytes:
        # Without any setting it is acknowledged all the same.
        return _EMPTY_SETTINGS if kind == SETTINGS and not is_ack(frame) else frame


class IgnoresLaterSettings(ReadsFrames):
    """What a client says of itself is heard once."""

    def __init__(self) -> None:
        self._heard = False

    def incoming(self, data: bytes) -> bytes:
        if data.startswith(PREFACE):
            self._heard = False
        return super().incoming(data)

    def alter(self, frame: bytes, kind: int) -> bytes:
        if kind != SETTINGS or is_ack(frame):
            return frame
        again, self._heard = self._heard, True
        return b"" if again else frame


class FailsOnUnknownFrames(ReadsFrames):
    """A frame of an unknown type has not been thought of."""

    def alter(self, frame: bytes, kind: int) -> bytes:
        if kind not in _KNOWN:
            raise KeyError(kind)
        return frame


class FailsOnUnknownSettings(ReadsFrames):
    """A setting that is unknown has not been thought of."""

    def alter(self, frame: bytes, kind: int) -> bytes:
        if kind == SETTINGS and frame[9:11] == b"\xfa\xfa":
            raise KeyError(frame[9:11])
        return frame


class FailsOnContinuation(ReadsFrames):
    """Fields of several frames have not been thought of."""

    def alter(self, frame: bytes, kind: int) -> bytes:
        if kind == CONTINUATION:
            raise KeyError(kind)
        return frame


class ReadsPadding(ReadsFrames):
    """Padding is content."""

    def alter(self, frame: bytes, kind: int) -> bytes:
        padded = kind == DATA and frame[4] & _PADDED
        return frame[:4] + bytes([frame[4] & ~_PADDED]) + frame[5:] if padded else frame


class EndsWithEmptyData(ReadsFrames):
    """A frame without content is the last one."""

    def alter(self, frame: bytes, kind: int) -> bytes:
        empty = kind == DATA and len(frame) == 9
        return frame[:4] + bytes([END_STREAM]) + frame[5:] if empty else frame


class IgnoresRequestTrailers(ReadsFrames):
    """A request ends with DATA."""

    def __init__(self) -> None:
        self._begun: set[bytes] = set()

    def incoming(self, data: bytes) -> bytes:
        if data.startswith(PREFACE):
            self._begun.clear()
        return super().incoming(data)

    def alter(self, frame: bytes, kind: int) -> bytes:
        if kind != HEADERS:
            return frame
        again = frame[5:9] in self._begun
        self._begun.add(frame[5:9])
        return b"" if again else frame


class ServesOneRequest(ReadsFrames):
    """A connection is for one request."""

    def __init__(self) -> None:
        self._requests = 0

    def incoming(self, data: bytes) -> bytes:
        if data.startswith(PREFACE):
            self._requests = 0
        return super().incoming(data)

    def alter(self, frame: bytes, kind: int) -> bytes:
        self._requests += kind == HEADERS
        return b"" if kind == HEADERS and self._requests > 1 else frame


class FailsOnLateData(ReadsFrames):
    """What comes for a stream that is answered has not been thought of."""

    def __init__(self) -> None:
        self._answered: set[int] = set()

    def stop_upload(self, stream: Http2Stream) -> None:
        self._answered.add(stream.id)
        super().stop_upload(stream)

    def incoming(self, data: bytes) -> bytes:
        if data.startswith(PREFACE):
            self._answered.clear()
        return super().incoming(data)

    def alter(self, frame: bytes, kind: int) -> bytes:
        stream_id = int.from_bytes(frame[5:9], "big")
        if kind == DATA and stream_id in self._answered:
            raise KeyError(stream_id)
        return frame


class StopsReading(ReadsFrames):
    """While an upload is not received, nothing more is read of the connection."""

    def __init__(self) -> None:
        self._unread = 0

    def next_message(self, body: RequestBody, taken: bool) -> Message | None:
        self._unread = 0
        return super().next_message(body, taken)

    def incoming(self, data: bytes) -> bytes:
        if data.startswith(PREFACE):
            self._unread = 0
        return super().incoming(data)

    def alter(self, frame: bytes, kind: int) -> bytes:
        stopped = self._unread > _UPLOAD_BYTES
        self._unread += len(frame) if kind == DATA else 0
        return b"" if stopped else frame


class TakesLargeFrames(ReadsFrames):
    """A client takes frames of 64 KiB, whatever it says."""

    def alter(self, frame: bytes, kind: int) -> bytes:
        return frame + _LARGE if kind == SETTINGS and not is_ack(frame) else frame


class KeepsWindow(Policy):
    """What has been received makes no room for more."""

    def deliver(self, data: bytes, write: Callable[[bytes], None]) -> None:
        if read_type(data) != WINDOW_UPDATE:
            write(data)


class ClosesOnGoaway(Policy):
    """Who goes away is gone."""

    def go_away(self, http2: Http2) -> None:
        http2.expire()


class EndsWithReset(Policy):
    """An error of a stream ends the connection."""

    def deliver(self, data: bytes, write: Callable[[bytes], None]) -> None:
        reset = read_type(data) == RST_STREAM
        write(GoAwayFrame(error_code=1).serialize() if reset else data)


class AllowsFiftyStreams(Policy):
    """A client may open fifty streams."""

    def deliver(self, data: bytes, write: Callable[[bytes], None]) -> None:
        write(data.replace(b"\0\3\0\0\0\x64", b"\0\3\0\0\0\x32"))
