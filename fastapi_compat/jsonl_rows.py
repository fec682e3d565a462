"""Tables as JSON Lines or as one JSON array. CONTRACT.md, *Tables*.

FastAPI's own JSON Lines (an endpoint that yields objects) cannot keep the contract: the head
leaves before the first row, a row is a message and is encoded by itself on the event loop,
and an endpoint that is left by its client is not closed.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request
from fastapi.responses import Response

from fastapi_compat.negotiation import choose_media_type
from fastapi_compat.parameters import SelectedTable, SharedState, Whole
from fastapi_compat.problems import describe_problem, document_problems
from fastapi_compat.responses import FirstItemStreamingResponse
from fastapi_compat.schemas import ROWS
from raw_asgi.backends.batches import EncodedRows
from raw_asgi.backends.encoding import JSONEncoder

MEDIA_TYPES = ("application/jsonl", "application/x-ndjson", "application/json")

_ERROR = describe_problem(500, "The rows broke off.").model_dump_json()


async def _vary(request: Request) -> None:
    request.state.vary = "Accept"


async def _choose_media_type(
    accept: Annotated[
        list[str] | None, Header(description=f"One of {', '.join(MEDIA_TYPES)}.")
    ] = None,
) -> str:
    media_type = choose_media_type(accept or (), MEDIA_TYPES)
    if media_type is None:
        raise HTTPException(406, f"There is {', '.join(MEDIA_TYPES)}.")
    return media_type


router = APIRouter(tags=["tables"], default_response_class=Response, dependencies=[Depends(_vary)])


@router.head("/jsonl/{table}", include_in_schema=False)
@router.get(
    "/jsonl/{table}",
    summary="Stream a table as JSON Lines, or as one JSON array",
    responses={200: {"content": ROWS}, **document_problems(404, 406, 422, 500)},
)
async def get_table(
    state: SharedState,
    selection: SelectedTable,
    media_type: Annotated[str, Depends(_choose_media_type)],
    batch: Annotated[
        Whole | None, Query(ge=1, le=10000, description="Each line is an array of so many rows.")
    ] = None,
) -> Response:
    """An object a row, its members in the order of the columns.

    Where the rows break off after the first, the last line is `{"error":{…}}` with a problem
    object, and the stream does not end cleanly.
    """
    lines = media_type != "application/json"
    layout: Literal["lines", "array"] | int = (batch or "lines") if lines else "array"
    rows = EncodedRows(
        selection.rows,
        JSONEncoder(selection.columns, layout),
        chunk_bytes=state.settings.chunk_bytes,
        flush_seconds=state.settings.flush_seconds,
    )
    return FirstItemStreamingResponse(
        rows,
        media_type=media_type,
        headers={"Vary": "Accept"},
        failure_notice=f'{{"error":{_ERROR}}}\n'.encode() if lines else b"",
    )
