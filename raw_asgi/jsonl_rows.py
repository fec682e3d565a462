"""`/jsonl`: tables as JSON Lines or as one JSON array. CONTRACT.md, *Tables*."""

from __future__ import annotations

from typing import Literal

import msgspec

from raw_asgi.asgi.boundary import choose_handler, serve
from raw_asgi.asgi.request import Request
from raw_asgi.asgi.response import Response
from raw_asgi.asgi.types import Receive, Scope, Send
from raw_asgi.backends.batches import EncodedRows
from raw_asgi.backends.catalog import Catalog
from raw_asgi.backends.encoding import JSONEncoder
from raw_asgi.http.negotiation import choose_media_type
from raw_asgi.http.problem import Problem
from raw_asgi.selection import select_rows

# In the order of preference where a client does not care. The first two are unregistered
# names of the same format; what calls itself JSON Lines uses the first.
_MEDIA_TYPES = ("application/jsonl", "application/x-ndjson", "application/json")

_MAX_BATCH = 10_000

# A client that reads lines and not framing would take the end for a clean one without it.
_BROKEN = Problem(500, "the rows broke off here")
_ERROR_LINE = msgspec.json.encode({"error": _BROKEN.as_object()}) + b"\n"


class JSONLRows:
    """An ASGI application that exports tables as JSON Lines.

    `chunk_bytes` is what rows are joined up to, `flush_seconds` how long one may wait.
    """

    def __init__(
        self, catalog: Catalog, *, chunk_bytes: int = 65536, flush_seconds: float = 0.05
    ) -> None:
        self._catalog = catalog
        self._chunk_bytes = chunk_bytes
        self._flush_seconds = flush_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await serve(scope, receive, send, self._route)

    async def _route(self, request: Request, response: Response) -> None:
        # RFC 9110 §12.5.5: the answer depends on Accept, so does what a cache may reuse.
        response.base_headers = (("vary", "Accept"),)
        handle = choose_handler(request, {"GET": self.get_table, "HEAD": self.get_table})
        await handle(request, response)

    async def get_table(self, request: Request, response: Response) -> None:
        """Export a table in the form that Accept asks for (RFC 9110 §12.5.1).

        Raises Problem 404, 406, 422.
        """
        batch = request.query.integer("batch", None, minimum=1, maximum=_MAX_BATCH)
        name = request.path.removeprefix("/")
        source, columns = await select_rows(self._catalog, name, request.query)
        media_type = choose_media_type(request.headers.get("accept"), _MEDIA_TYPES)
        if media_type is None:
            raise Problem(406, f"there are {', '.join(_MEDIA_TYPES)}")
        layout = _choose_layout(media_type, batch)
        chunks = EncodedRows(
            source,
            JSONEncoder(columns, layout),
            chunk_bytes=self._chunk_bytes,
            flush_seconds=self._flush_seconds,
        )
        await response.stream(
            200,
            [("content-type", media_type)],
            chunks,
            last_words=b"" if layout == "array" else _ERROR_LINE,
        )


def _choose_layout(media_type: str, batch: int | None) -> Literal["lines", "array"] | int:
    if media_type == "application/json":
        return "array"
    return "lines" if batch is None else batch
