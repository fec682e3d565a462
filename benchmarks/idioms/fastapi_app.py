"""FastAPI, as its documentation writes it: `yield` for JSON Lines and events, UploadFile."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import Annotated

from fastapi import Body, FastAPI, UploadFile
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel
from sse_starlette import EventSourceResponse as OtherEventSourceResponse
from starlette.responses import Response

from benchmarks.idioms.channels import follow, publish
from benchmarks.idioms.receiving import Receiver
from benchmarks.idioms.rows import read_objects

app = FastAPI()


class Reading(BaseModel):
    """A row of a table of readings."""

    id: int
    station: str
    at: str
    celsius: float
    humidity: int | None
    note: str


class Number(BaseModel):
    """A row of `numbers`."""

    id: int
    name: str
    value: float


@app.get("/jsonl/numbers")
async def get_numbers(rows: int) -> AsyncIterable[Number]:
    """A small stream."""
    for i in range(rows):
        yield Number(id=i, name=f"item_{i}", value=i * 1.5)


@app.get("/jsonl/{table}")
async def get_table(table: str) -> AsyncIterable[Reading]:
    """A large one."""
    for row in read_objects(table):
        yield Reading(**row)


@app.get("/events/{channel}", response_class=EventSourceResponse)
async def get_events(channel: str) -> AsyncIterable[ServerSentEvent]:
    """FastAPI's own events."""
    async for data in follow(channel):
        yield ServerSentEvent(retry=3000) if data is None else ServerSentEvent(raw_data=data)


@app.get("/sse-starlette/events/{channel}")
async def get_other_events(channel: str) -> Response:
    """Those of sse-starlette."""

    async def generate_events() -> AsyncIterable[dict[str, object]]:
        async for data in follow(channel):
            yield {"retry": 3000} if data is None else {"data": data}

    return OtherEventSourceResponse(generate_events())


@app.post("/sse-starlette/events/{channel}", status_code=202)
@app.post("/events/{channel}", status_code=202)
async def post_event(channel: str, data: Annotated[str, Body(embed=True)]) -> dict[str, int]:
    """Publish."""
    return publish(channel, data)


@app.post("/uploads", status_code=201)
def post_form(file: UploadFile) -> list[dict[str, object]]:
    """A form's file, which Starlette has spooled to a temporary one."""
    with Receiver(file.filename or "") as receiver:
        while data := file.file.read(1 << 20):
            receiver.write(data)
        return [receiver.finish()]
