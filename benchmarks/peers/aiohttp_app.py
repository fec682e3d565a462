"""aiohttp under its own server: `python -m benchmarks.peers.aiohttp_app descriptor`."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import AsyncIterable
from pathlib import Path

import uvloop
from aiohttp import web

from benchmarks.idioms.channels import follow, publish
from benchmarks.idioms.receiving import Receiver
from benchmarks.idioms.rows import format_csv, format_number, read_rows_async


async def _stream(
    request: web.Request, media_type: str, lines: AsyncIterable[str]
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": media_type})
    await response.prepare(request)
    async for line in lines:
        await response.write(line.encode())
    return response


async def get_csv(request: web.Request) -> web.StreamResponse:
    rows = read_rows_async(request.match_info["table"])
    return await _stream(request, "text/csv", (format_csv(row) async for row in rows))


async def get_numbers(request: web.Request) -> web.StreamResponse:
    async def generate_lines() -> AsyncIterable[str]:
        for i in range(int(request.query["rows"])):
            yield format_number(i)

    return await _stream(request, "application/jsonl", generate_lines())


async def get_file(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(Path(os.environ["MORE_BODY_FILES"]) / request.match_info["name"])


async def get_events(request: web.Request) -> web.StreamResponse:
    data = follow(request.match_info["channel"])
    events = ("retry: 3000\n\n" if each is None else f"data: {each}\n\n" async for each in data)
    return await _stream(request, "text/event-stream", events)


async def post_event(request: web.Request) -> web.Response:
    body = await request.json()
    return web.json_response(publish(request.match_info["channel"], body["data"]), status=202)


async def put_upload(request: web.Request) -> web.Response:
    with Receiver(request.match_info["name"]) as receiver:
        async for data in request.content.iter_chunked(1 << 16):
            receiver.write(data)
        return web.json_response(receiver.finish(), status=201)


def main(descriptor: int) -> None:
    """Serve until ended."""
    app = web.Application(client_max_size=1 << 31)
    app.router.add_get("/csv/{table}", get_csv)
    app.router.add_get("/jsonl/numbers", get_numbers)
    app.router.add_get("/files/{name}", get_file)
    app.router.add_get("/events/{channel}", get_events)
    app.router.add_post("/events/{channel}", post_event)
    app.router.add_put("/uploads/{name}", put_upload)
    listener = socket.socket(fileno=descriptor)
    web.run_app(app, sock=listener, access_log=None, print=None, loop=uvloop.new_event_loop())


if __name__ == "__main__":
    main(int(sys.argv[1]))
