"""`/jsonl`: tables as JSON Lines or as one JSON array. CONTRACT.md, *Tables*."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Literal

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from raw_asgi.backends.batches import EncodedRows
from raw_asgi.backends.encoding import JSONEncoder
from raw_asgi.settings import Settings
from starlette_app.negotiation import choose_media_type
from starlette_app.parameters import read_integer, select_rows
from starlette_app.problems import describe_problem, vary
from starlette_app.responses import FirstItemStreamingResponse

# In the order in which we would choose.
_MEDIA_TYPES = ("application/jsonl", "application/x-ndjson", "application/json")


async def get_table(request: Request) -> Response:
    """Export a table."""
    settings: Settings = request.app.state.settings
    vary(request, "Accept")
    batch = read_integer(request, "batch", None, least=1, most=10_000)
    source, columns = await select_rows(request)
    media_type = choose_media_type(request, _MEDIA_TYPES)
    if media_type is None:
        raise HTTPException(406, f"there are {', '.join(_MEDIA_TYPES)}")
    layout: Literal["lines", "array"] | int = batch or "lines"
    if media_type == "application/json":
        layout = "array"
    rows = EncodedRows(
        source,
        JSONEncoder(columns, layout),
        chunk_bytes=settings.chunk_bytes,
        flush_seconds=settings.flush_seconds,
    )
    chunks = rows if layout == "array" else _end_with_error(rows)
    return FirstItemStreamingResponse(chunks, media_type=media_type, headers={"Vary": "Accept"})


async def _end_with_error(rows: EncodedRows) -> AsyncGenerator[bytes, None]:
    """The rows, and one line more where they fail after the first.

    Who reads lines seldom looks at how the connection ended. The failure is raised all the same.
    """
    started = False
    async with aclosing(rows):
        try:
            async for chunk in rows:
                started = True
                yield chunk
        except Exception:
            if started:
                problem = describe_problem(500, "the rows broke off here")
                yield msgspec.json.encode({"error": problem}) + b"\n"
            raise
