"""Uploads: CONTRACT.md, *Uploads*."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Annotated
from urllib.parse import quote

from anyio import CancelScope, get_cancelled_exc_class, to_thread
from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import UploadFile

from fastapi_compat.digests import read_digests
from fastapi_compat.forms import parse_form
from fastapi_compat.parameters import SharedState, require_media_type
from fastapi_compat.preconditions import is_known, is_refused
from fastapi_compat.problems import document_problems
from fastapi_compat.schemas import BYTES, FORM, Stored, StoredAt, document_body
from raw_asgi.backends.upload_store import (
    Receipt,
    Refused,
    TooLarge,
    Upload,
    UploadStore,
    check_name,
)

_COPY_BYTES = 1024 * 1024

router = APIRouter(tags=["uploads"], default_response_class=Response)


@router.put(
    "/uploads/{name:rest}",
    summary="Store a file",
    response_model=Stored,
    responses={
        200: {"description": "The file was replaced", "model": Stored},
        201: {"description": "The file is new, at `Location`", "model": Stored},
        **document_problems(400, 412, 413, 415, 422, 507),
    },
    openapi_extra=document_body(BYTES),
)
async def put_upload(
    request: Request,
    state: SharedState,
    name: Annotated[str, Path(description="One path segment, at most 255 bytes.")],
) -> Response:
    """The body is stored as it arrives, checked, and put in place in one step."""
    store = state.uploads
    check_name(name)
    _check_content(request)
    digests = read_digests(request.headers)
    if int(request.headers.get("content-length", "0")) > store.max_bytes:
        raise TooLarge

    def is_wanted() -> bool:
        version = store.find_version(name)
        etag = None if version is None else f'"{version}"'
        return not (is_refused(request.headers, etag) or is_known(request.headers, etag))

    # A client that expects 100 (Continue) is told so only by the first byte that is asked for.
    if not await to_thread.run_sync(is_wanted):
        raise Refused
    algorithms = [algorithm for algorithm, _ in digests]
    async with _receive(store, name, algorithms) as upload:
        async with aclosing(request.stream()) as body:
            async for data in body:
                await to_thread.run_sync(upload.write, data)
        if any(upload.digest(algorithm) != digest for algorithm, digest in digests):
            raise HTTPException(422, "The body does not have the digest that was sent with it.")
        new = request.headers.get("if-none-match", "").strip() == "*"
        receipt = await to_thread.run_sync(lambda: upload.store(is_wanted, new=new))
    return JSONResponse(
        _describe(receipt).model_dump(),
        status_code=201 if receipt.created else 200,
        headers={"Location": _locate(request, name)},
    )


@router.post(
    "/uploads",
    summary="Store the files of a form",
    status_code=201,
    response_class=JSONResponse,
    response_model=list[StoredAt],
    dependencies=[Depends(require_media_type("multipart/form-data"))],
    responses=document_problems(400, 413, 415, 422, 507),
    openapi_extra=document_body(FORM),
)
async def post_form(request: Request, state: SharedState) -> Response:
    """All files are stored, or none."""
    form = await parse_form(request, state.uploads.max_bytes)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(form.close)
        uploads = []
        for _, part in form.multi_items():
            if isinstance(part, UploadFile):
                # Some browsers send the path that the file has on their machine.
                name = re.split(r"[/\\]", part.filename or "")[-1]
                upload = await stack.enter_async_context(_receive(state.uploads, name))
                while await to_thread.run_sync(_copy, part, upload):
                    pass
                await to_thread.run_sync(upload.flush)
                uploads.append(upload)
        if not uploads:
            raise HTTPException(422, "The form has no file.")
        receipts = await to_thread.run_sync(lambda: [upload.store() for upload in uploads])
    stored = [
        StoredAt(**_describe(each).model_dump(), location=_locate(request, each.name))
        for each in receipts
    ]
    return JSONResponse([each.model_dump() for each in stored], status_code=201)


def _check_content(request: Request) -> None:
    if "content-range" in request.headers:
        # A part must not be stored as the whole (RFC 9110 §14.5).
        raise HTTPException(400, "A part of a file is not taken.")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise HTTPException(415, "An encoded body is not taken.")


@asynccontextmanager
async def _receive(
    store: UploadStore, name: str, algorithms: Sequence[str] = ()
) -> AsyncIterator[Upload]:
    # Cancelled in between, nobody would know of the file that the thread has made.
    with CancelScope(shield=True):
        upload = await to_thread.run_sync(store.receive, name, algorithms)
    try:
        yield upload
    except get_cancelled_exc_class():
        # At shutdown the loop may end before a thread is asked.
        upload.discard()
        raise
    finally:
        with CancelScope(shield=True):
            await to_thread.run_sync(upload.discard)


def _copy(part: UploadFile, upload: Upload) -> bool:
    """Copy the next piece of a form's file; whether there was one. Blocks."""
    data = part.file.read(_COPY_BYTES)
    upload.write(data)
    return bool(data)


def _describe(receipt: Receipt) -> Stored:
    return Stored(name=receipt.name, size=receipt.size, sha256=receipt.sha256)


def _locate(request: Request, name: str) -> str:
    # `url_for` asks the outermost application, which need not be this one.
    return quote(f"{request.scope.get('root_path', '').rstrip('/')}/files/{name}")
