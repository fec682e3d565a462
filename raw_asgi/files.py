"""`GET /files/{path}`: CONTRACT.md, *Files*."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from raw_asgi.asgi.boundary import choose_handler, serve
from raw_asgi.asgi.request import Request
from raw_asgi.asgi.response import Response
from raw_asgi.asgi.types import Receive, Scope, Send
from raw_asgi.backends.files import (
    READ_BYTES,
    FileNotServed,
    OpenFile,
    guess_type,
    open_file,
)
from raw_asgi.http.conditional import EntityTag, Outcome, Validators, evaluate, range_applies
from raw_asgi.http.dates import format_http_date
from raw_asgi.http.disposition import format_disposition
from raw_asgi.http.problem import Problem
from raw_asgi.http.ranges import ByteRange, MultipartByteRanges, parse_range

Fields = tuple[tuple[str, str], ...]


class Files:
    """An ASGI application that sends the files below a directory."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self._directory = Path(directory)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await serve(scope, receive, send, self._route)

    async def _route(self, request: Request, response: Response) -> None:
        handle = choose_handler(request, {"GET": self.get_file, "HEAD": self.get_file})
        await handle(request, response)

    async def get_file(self, request: Request, response: Response) -> None:
        """Send a file, or ranges of it (RFC 9110 §13, §14). Raises Problem 404, 412, 416, 422."""
        download = request.query.switch("download")
        path = request.path.removeprefix("/")
        try:
            # Opened first, described by what was opened: a file that is replaced or removed
            # from here on changes nothing for this response.
            file = await open_file(self._directory, path)
        except FileNotServed:
            raise Problem(404, "there is no such file") from None
        try:
            await _send_file(request, response, file, "attachment" if download else "inline")
        finally:
            file.close()


async def _send_file(
    request: Request, response: Response, file: OpenFile, disposition: str
) -> None:
    # RFC 9110 §8.8.2.1: a time of the future is not told; the time of the response takes its place.
    modified = min(file.modified, int(time.time()))
    described = _describe(file.name, file.version, modified, disposition)
    # RFC 9110 §13.2.2: preconditions come before Range.
    outcome = evaluate(request.method, request.headers, described.validators)
    if outcome is Outcome.PRECONDITION_FAILED:
        raise Problem(412, "the file is not the one that the precondition names")
    if outcome is Outcome.NOT_MODIFIED:
        await response.send(304, described.validator_fields)
        return
    ranges = _choose_ranges(request, described.validators, file.size)
    content = _choose_content(file, ranges, described.media_type)
    headers = (*described.fields, *content.fields, ("content-length", str(content.size)))
    if content.size > READ_BYTES or request.is_head:
        # Not by Path Send (extensions.rst), also where the server offers it: it opens the path
        # when it comes to it, and nothing tells when. What another has put there by then would be
        # sent under this file's tag and length, and a descriptor's own path would have to stay
        # open for a time unknown.
        await response.stream(content.status, headers, content.chunks)
        return
    # In one message, with the file closed before: nothing is left that would have to be cancelled
    # when the client leaves. To watch for that took longer than all the rest of a small answer.
    body = b"".join([chunk async for chunk in content.chunks])
    file.close()
    await response.start(content.status, headers)
    await response.finish(body)


@dataclass(frozen=True, slots=True)
class _Description:
    """What the answers to all requests for one version of a file have in common."""

    validators: Validators
    media_type: str
    validator_fields: Fields
    fields: Fields


@lru_cache(maxsize=1024)
def _describe(name: str, version: str, modified: int, disposition: str) -> _Description:
    # RFC 9110 §8.8: both validators, the entity tag strong.
    tag = EntityTag(version, weak=False)
    validator_fields = (("etag", str(tag)), ("last-modified", format_http_date(modified)))
    fields = (
        *validator_fields,
        ("accept-ranges", "bytes"),
        ("x-content-type-options", "nosniff"),
        ("content-disposition", format_disposition(disposition, name)),
    )
    return _Description(Validators(tag, modified), guess_type(name), validator_fields, fields)


@dataclass(frozen=True, slots=True)
class _Content:
    """What a response has of a file: its status, its own fields, its size in bytes."""

    status: int
    fields: Fields
    size: int
    chunks: AsyncGenerator[bytes, None]


def _choose_content(file: OpenFile, ranges: list[ByteRange] | None, media_type: str) -> _Content:
    """Ranges of a file, or the whole of it where they are None. Reads nothing yet."""
    if ranges is None:
        fields: Fields = (("content-type", media_type),)
        return _Content(200, fields, file.size, file.read(0, file.size))
    if len(ranges) == 1:
        (only,) = ranges
        fields = (("content-type", media_type), ("content-range", only.content_range(file.size)))
        return _Content(206, fields, only.size, file.read(only.start, only.stop))
    parts = MultipartByteRanges(secrets.token_hex(16), media_type, file.size, tuple(ranges))
    fields = (("content-type", parts.content_type),)
    return _Content(206, fields, parts.content_length, _read_parts(file, parts))


def _choose_ranges(request: Request, current: Validators, size: int) -> list[ByteRange] | None:
    """The ranges to send, None for the whole file. Raises Problem 416 (RFC 9110 §14.2)."""
    # GET is the only method that Range is defined for.
    if request.method != "GET" or "range" not in request.headers:
        return None
    if not range_applies(request.headers.get("if-range"), current, int(time.time())):
        return None
    ranges = parse_range(request.headers["range"], size)
    if ranges == []:
        detail = "none of the ranges lies in the file"
        raise Problem(416, detail, (("content-range", f"bytes */{size}"),))
    return ranges


async def _read_parts(file: OpenFile, parts: MultipartByteRanges) -> AsyncGenerator[bytes, None]:
    for part in parts.ranges:
        yield parts.head(part)
        async with aclosing(file.read(part.start, part.stop)) as pieces:
            async for piece in pieces:
                yield piece
    yield parts.tail
