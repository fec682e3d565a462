"""Events: CONTRACT.md, *Events*. Why no endpoint here yields: see event_stream.py."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.sse import format_sse_event
from pydantic import ValidationError

from fastapi_compat.event_stream import RETRY, EventStreamResponse, wait_or_beat
from fastapi_compat.parameters import (
    LARGEST,
    Decimal,
    SharedState,
    State,
    Whole,
    parse_whole,
    require_media_type,
)
from fastapi_compat.problems import document_problems
from fastapi_compat.schemas import EVENTS, PUBLICATION, Publication, Published, document_body
from raw_asgi.backends.clock import Clock, Tick, tick_then_fail
from raw_asgi.backends.event_log import Gap

MAX_PUBLICATION_BYTES = 65536

_ID = re.compile(r"[0-9]{1,19}")


async def _read_last_id(
    header: Annotated[
        str | None, Header(alias="Last-Event-ID", description="The id of the last event seen.")
    ] = None,
    query: Annotated[
        str | None, Query(alias="last_event_id", description="The same; the header wins.")
    ] = None,
) -> int | None:
    value = query if header is None else header
    return int(value) if value is not None and _ID.fullmatch(value) else None


async def _read_publication(request: Request) -> Publication:
    """The body, which FastAPI would read to its end, however long."""
    body = b""
    async for data in request.stream():
        body += data
        if len(body) > MAX_PUBLICATION_BYTES:
            raise HTTPException(413, f"An event has at most {MAX_PUBLICATION_BYTES} bytes.")
    try:
        return Publication.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


LastId = Annotated[int | None, Depends(_read_last_id)]
Channel = Annotated[str, Path(description="1 to 64 letters, digits, `.`, `_`, `-`.")]

router = APIRouter(tags=["events"], default_response_class=Response)


@router.head("/events/clock", include_in_schema=False)
@router.get(
    "/events/clock",
    summary="Stream the ticks of a clock",
    responses={
        200: {"content": EVENTS},
        204: {"description": "`count` is reached"},
        **document_problems(422),
    },
)
async def get_clock(
    state: SharedState,
    last_id: LastId,
    interval: Annotated[Decimal, Query(gt=0, description="Seconds between ticks.")] = 1.0,
    count: Annotated[Whole | None, Query(ge=1, le=LARGEST, description="How many ticks.")] = None,
) -> Response:
    """Events with the data `{"tick":k,"time":…}`, the first after one interval."""
    after = last_id or 0
    if count is not None and after >= count:
        return Response(status_code=204)
    return EventStreamResponse(_follow_clock(state, interval, count, after))


@router.head("/events/{channel:channel}", include_in_schema=False)
@router.get(
    "/events/{channel:channel}",
    summary="Stream the events of a channel",
    responses={200: {"content": EVENTS}, **document_problems(404, 422)},
)
async def get_events(
    state: SharedState,
    channel: Channel,
    last_id: LastId,
    count: Annotated[str, Query(include_in_schema=False)] = "3",
) -> Response:
    """The events after the last one seen, as far as remembered, then those to come.

    What the channel has forgotten is told as `event: gap`.
    """
    if state.settings.faults and channel == "fails-after":
        # Not typed as a number, which it is for this one channel.
        return EventStreamResponse(_fail_after(parse_whole("count", count)))
    return EventStreamResponse(_follow_channel(state, channel, last_id))


@router.post(
    "/events/{channel:channel}",
    summary="Publish an event",
    status_code=202,
    response_class=JSONResponse,
    response_model=Published,
    dependencies=[Depends(require_media_type("application/json"))],
    responses=document_problems(404, 413, 415, 422),
    openapi_extra=document_body(PUBLICATION),
)
async def post_event(
    state: SharedState,
    channel: Channel,
    publication: Annotated[Publication, Depends(_read_publication)],
) -> Response:
    """Never waits for a subscriber."""

    def encode(number: int) -> bytes:
        event = publication.event if "event" in publication.model_fields_set else None
        return format_sse_event(id=str(number), event=event, data_str=publication.data)

    return JSONResponse({"id": state.channels.publish(channel, encode)}, status_code=202)


async def _follow_clock(
    state: State, interval: float, count: int | None, after: int
) -> AsyncGenerator[bytes, None]:
    yield RETRY
    clock = Clock(interval, count, after)
    while not clock.finished:
        tick = clock.take()
        if tick is not None:
            yield _encode_tick(tick)
        else:
            yield await wait_or_beat(clock, state.settings.heartbeat_seconds)


async def _fail_after(count: int) -> AsyncGenerator[bytes, None]:
    yield RETRY
    async for tick in tick_then_fail(count):
        yield _encode_tick(tick)


async def _follow_channel(
    state: State, channel: str, last_id: int | None
) -> AsyncGenerator[bytes, None]:
    # Subscribed before anything is sent: who has seen the head misses no event.
    with state.channels.subscribe(channel, last_id) as cursor:
        yield RETRY
        while True:
            match cursor.take(state.settings.chunk_bytes):
                case Gap(first=first, last=last):
                    data = f'{{"from":{first},"to":{last}}}'
                    yield format_sse_event(id=str(last), event="gap", data_str=data)
                case b"":
                    yield await wait_or_beat(cursor, state.settings.heartbeat_seconds)
                case events:
                    yield events


def _encode_tick(tick: Tick) -> bytes:
    data = {"tick": tick.number, "time": tick.time.isoformat()}
    return format_sse_event(id=str(tick.number), data_str=json.dumps(data, separators=(",", ":")))
