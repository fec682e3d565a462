"""CSV: tables out, running totals in and out. CONTRACT.md, *Tables*.

The endpoints return a response and do not `yield`: FastAPI wraps what an endpoint yields in
a generator of its own, which does not close it when the client leaves, and which goes out
one message an item.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import Response
from starlette.concurrency import iterate_in_threadpool

from fastapi_compat.parameters import SelectedTable, SharedState, Switch, require_media_type
from fastapi_compat.problems import document_problems
from fastapi_compat.responses import (
    DuplexStreamingResponse,
    FirstItemStreamingResponse,
    format_disposition,
)
from fastapi_compat.schemas import CSV, document_body
from raw_asgi.backends.batches import EncodedRows
from raw_asgi.backends.encoding import CSVEncoder
from raw_asgi.backends.totals import RunningTotals, TotalsError

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"

router = APIRouter(tags=["tables"], default_response_class=Response)


@router.head("/csv/{table:table}", include_in_schema=False)
@router.get(
    "/csv/{table:table}",
    summary="Stream a table as CSV",
    responses={200: {"content": CSV}, **document_problems(404, 422, 500)},
)
async def get_table(
    state: SharedState,
    selection: SelectedTable,
    bom: Annotated[Switch, Query(description="`1`: begin with a byte order mark.")] = "0",
    guard: Annotated[
        Switch, Query(description="`1`: put `'` before what a spreadsheet would run.")
    ] = "0",
) -> Response:
    """A header row, then a row a line, each ended by CRLF (RFC 4180)."""
    rows = EncodedRows(
        selection.rows,
        CSVEncoder(selection.columns, bom=bom == "1", guard=guard == "1"),
        chunk_bytes=state.settings.chunk_bytes,
        flush_seconds=state.settings.flush_seconds,
    )
    disposition = format_disposition("attachment", f"{selection.table}.csv")
    return FirstItemStreamingResponse(
        rows, media_type=MEDIA_TYPE, headers={"Content-Disposition": disposition}
    )


@router.post(
    "/csv/totals",
    summary="Add a column of running totals to CSV, while it arrives",
    dependencies=[Depends(require_media_type("text/csv"))],
    responses={200: {"content": CSV}, **document_problems(415, 422)},
    openapi_extra=document_body(CSV),
)
async def post_totals(
    request: Request, column: Annotated[str, Query(description="The column to add up.")]
) -> Response:
    """The rows of the body, with one more column, `running_total`.

    The answer begins as soon as the header row has come.
    """
    return DuplexStreamingResponse(_total(request, column), media_type=MEDIA_TYPE)


async def _total(request: Request, column: str) -> AsyncGenerator[bytes]:
    totals = RunningTotals(column)
    try:
        async for data in request.stream():
            async for rows in iterate_in_threadpool(totals.feed(data)):
                yield rows
        async for rows in iterate_in_threadpool(totals.finish()):
            yield rows
    except TotalsError as error:
        if totals.started:
            raise
        raise HTTPException(422, str(error)) from error
