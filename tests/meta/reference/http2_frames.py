"""The frames of HTTP/2, told apart before h2 sees them (RFC 9113 §4.1).

h2 reads bytes of several frames as one, and drops what came before a fault in them. After a
GOAWAY it writes nothing more, though the streams that are open may finish (§6.8); so it is
answered here.
"""

from __future__ import annotations

from collections.abc import Iterator

from hyperframe.frame import GoAwayFrame

from reference.connection import PREFACE

_HEADER_BYTES = 9
_FRAME_BYTES = 16384
_GOAWAY = 7


class FrameReader:
    """Splits a client's bytes into the preface and frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._prefaced = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The frames that are complete, whole and in their order; the preface as the first."""
        self._buffer += data
        while len(self._buffer) >= (size := self._measure()):
            self._prefaced = True
            frame = bytes(self._buffer[:size])
            del self._buffer[:size]
            yield frame

    def _measure(self) -> int:
        """The size of the next frame, as far as it can be told."""
        if not self._prefaced:
            return len(PREFACE)
        if len(self._buffer) < _HEADER_BYTES:
            return _HEADER_BYTES
        # Of a frame that is too large, h2 needs but the header to refuse it.
        return _HEADER_BYTES + min(int.from_bytes(self._buffer[:3], "big"), _FRAME_BYTES)


def is_goaway(frame: bytes) -> bool:
    """Whether the frame, which is not the preface, is a GOAWAY."""
    return frame[3] == _GOAWAY


def encode_goaway(last_stream: int) -> bytes:
    """A GOAWAY without an error: streams up to that one are carried out."""
    return GoAwayFrame(last_stream_id=last_stream).serialize()
