"""Litestar."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, get, post, put
from litestar.response import File, ServerSentEvent, ServerSentEventMessage, Stream

from benchmarks.idioms.channels import follow, publish
from benchmarks.idioms.receiving import Receiver
from benchmarks.idioms.rows import format_csv, format_number, read_rows_async


@get("/csv/{table:str}")
async def get_csv(table: str) -> Stream:
    return Stream((format_csv(row) async for row in read_rows_async(table)), media_type="text/csv")


@get("/jsonl/numbers")
async def get_numbers(rows: int) -> Stream:
    async def generate_lines() -> AsyncIterator[str]:
        for i in range(rows):
            yield format_number(i)

    return Stream(generate_lines(), media_type="application/jsonl")


@get("/files/{name:str}")
async def get_file(name: str) -> File:
    return File(Path(os.environ["MORE_BODY_FILES"]) / name)


@get("/events/{channel:str}")
async def get_events(channel: str) -> ServerSentEvent:
    async def generate_events() -> AsyncIterator[ServerSentEventMessage]:
        async for data in follow(channel):
            first = data is None
            yield ServerSentEventMessage(retry=3000) if first else ServerSentEventMessage(data)

    return ServerSentEvent(generate_events())


@post("/events/{channel:str}", status_code=202)
async def post_event(channel: str, data: dict[str, str]) -> dict[str, int]:
    return publish(channel, data["data"])


@put("/uploads/{name:str}", status_code=201, request_max_body_size=None)
async def put_upload(name: str, request: Request[Any, Any, Any]) -> dict[str, object]:
    with Receiver(name) as receiver:
        async for data in request.stream():
            receiver.write(data)
        return receiver.finish()


app = Litestar(
    [get_csv, get_numbers, get_file, get_events, post_event, put_upload], openapi_config=None
)
