"""Quart."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

from quart import Quart, Response, request, send_file

from benchmarks.idioms.channels import follow, publish
from benchmarks.idioms.receiving import Receiver
from benchmarks.idioms.rows import format_csv, format_number, read_rows_async

app = Quart(__name__)
app.config["MAX_CONTENT_LENGTH"] = None


@app.get("/csv/<table>")
async def get_csv(table: str) -> Response:
    async def generate_lines() -> AsyncIterator[str]:
        async for row in read_rows_async(table):
            yield format_csv(row)

    return Response(generate_lines(), mimetype="text/csv")


@app.get("/jsonl/numbers")
async def get_numbers() -> Response:
    rows = int(request.args["rows"])

    async def generate_lines() -> AsyncIterator[str]:
        for i in range(rows):
            yield format_number(i)

    return Response(generate_lines(), mimetype="application/jsonl")


@app.get("/files/<name>")
async def get_file(name: str) -> Response:
    return await send_file(Path(os.environ["MORE_BODY_FILES"]) / name, conditional=True)


@app.get("/events/<channel>")
async def get_events(channel: str) -> Response:
    """With a timeout of its own, as Quart's documentation has it: none."""

    async def generate_events() -> AsyncIterator[str]:
        async for data in follow(channel):
            yield "retry: 3000\n\n" if data is None else f"data: {data}\n\n"

    response = Response(generate_events(), mimetype="text/event-stream")
    response.timeout = None
    return response


@app.post("/events/<channel>")
async def post_event(channel: str) -> tuple[dict[str, int], int]:
    body = await request.get_json()
    return publish(channel, body["data"]), 202


@app.put("/uploads/<name>")
async def put_upload(name: str) -> tuple[dict[str, object], int]:
    with Receiver(name) as receiver:
        async for data in request.body:
            receiver.write(data)
        return receiver.finish(), 201
