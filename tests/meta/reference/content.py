"""The content of an HTTP/1.1 request: by its length, or chunked (RFC 9112 §6, §7.1).

A decoder takes from a buffer what it can read and leaves the rest; it goes on when more came.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from reference.errors import BadRequest
from reference.head import parse_field_line
from reference.request import Request

_LINE_BYTES = 8192
_TRAILER_LINES = 100
_LINE_END = (b"\r", b"\r\n")
# RFC 9112 §7.1.1: extensions are passed over; a CR or other control character is in none.
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?")


class Decoder(Protocol):
    """Makes content of bytes."""

    complete: bool
    """Whether the content is at its end; what is left in the buffer is the next request's."""

    def decode(self, buffer: bytearray) -> bytes:
        """Take bytes from the buffer; the content in them. Raises `BadRequest`."""
        ...


class LengthDecoder:
    """So many bytes."""

    def __init__(self, length: int) -> None:
        self._remaining = length
        self.complete = length == 0

    def decode(self, buffer: bytearray) -> bytes:
        data = bytes(buffer[: self._remaining])
        del buffer[: len(data)]
        self._remaining -= len(data)
        self.complete = not self._remaining
        return data


class ChunkedDecoder:
    """Chunks, then trailers, which are read and dropped: ASGI has no place for them."""

    def __init__(self) -> None:
        self.complete = False
        self._remaining = 0
        self._read_line: Callable[[bytes], None] = self._read_size
        self._trailers = 0

    def decode(self, buffer: bytearray) -> bytes:
        pieces = []
        while not self.complete and buffer:
            if self._remaining:
                piece = bytes(buffer[: self._remaining])
                del buffer[: len(piece)]
                self._remaining -= len(piece)
                pieces.append(piece)
            else:
                if self._read_line == self._read_chunk_end and buffer[:2] not in _LINE_END:
                    raise BadRequest(400, "a chunk is longer than its size")
                line = _take_line(buffer)
                if line is None:
                    break
                self._read_line(line)
        return b"".join(pieces)

    def _read_size(self, line: bytes) -> None:
        match = _SIZE.fullmatch(line)
        if match is None:
            raise BadRequest(400, f"malformed chunk size {line!r:.80}")
        self._remaining = int(match[1], 16)
        self._read_line = self._read_chunk_end if self._remaining else self._read_trailer

    def _read_chunk_end(self, _: bytes) -> None:
        self._read_line = self._read_size

    def _read_trailer(self, line: bytes) -> None:
        if not line:
            self.complete = True
            return
        parse_field_line(line)
        self._trailers += 1
        if self._trailers > _TRAILER_LINES:
            raise BadRequest(431, "too many trailers")


def _take_line(buffer: bytearray) -> bytes | None:
    """Take a line, without its end; None where it has not come whole. Raises `BadRequest`."""
    end = buffer.find(b"\n")
    if end < 0:
        if len(buffer) > _LINE_BYTES:
            raise BadRequest(400, "a line of the chunked coding is too long")
        return None
    line = bytes(buffer[:end])
    del buffer[: end + 1]
    if not line.endswith(b"\r"):
        raise BadRequest(400, "a line of the chunked coding does not end in CRLF")
    return line[:-1]


def create_decoder(request: Request) -> Decoder:
    """The decoder for a request's content; without any sign of it there is none."""
    return ChunkedDecoder() if request.chunked else LengthDecoder(request.length or 0)
