"""Mistakes in reading the content of a request."""

from __future__ import annotations

from collections.abc import Callable

from reference.content import ChunkedDecoder, Decoder
from reference.errors import BadRequest
from reference.policy import Policy
from reference.request import Request
from reference.request_body import RequestBody


class CompletesMalformed(Policy):
    """What cannot be read ends the body."""

    def break_off(self, body: RequestBody, error: BadRequest | None) -> None:
        if error is None:
            super().break_off(body, error)
        else:
            body.finish()


class _Undecoded(ChunkedDecoder):
    def decode(self, buffer: bytearray) -> bytes:
        came = bytes(buffer)
        super().decode(buffer)
        return came[: len(came) - len(buffer)]


class _NeverEmpty(ChunkedDecoder):
    def decode(self, buffer: bytearray) -> bytes:
        if buffer == b"0\r\n\r\n" and not self._remaining:
            buffer.clear()
        return super().decode(buffer)


class _WithoutTrailers(ChunkedDecoder):
    def _read_size(self, line: bytes) -> None:
        super()._read_size(line)
        self.complete = not self._remaining


class _AtOnce(ChunkedDecoder):
    def decode(self, buffer: bytearray) -> bytes:
        if not buffer.endswith(b"\n"):
            raise BadRequest(400, "a part of the coding that is not whole")
        return super().decode(buffer)


class _Decodes(Policy):
    decoder: Callable[[], Decoder]

    def create_decoder(self, request: Request) -> Decoder:
        return type(self).decoder() if request.chunked else super().create_decoder(request)


class KeepsChunks(_Decodes):
    """The framing of chunks is taken for content."""

    decoder = _Undecoded


class WaitsForContent(_Decodes):
    """A chunked body has at least one chunk with something in it."""

    decoder = _NeverEmpty


class LeavesTrailers(_Decodes):
    """The last chunk is the end; what comes after it is the next request."""

    decoder = _WithoutTrailers


class ReadsWholeChunks(_Decodes):
    """A chunk comes in one piece."""

    decoder = _AtOnce
