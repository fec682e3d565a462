"""`/uploads`: files received by PUT and by form. CONTRACT.md, *Uploads*."""

from __future__ import annotations

import re
from contextlib import ExitStack, aclosing
from urllib.parse import quote

from anyio import CancelScope, get_cancelled_exc_class, to_thread
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raw_asgi.backends.upload_store import (
    Receipt,
    Refused,
    TooLarge,
    Upload,
    UploadStore,
    check_name,
)
from starlette_app.digests import read_digests
from starlette_app.forms import parse_form
from starlette_app.parameters import read_media_type
from starlette_app.preconditions import if_match_fails, if_none_match_fails

_READ_BYTES = 256 * 1024


async def put_upload(request: Request) -> Response:
    """Receive a file. What the store raises is answered in `problems`."""
    store: UploadStore = request.app.state.store
    name: str = request.path_params["name"]
    check_name(name)
    _check_content(request)
    digests = read_digests(request)
    if int(request.headers.get("content-length", "0")) > store.max_bytes:
        raise TooLarge(name)

    def holds() -> bool:
        version = store.find_version(name)
        etag = None if version is None else f'"{version}"'
        return not (if_match_fails(request, etag) or if_none_match_fails(request, etag))

    # Before the first byte: until then, a client that expects 100 (Continue) sends none.
    if not await to_thread.run_sync(holds):
        raise Refused(name)
    new = request.headers.get("if-none-match", "").strip() == "*"
    upload = await to_thread.run_sync(store.receive, name, [algorithm for algorithm, _ in digests])
    try:
        await _receive(request, upload)
        if any(upload.digest(algorithm) != digest for algorithm, digest in digests):
            raise HTTPException(422, "the content does not have the digest that it is sent with")
        receipt = await to_thread.run_sync(lambda: upload.store(holds, new=new))
    except get_cancelled_exc_class():
        # The server shuts down: where its event loop ends, no thread is waited for.
        upload.discard()
        raise
    finally:
        with CancelScope(shield=True):
            await to_thread.run_sync(upload.discard)
    status = 201 if receipt.created else 200
    return JSONResponse(_describe(receipt), status, {"Location": _locate(request, name)})


async def post_form(request: Request) -> Response:
    """Receive the files of a form, all of them or none."""
    store: UploadStore = request.app.state.store
    if read_media_type(request) != "multipart/form-data":
        raise HTTPException(415, "the content must be multipart/form-data")
    form = await parse_form(request, store.max_bytes)
    try:
        files = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
        if not files:
            raise HTTPException(422, "the form has no file")
        receipts = await to_thread.run_sync(_store, store, files)
    finally:
        with CancelScope(shield=True):
            await form.close()
    stored = [
        {**_describe(receipt), "location": _locate(request, receipt.name)} for receipt in receipts
    ]
    return JSONResponse(stored, 201)


def _check_content(request: Request) -> None:
    if "content-range" in request.headers:
        # What is a part must not be stored as the whole (RFC 9110 §14.5).
        raise HTTPException(400, "a part of a file cannot be stored")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HTTPException(415, "the content must not be encoded")


async def _receive(request: Request, upload: Upload) -> None:
    async with aclosing(request.stream()) as body:
        async for data in body:
            await to_thread.run_sync(upload.write, data)


def _store(store: UploadStore, files: list[UploadFile]) -> list[Receipt]:
    """Copy all files into the store, then put them in place. Blocks."""
    with ExitStack() as stack:
        uploads = []
        for file in files:
            # Some browsers send the path that the file has with them.
            name = re.split(r"[/\\]", file.filename or "")[-1]
            upload = stack.enter_context(store.receive(name))
            while data := file.file.read(_READ_BYTES):
                upload.write(data)
            upload.flush()
            uploads.append(upload)
        return [upload.store() for upload in uploads]


def _describe(receipt: Receipt) -> dict[str, object]:
    return {"name": receipt.name, "size": receipt.size, "sha256": receipt.sha256}


def _locate(request: Request, name: str) -> str:
    # `url_for` would ask the application that this one is mounted in, by names it does not know.
    return quote(f"{request.scope.get('root_path', '').rstrip('/')}/files/{name}")
