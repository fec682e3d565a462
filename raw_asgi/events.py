"""`/events`: server-sent events. CONTRACT.md, *Events*."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import anyio
import msgspec

from raw_asgi.asgi.boundary import Handler, choose_handler, serve
from raw_asgi.asgi.heartbeats import Heartbeats
from raw_asgi.asgi.live_stream import Feed, LiveStream
from raw_asgi.asgi.request import Request
from raw_asgi.asgi.response import Response
from raw_asgi.asgi.types import Receive, Scope, Send
from raw_asgi.backends.clock import Clock, Tick, tick_then_fail
from raw_asgi.backends.event_log import Channels, Gap
from raw_asgi.http.event_stream import HEARTBEAT, encode_event, encode_retry, parse_last_event_id
from raw_asgi.http.negotiation import media_type_essence
from raw_asgi.http.problem import Problem

_CHANNEL = re.compile(r"[A-Za-z0-9._-]{1,64}")

_BREAK = re.compile(r"[\r\n\0]")

_MAX_EVENT_BYTES = 65536

_HEADERS = (
    ("content-type", "text/event-stream"),
    ("cache-control", "no-cache"),
    # nginx, and what has learnt from it, would hold the events back.
    ("x-accel-buffering", "no"),
)

_RETRY = encode_retry(3000)

# An EventSource reconnects after any end, and could not tell a broken one without it.
_BROKEN = Problem(500, "the events broke off here")
_ERROR_EVENT = encode_event(_BROKEN.body().decode(), event="error")


class Events:
    """An ASGI application of event channels, to subscribe and to publish, and a clock.

    `channels` hold the events; a program that publishes from within keeps them too. A comment
    is sent after `heartbeat_seconds` of silence. `chunk_bytes` bounds what one subscriber is
    sent at a time. `faults` adds the channel `fails-after`.
    """

    def __init__(
        self,
        channels: Channels | None = None,
        *,
        heartbeat_seconds: float = 15.0,
        chunk_bytes: int = 65536,
        faults: bool = False,
    ) -> None:
        self.channels = Channels(1024) if channels is None else channels
        self._heartbeat_seconds = heartbeat_seconds
        self._heartbeats = Heartbeats(heartbeat_seconds)
        self._chunk_bytes = chunk_bytes
        self._faults = faults

    def publish(self, channel: str, data: str, *, event: str | None = None) -> int:
        """Publish an event from within the program, and return its id. Waits for nobody.

        To be called in the event loop that serves. Raises ValueError where `event` has CR, LF
        or NUL, and for a name that no channel has.
        """
        if not _CHANNEL.fullmatch(channel) or channel == "clock":
            raise ValueError(f"there is no channel {channel!r} to publish to")
        return self.channels.publish(
            channel, lambda number: encode_event(data, event=event, id=str(number))
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await serve(scope, receive, send, self._route)

    def _route(self, request: Request, response: Response) -> Awaitable[None]:
        # No coroutine of its own, nor has `get_events`: each would stay with every subscriber.
        channel = request.path.removeprefix("/")
        if not _CHANNEL.fullmatch(channel):
            raise Problem(404, "a channel is 1 to 64 letters, digits, dots, dashes, underscores")
        if channel == "clock":
            handlers: dict[str, Handler] = {"GET": self.get_clock, "HEAD": self.get_clock}
        else:
            handlers = {"GET": self.get_events, "HEAD": self.get_events, "POST": self.post_event}
        return choose_handler(request, handlers)(request, response)

    async def get_clock(self, request: Request, response: Response) -> None:
        """Stream the ticks of a clock (WHATWG HTML §9.2). Raises Problem 422."""
        interval = request.query.decimal("interval", 1.0, positive=True)
        count = request.query.integer("count", None, minimum=1)
        seen = _last_seen(request) or 0
        if count is not None and seen >= count:
            # WHATWG HTML §9.2.3: the one answer after which a client does not reconnect.
            await response.send(204)
            return
        ticks = self._read_clock(Clock(interval, count, seen))
        await response.stream(200, _HEADERS, ticks, last_words=_ERROR_EVENT)

    def get_events(self, request: Request, response: Response) -> Awaitable[None]:
        """Stream a channel: what the client has missed, then what comes (WHATWG HTML §9.2)."""
        channel = request.path.removeprefix("/")
        if self._faults and channel == "fails-after":
            events = _fail_after(request.query.integer("count", 3))
            return response.stream(200, _HEADERS, events, last_words=_ERROR_EVENT)
        last_seen = _last_seen(request)
        if request.is_head:
            return response.send(200, _HEADERS)
        news = _EncodedNews(self.channels, channel, last_seen, self._chunk_bytes)
        return self._make_stream(response, news).run(request.body.receive)

    async def post_event(self, request: Request, response: Response) -> None:
        """Publish an event. Raises Problem 413, 415, 422."""
        if media_type_essence(request.headers.get("content-type", "")) != "application/json":
            accept = (("accept", "application/json"),)
            raise Problem(415, "the content must be application/json", accept)
        event, data = _parse_event(await _read_small_body(request))
        channel = request.path.removeprefix("/")
        await response.send_json(202, {"id": self.publish(channel, data, event=event)})

    def _make_stream(self, response: Response, news: Feed) -> LiveStream:
        return LiveStream(
            response,
            news,
            headers=_HEADERS,
            # With it the headers leave, long before the first event.
            first=_RETRY,
            heartbeat=HEARTBEAT,
            heartbeats=self._heartbeats,
            last_words=_ERROR_EVENT,
        )

    async def _read_clock(self, clock: Clock) -> AsyncGenerator[bytes, None]:
        yield _RETRY
        while not clock.finished:
            tick = clock.take()
            if tick is not None:
                yield _encode_tick(tick)
            else:
                with anyio.move_on_after(self._heartbeat_seconds) as silence:
                    await clock.wait()
                if silence.cancelled_caught:
                    yield HEARTBEAT


class _EncodedNews:
    """A subscriber's events and gaps as they are sent."""

    __slots__ = ("_channel", "_channels", "_chunk_bytes", "_cursor")

    def __init__(
        self, channels: Channels, channel: str, last_seen: int | None, chunk_bytes: int
    ) -> None:
        self._channels = channels
        self._channel = channel
        self._chunk_bytes = chunk_bytes
        self._cursor = channels.open(channel, last_seen)

    def take(self) -> bytes:
        news = self._cursor.take(self._chunk_bytes)
        return _encode_gap(news) if isinstance(news, Gap) else news

    def call_once(self, wake: Callable[[], None]) -> None:
        self._cursor.call_once(wake)

    def close(self) -> None:
        self._cursor.forget()
        self._channels.close(self._channel)


async def _fail_after(count: int) -> AsyncGenerator[bytes, None]:
    yield _RETRY
    async for tick in tick_then_fail(count):
        yield _encode_tick(tick)


def _last_seen(request: Request) -> int | None:
    """The id of the last event that the client has; the header wins over the query."""
    header = request.headers.get("last-event-id")
    return parse_last_event_id(request.query.text("last_event_id") if header is None else header)


def _encode_tick(tick: Tick) -> bytes:
    data = msgspec.json.encode({"tick": tick.number, "time": tick.time.isoformat()})
    return encode_event(data.decode(), id=str(tick.number))


def _encode_gap(gap: Gap) -> bytes:
    # With the id of the last that is lost, a client that reconnects is not told again.
    data = msgspec.json.encode({"from": gap.first, "to": gap.last})
    return encode_event(data.decode(), event="gap", id=str(gap.last))


async def _read_small_body(request: Request) -> bytes:
    """The body, of at most 64 KiB. Raises Problem 413."""
    too_large = Problem(413, f"an event is at most {_MAX_EVENT_BYTES} bytes")
    if (request.content_length or 0) > _MAX_EVENT_BYTES:
        raise too_large
    body = bytearray()
    async for piece in request.body:
        body += piece
        if len(body) > _MAX_EVENT_BYTES:
            raise too_large
    return bytes(body)


def _parse_event(body: bytes) -> tuple[str | None, str]:
    """The `event` and the `data` of a JSON text. Raises Problem 422 for anything else."""
    try:
        value: Any = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        raise Problem(422, "the content is not valid JSON") from None
    if not isinstance(value, dict) or not value.keys() <= {"event", "data"}:
        raise Problem(422, "an event is an object with data and perhaps event")
    event, data = value.get("event"), value.get("data")
    if not isinstance(data, str):
        raise Problem(422, "data must be a string")
    if "event" in value and not (isinstance(event, str) and _is_single_line(event)):
        raise Problem(422, "event must be a single line")
    return event, data


def _is_single_line(text: str) -> bool:
    return _BREAK.search(text) is None
