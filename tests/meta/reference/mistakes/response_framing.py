"""Mistakes in where a response ends, and in what becomes of its connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference.content import Decoder
from reference.fields import Fields, drop, find_values
from reference.framing import Framing, Head
from reference.policy import Policy
from reference.request import Request
from reference.response import Response

# Content where there is none.


class AnswersHeadWithContent(Policy):
    """HEAD is as GET."""

    def has_content(self, method: str, status: int) -> bool:
        return super().has_content("GET" if method == "HEAD" else method, status)


class Answers204WithContent(Policy):
    """A 204 has the content that the application gives it."""

    def has_content(self, method: str, status: int) -> bool:
        return super().has_content(method, 200 if status == 204 else status)


class Answers304WithContent(Policy):
    """A 304 has the content that the application gives it."""

    def has_content(self, method: str, status: int) -> bool:
        return super().has_content(method, 200 if status == 304 else status)


class RefusesLengthOf204(Policy):
    """Who says how long a 204 is has failed."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        if status == 204 and find_values(fields, b"content-length"):
            raise ValueError("a 204 has no Content-Length")
        return super().complete_fields(status, fields)


class KeepsLengthOf204(Policy):
    """The length that the application gives a 204 is sent."""

    def complete_fields(self, status: int, fields: Fields) -> Fields:
        told = [field for field in fields if status == 204 and field[0] == b"content-length"]
        return super().complete_fields(status, fields) + told


# Chunks.


class SendsEmptyChunks(Policy):
    """No bytes are a chunk of no bytes."""

    def encode_chunk(self, data: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(data), data)


class ChunksDespiteLength(Policy):
    """All content is chunked."""

    def choose_framing(self, request: Request, head: Head) -> Framing:
        framed = super().choose_framing(request, head)
        return Framing.CHUNKED if framed is Framing.LENGTH else framed


class ChunksForAll(Policy):
    """Every client knows of chunks."""

    def choose_framing(self, request: Request, head: Head) -> Framing:
        framed = super().choose_framing(request, head)
        return Framing.CHUNKED if framed is Framing.CLOSE else framed


class EndsWithTheConnection(Policy):
    """Content of unknown length ends with the connection."""

    def choose_framing(self, request: Request, head: Head) -> Framing:
        framed = super().choose_framing(request, head)
        return Framing.CLOSE if framed is Framing.CHUNKED else framed


# Lengths.


class SendsExcess(Policy):
    """More than the Content-Length is sent."""

    def fit(self, data: bytes, remaining: int) -> bytes:
        del remaining  # is only for those who count
        return data

    def end_short(self, response: Response, missing: int) -> None:
        if missing > 0:
            super().end_short(response, missing)


class CutsExcess(Policy):
    """What is more than the Content-Length is dropped, and nobody told."""

    def fit(self, data: bytes, remaining: int) -> bytes:
        return data[:remaining]


class CompletesShort(Policy):
    """Less than the Content-Length is a whole response."""

    def end_short(self, response: Response, missing: int) -> None:
        pass


# Connections.


class IgnoresOwnClose(Policy):
    """What the application says of the connection is dropped."""

    def closes(self, request: Request, head: Head, framed: Framing, unread: bool) -> bool:
        silent = replace(head, fields=drop(head.fields, [b"connection"]))
        return super().closes(request, silent, framed, unread)


class IgnoresClientsClose(Policy):
    """What the client says of the connection is not looked at."""

    def closes(self, request: Request, head: Head, framed: Framing, unread: bool) -> bool:
        told = super().closes(request, head, framed, unread)
        return told and not request.wants_close


class ClosesUntold(Policy):
    """That the connection is closed is not said."""

    def add_framing(self, request: Request, head: Head, framed: Framing, close: bool) -> Fields:
        del close  # is what should be said
        return super().add_framing(request, head, framed, close=False)


class ClosesAfterChunks(Policy):
    """After content of unknown length the connection is closed."""

    def closes(self, request: Request, head: Head, framed: Framing, unread: bool) -> bool:
        return framed is Framing.CHUNKED or super().closes(request, head, framed, unread)


class ClosesAfterLength(Policy):
    """After content of a known length the connection is closed."""

    def closes(self, request: Request, head: Head, framed: Framing, unread: bool) -> bool:
        return framed is Framing.LENGTH or super().closes(request, head, framed, unread)


class ClosesAfterUpload(Policy):
    """After a request with content the connection is closed."""

    def closes(self, request: Request, head: Head, framed: Framing, unread: bool) -> bool:
        return bool(request.length) or super().closes(request, head, framed, unread)


class ClosesHttp10(Policy):
    """Connections of HTTP/1.0 serve one request."""

    def closes(self, request: Request, head: Head, framed: Framing, unread: bool) -> bool:
        return request.version == "1.0" or super().closes(request, head, framed, unread)


class ClosesHttp10Untold(ClosesHttp10):
    """They are said to be kept, and are not."""

    def add_framing(self, request: Request, head: Head, framed: Framing, close: bool) -> Fields:
        del close  # is what should be said
        return super().add_framing(request, head, framed, close=False)


class ForgetsAllContent(Policy):
    """Requests have no content: what follows a head is the next one."""

    def create_decoder(self, request: Request) -> Decoder:
        return super().create_decoder(replace(request, length=None, chunked=False))


class AnswersTheLastFirst(Policy):
    """Of pipelined requests, the second is answered before the first."""

    def __init__(self) -> None:
        self._asked = 0
        self._kept: list[bytes] = []

    def incoming(self, data: bytes) -> bytes:
        self._asked += data.count(b"\r\n\r\n")
        return data

    def deliver(self, data: bytes, write: Callable[[bytes], None]) -> None:
        if self._asked < 2:
            self._asked = 0
            write(data)
            return
        self._kept.append(data)
        heads = [at for at, piece in enumerate(self._kept) if piece.startswith(b"HTTP/1.1")]
        if len(heads) == 2 and data == b"0\r\n\r\n":
            kept, self._kept, self._asked = self._kept, [], 0
            for piece in (*kept[heads[1] :], *kept[: heads[1]]):
                write(piece)
