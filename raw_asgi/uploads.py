"""`/uploads`: files received by PUT and by form. CONTRACT.md, *Uploads*."""

from __future__ import annotations

import posixpath
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from urllib.parse import quote

from anyio import CancelScope, get_cancelled_exc_class, to_thread

from raw_asgi.asgi.boundary import Handler, choose_handler, serve
from raw_asgi.asgi.request import Request
from raw_asgi.asgi.response import Response
from raw_asgi.asgi.types import Receive, Scope, Send
from raw_asgi.backends.upload_store import (
    BadName,
    Receipt,
    Refused,
    StorageFull,
    TooLarge,
    Upload,
    UploadStore,
    check_name,
)
from raw_asgi.http.conditional import EntityTag, Outcome, Validators, evaluate
from raw_asgi.http.digests import parse_digests
from raw_asgi.http.multipart import FormParser, parse_boundary
from raw_asgi.http.problem import Problem

_HASHES = {"sha-256": "sha256", "sha-512": "sha512"}  # RFC 9530 §5, as hashlib calls them


class Uploads:
    """An ASGI application that receives files into a store.

    `files_path` is where the files are served, relative to where this application is mounted
    or, with a leading slash, absolute: `Location` is made of it.
    """

    def __init__(self, store: UploadStore, *, files_path: str = "../files") -> None:
        self._store = store
        self._files_path = files_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await serve(scope, receive, send, self._route)

    async def _route(self, request: Request, response: Response) -> None:
        handlers: dict[str, Handler] = {"PUT": self.put_upload} if request.path else {}
        if request.path in ("", "/"):
            # A framework may know the place where it has mounted this only with the slash.
            handlers["POST"] = self.post_form
        handle = choose_handler(request, handlers)
        try:
            await handle(request, response)
        except BadName as error:
            raise Problem(422, str(error)) from None
        except TooLarge:
            raise Problem(413, f"a file is at most {self._store.max_bytes} bytes") from None
        except Refused:
            raise Problem(
                412, "the stored file is not the one that the precondition names"
            ) from None
        except StorageFull:
            raise Problem(507, "the disk is full") from None

    async def put_upload(self, request: Request, response: Response) -> None:
        """Receive a file (RFC 9110 §9.3.4, RFC 9530). Raises Problem 400, 415, 422, and what
        the store raises.
        """
        name = request.path.removeprefix("/")
        check_name(name)
        _check_content_fields(request)
        digests = _parse_digest_fields(request)
        if (request.content_length or 0) > self._store.max_bytes:
            raise TooLarge(name)

        def precondition_holds() -> bool:
            return _evaluate(request, self._store.find_version(name))

        # Before a byte is read: a client that waits for 100 (Continue) is told at once.
        if not await to_thread.run_sync(precondition_holds):
            raise Refused(name)
        algorithms = [_HASHES[algorithm] for algorithm, _ in digests]
        upload = await to_thread.run_sync(self._store.receive, name, algorithms)
        async with _discard_after(upload.discard):
            async for piece in request.body:
                await to_thread.run_sync(upload.write, piece)
            for algorithm, digest in digests:
                if upload.digest(_HASHES[algorithm]) != digest:
                    raise Problem(422, f"the content does not have this {algorithm} digest")
            new = request.headers.get("if-none-match") == "*"
            receipt = await to_thread.run_sync(lambda: upload.store(precondition_holds, new=new))
        headers = [("location", self._locate(request, name))]
        await response.send_json(201 if receipt.created else 200, _describe(receipt), headers)

    async def post_form(self, request: Request, response: Response) -> None:
        """Receive the files of a form, all or none (RFC 7578). Raises Problem 400, 415, 422, and
        what the store raises.
        """
        boundary = parse_boundary(request.headers.get("content-type", ""))
        files = _FormFiles(self._store)
        form = FormParser(boundary, files)
        async with _discard_after(files.discard):
            async for piece in request.body:
                await to_thread.run_sync(form.feed, piece)
            form.finish()
            if not files.uploads:
                raise Problem(422, "the form has no file")
            receipts = await to_thread.run_sync(files.store)
        stored = [
            {**_describe(receipt), "location": self._locate(request, receipt.name)}
            for receipt in receipts
        ]
        await response.send_json(201, stored)

    def _locate(self, request: Request, name: str) -> str:
        """The path of a stored file under its own URL (RFC 9110 §10.2.2)."""
        files = posixpath.normpath(posixpath.join(request.root_path or "/", self._files_path))
        return quote(f"{files}/{name}")


class _FormFiles:
    """The files of a form, all stored or none. Its methods block."""

    def __init__(self, store: UploadStore) -> None:
        self._store = store
        self._stack = ExitStack()
        # A server that shuts down leaves a thread in here, and discards in another.
        self._guard = threading.Lock()
        self._discarded = False
        self.uploads: list[Upload] = []

    def begin_file(self, filename: str) -> None:
        upload = self._store.receive(filename)
        with self._guard:
            self._require_use()
            self.uploads.append(self._stack.enter_context(upload))

    def write(self, data: bytes | memoryview) -> None:
        self.uploads[-1].write(data)

    def end_file(self) -> None:
        self.uploads[-1].flush()

    def store(self) -> list[Receipt]:
        """Put all in place. Each is durable by now, so that only renaming is left."""
        with self._guard:
            self._require_use()
            return [upload.store() for upload in self.uploads]

    def discard(self) -> None:
        with self._guard:
            self._discarded = True
        self._stack.close()

    def _require_use(self) -> None:
        if self._discarded:
            raise RuntimeError("the form was discarded")


def _check_content_fields(request: Request) -> None:
    if "content-range" in request.headers:
        # RFC 9110 §14.5: a part must not be taken for the whole.
        raise Problem(400, "a part of a file cannot be stored")
    coding = request.headers.get("content-encoding", "identity")
    if coding.lower() != "identity":
        accept = (("accept-encoding", "identity"),)
        raise Problem(415, "the content must not be encoded", accept)


def _parse_digest_fields(request: Request) -> list[tuple[str, bytes]]:
    """What the content must hash to. Without a coding both fields speak of the same bytes."""
    digests: list[tuple[str, bytes]] = []
    for field in ("repr-digest", "content-digest"):
        try:
            digests += parse_digests(request.headers.get(field, "")).items()
        except ValueError:
            raise Problem(400, f"{field.title()} is malformed") from None
    return digests


def _evaluate(request: Request, version: str | None) -> bool:
    current = None if version is None else Validators(EntityTag(version, weak=False))
    return evaluate(request.method, request.headers, current) is Outcome.PROCEED


def _describe(receipt: Receipt) -> dict[str, object]:
    return {"name": receipt.name, "size": receipt.size, "sha256": receipt.sha256}


@asynccontextmanager
async def _discard_after(discard: Callable[[], None]) -> AsyncIterator[None]:
    """Discard on every way out, in a worker thread."""
    try:
        yield
    except get_cancelled_exc_class():
        # Not in a thread: a server that shuts down cancels its tasks and may then just end.
        discard()
        raise
    finally:
        with CancelScope(shield=True):
            await to_thread.run_sync(discard)
