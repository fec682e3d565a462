"""`/csv`: tables as CSV, and running totals of CSV. CONTRACT.md, *Tables*."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.concurrency import iterate_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from raw_asgi.backends.batches import EncodedRows
from raw_asgi.backends.encoding import CSVEncoder
from raw_asgi.backends.totals import RunningTotals, TotalsError
from raw_asgi.settings import Settings
from starlette_app.parameters import read_media_type, read_switch, read_text, select_rows
from starlette_app.responses import (
    DuplexStreamingResponse,
    FirstItemStreamingResponse,
    format_disposition,
)

_MEDIA_TYPE = "text/csv; charset=utf-8; header=present"  # RFC 4180 §3


async def get_table(request: Request) -> Response:
    """Export a table."""
    settings: Settings = request.app.state.settings
    bom, guard = read_switch(request, "bom"), read_switch(request, "guard")
    source, columns = await select_rows(request)
    chunks = EncodedRows(
        source,
        CSVEncoder(columns, bom=bom, guard=guard),
        chunk_bytes=settings.chunk_bytes,
        flush_seconds=settings.flush_seconds,
    )
    disposition = format_disposition("attachment", f"{request.path_params['table']}.csv")
    headers = {"Content-Disposition": disposition}
    return FirstItemStreamingResponse(chunks, media_type=_MEDIA_TYPE, headers=headers)


async def post_totals(request: Request) -> Response:
    """Add a column of running totals to the CSV that comes, while it comes."""
    column = read_text(request, "column")
    if not column:
        raise HTTPException(422, "column must name the column to add up")
    if read_media_type(request) != "text/csv":
        raise HTTPException(415, "the content must be text/csv")
    return DuplexStreamingResponse(_total(request, column), media_type=_MEDIA_TYPE)


async def _total(request: Request, column: str) -> AsyncGenerator[bytes, None]:
    totals = RunningTotals(column)
    try:
        async with aclosing(request.stream()) as body:
            async for data in body:
                async for rows in iterate_in_threadpool(totals.feed(data)):
                    yield rows
        for rows in totals.finish():
            yield rows
    except TotalsError as error:
        if totals.started:
            raise
        raise HTTPException(422, str(error)) from None
