"""Starlette, as its documentation writes it: a row a `yield`, FileResponse, `Request.stream`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from benchmarks.idioms.receiving import Receiver
from benchmarks.idioms.rows import format_csv, format_number, read_rows, read_rows_async


async def get_csv_sync(request: Request) -> Response:
    """From a synchronous generator."""
    table, limit = _read_table(request)

    def generate_lines() -> Iterator[str]:
        for row in read_rows(table, limit):
            yield format_csv(row)

    return StreamingResponse(generate_lines(), media_type="text/csv")


async def get_csv_async(request: Request) -> Response:
    """From an asynchronous generator."""
    table, limit = _read_table(request)

    async def generate_lines() -> AsyncIterator[str]:
        async for row in read_rows_async(table, limit):
            yield format_csv(row)

    return StreamingResponse(generate_lines(), media_type="text/csv")


async def get_numbers(request: Request) -> Response:
    """A small stream of JSON Lines."""
    rows = int(request.query_params["rows"])

    async def generate_lines() -> AsyncIterator[str]:
        for i in range(rows):
            yield format_number(i)

    return StreamingResponse(generate_lines(), media_type="application/jsonl")


async def get_file(request: Request) -> Response:
    """A file."""
    return FileResponse(Path(os.environ["MORE_BODY_FILES"]) / request.path_params["name"])


async def put_upload(request: Request) -> Response:
    """The body, as it streams."""
    with Receiver(request.path_params["name"]) as receiver:
        async for data in request.stream():
            receiver.write(data)
        return JSONResponse(receiver.finish(), 201)


async def get_clock(_: Request) -> Response:
    """A clock that has ended."""
    return Response(status_code=204)


def _read_table(request: Request) -> tuple[str, int | None]:
    limit = request.query_params.get("limit")
    return request.path_params["table"], int(limit) if limit else None


_COMMON = [
    Route("/jsonl/numbers", get_numbers),
    Route("/files/{name}", get_file),
    Route("/uploads/{name}", put_upload, methods=["PUT"]),
    Route("/events/clock", get_clock),
]

app = Starlette(
    routes=[
        Mount("/sync", routes=[Route("/csv/{table}", get_csv_sync), *_COMMON]),
        Mount("/async", routes=[Route("/csv/{table}", get_csv_async), *_COMMON]),
    ]
)
