"""BlackSheep."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

from blacksheep import (
    Application,
    Request,
    Response,
    StreamedContent,
    file,
    get,
    json,
    post,
    put,
)
from blacksheep.server.sse import ServerSentEventsResponse, TextServerSentEvent

from benchmarks.idioms.channels import follow, publish
from benchmarks.idioms.receiving import Receiver
from benchmarks.idioms.rows import format_csv, format_number, read_rows_async

app = Application()


@get("/csv/{table}")
async def get_csv(table: str) -> Response:
    async def generate_lines() -> AsyncIterator[bytes]:
        async for row in read_rows_async(table):
            yield format_csv(row).encode()

    return Response(200, content=StreamedContent(b"text/csv", generate_lines))


@get("/jsonl/numbers")
async def get_numbers(rows: int) -> Response:
    async def generate_lines() -> AsyncIterator[bytes]:
        for i in range(rows):
            yield format_number(i).encode()

    return Response(200, content=StreamedContent(b"application/jsonl", generate_lines))


@get("/files/{name}")
async def get_file(name: str) -> Response:
    return file(str(Path(os.environ["MORE_BODY_FILES"]) / name), "application/octet-stream")


@get("/events/{channel}")
async def get_events(channel: str) -> Response:
    async def generate_events() -> AsyncIterator[TextServerSentEvent]:
        async for data in follow(channel):
            yield TextServerSentEvent(data or "", retry=3000 if data is None else -1)

    return ServerSentEventsResponse(generate_events)


@post("/events/{channel}")
async def post_event(channel: str, request: Request) -> Response:
    body = await request.json()
    return json(publish(channel, body["data"]), 202)


@put("/uploads/{name}")
async def put_upload(name: str, request: Request) -> Response:
    with Receiver(name) as receiver:
        # Its stubs lack the method.
        async for data in request.stream():  # type: ignore[attr-defined]
            receiver.write(data)
        return json(receiver.finish(), 201)
