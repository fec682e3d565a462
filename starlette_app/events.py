"""`/events`: server-sent events. CONTRACT.md, *Events*."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

import anyio
import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raw_asgi.backends.clock import Clock, Tick, tick_then_fail
from raw_asgi.backends.event_log import Channels, Cursor, Gap
from raw_asgi.settings import Settings
from starlette_app.event_stream import HEARTBEAT, RETRY, EventStreamResponse, encode_event
from starlette_app.parameters import read_decimal, read_integer, read_media_type, read_text

_CHANNEL = re.compile(r"[A-Za-z0-9._-]{1,64}")
_EVENT_ID = re.compile(r"[0-9]{1,19}")
_MAX_EVENT_BYTES = 65536


async def get_clock(request: Request) -> Response:
    """Tick."""
    interval = read_decimal(request, "interval", 1.0, positive=True)
    count = read_integer(request, "count", None, least=1)
    seen = _read_last_event_id(request) or 0
    if count is not None and seen >= count:
        # The one answer after which an EventSource does not come back (WHATWG HTML §9.2.3).
        return Response(status_code=204)
    settings: Settings = request.app.state.settings
    return EventStreamResponse(_follow_clock(interval, count, seen, settings.heartbeat_seconds))


async def get_events(request: Request) -> Response:
    """Subscribe to a channel."""
    settings: Settings = request.app.state.settings
    name = _read_channel(request)
    if settings.faults and name == "fails-after":
        return EventStreamResponse(_fail_after(read_integer(request, "count", 3)))
    channels: Channels = request.app.state.channels
    seen = _read_last_event_id(request)
    return EventStreamResponse(_follow_channel(channels, name, seen, settings))


async def post_event(request: Request) -> Response:
    """Publish an event."""
    channels: Channels = request.app.state.channels
    name = _read_channel(request)
    if read_media_type(request) != "application/json":
        raise HTTPException(415, "the content must be application/json")
    data, event = _parse_event(await _read_body(request))
    number = channels.publish(name, lambda number: encode_event(data, event=event, number=number))
    return JSONResponse({"id": number}, 202)


async def _follow_clock(
    interval: float, count: int | None, seen: int, heartbeat_seconds: float
) -> AsyncGenerator[bytes, None]:
    clock = Clock(interval, count, seen)
    yield RETRY
    while not clock.finished:
        tick = clock.take()
        if tick is not None:
            yield _encode_tick(tick)
        elif await _is_silent(clock, heartbeat_seconds):
            yield HEARTBEAT


async def _follow_channel(
    channels: Channels, name: str, seen: int | None, settings: Settings
) -> AsyncGenerator[bytes, None]:
    # Before the headers leave: what is published once the client has them must reach it.
    with channels.subscribe(name, seen) as cursor:
        yield RETRY
        while True:
            news = cursor.take(settings.chunk_bytes)
            if isinstance(news, Gap):
                lost = msgspec.json.encode({"from": news.first, "to": news.last})
                yield encode_event(lost.decode(), event="gap", number=news.last)
            elif news:
                yield news
            elif await _is_silent(cursor, settings.heartbeat_seconds):
                yield HEARTBEAT


async def _fail_after(count: int) -> AsyncGenerator[bytes, None]:
    yield RETRY
    async for tick in tick_then_fail(count):
        yield _encode_tick(tick)


async def _is_silent(source: Clock | Cursor, seconds: float) -> bool:
    """Wait for the source; whether nothing came for so long."""
    with anyio.move_on_after(seconds) as waiting:
        await source.wait()
    return waiting.cancelled_caught


def _encode_tick(tick: Tick) -> bytes:
    data = msgspec.json.encode({"tick": tick.number, "time": tick.time.isoformat()})
    return encode_event(data.decode(), number=tick.number)


def _read_channel(request: Request) -> str:
    name: str = request.path_params["channel"]
    if not _CHANNEL.fullmatch(name):
        raise HTTPException(404, "a channel's name is 1 to 64 letters, digits, dots, - and _")
    return name


def _read_last_event_id(request: Request) -> int | None:
    value = request.headers.get("last-event-id", read_text(request, "last_event_id"))
    return int(value) if value is not None and _EVENT_ID.fullmatch(value) else None


async def _read_body(request: Request) -> bytes:
    # A route's `max_body_size` would do this, but answers 413 in plain text.
    body = bytearray()
    async with aclosing(request.stream()) as stream:
        async for data in stream:
            body += data
            if len(body) > _MAX_EVENT_BYTES:
                raise HTTPException(413, f"an event is at most {_MAX_EVENT_BYTES} bytes")
    return bytes(body)


def _parse_event(body: bytes) -> tuple[str, str | None]:
    """The `data` and the `event` of a JSON object. Raises HTTPException 422."""
    try:
        fields = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        raise HTTPException(422, "the content must be JSON") from None
    match fields:
        case {"data": str(data), "event": str(event)} if len(fields) == 2:
            if re.search(r"[\r\n\0]", event):
                raise HTTPException(422, "event must be a single line")
            return data, event
        case {"data": str(data)} if len(fields) == 1:
            return data, None
    raise HTTPException(422, "an event is an object of the string data and perhaps event")
