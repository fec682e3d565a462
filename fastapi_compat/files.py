"""Files: CONTRACT.md, *Files*."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from email.utils import formatdate
from typing import Annotated

from anyio import CancelScope
from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Request
from fastapi.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse

from fastapi_compat.parameters import SharedState, Switch
from fastapi_compat.preconditions import is_known, is_refused
from fastapi_compat.problems import document_problems
from fastapi_compat.responses import format_disposition
from fastapi_compat.schemas import BYTES
from raw_asgi.backends.files import OpenFile, guess_type, open_file


async def _open(
    state: SharedState,
    path: Annotated[str, Path(description="The file, below the directory that is served.")],
) -> AsyncIterator[OpenFile]:
    # FastAPI goes on after the `yield` once the response is sent, or broken off.
    with CancelScope(shield=True):
        file = await open_file(state.settings.files, path)
    try:
        yield file
    finally:
        file.close()


router = APIRouter(tags=["files"], default_response_class=Response)


@router.head("/files/{path:rest}", include_in_schema=False)
@router.get(
    "/files/{path:rest}",
    summary="Send a file, or ranges of it",
    responses={
        200: {"content": BYTES},
        206: {"description": "One range, or several", "content": BYTES},
        304: {"description": "The client's copy is current"},
        **document_problems(404, 412, 416, 422),
    },
)
async def get_file(
    request: Request,
    file: Annotated[OpenFile, Depends(_open)],
    download: Annotated[Switch, Query(description="`1`: to be saved, not shown.")] = "0",
    _range: Annotated[
        str | None, Header(alias="Range", description="`bytes=0-99,-1`: read by FileResponse.")
    ] = None,
) -> Response:
    """Any file, under its own media type, with `ETag` and `Last-Modified`."""
    etag = f'"{file.version}"'
    # A time still to come is no time of modification (RFC 9110 §8.8.2.1).
    modified = min(file.modified, int(time.time()))
    if is_refused(request.headers, etag, modified):
        raise HTTPException(412, "The file is not the one that the request is for.")
    headers = {
        # FileResponse's own tag is made of size and time, which may be restored.
        "ETag": etag,
        "Last-Modified": formatdate(modified, usegmt=True),
        "Content-Disposition": format_disposition(
            "attachment" if download == "1" else "inline", file.name
        ),
        "X-Content-Type-Options": "nosniff",
    }
    # A server that opens the file itself may do so when the descriptor is closed.
    extensions: dict[str, object] = request.scope.get("extensions") or {}
    request.scope["extensions"] = {
        name: value for name, value in extensions.items() if name != "http.response.pathsend"
    }
    response = FileResponse(
        # Its own path may lead to another file by the time that FileResponse opens it.
        f"/dev/fd/{file.descriptor}",
        headers=headers,
        media_type=guess_type(file.name),
        stat_result=os.fstat(file.descriptor),
    )
    if is_known(request.headers, etag, modified):
        return NotModifiedResponse(response.headers)
    return response
