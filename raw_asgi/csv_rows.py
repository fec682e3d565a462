"""`/csv`: tables as CSV, and running totals of CSV. CONTRACT.md, *Tables*."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

from anyio import to_thread

from raw_asgi.asgi.boundary import choose_handler, serve
from raw_asgi.asgi.disconnect import read_until_disconnect
from raw_asgi.asgi.request import Request
from raw_asgi.asgi.response import Response
from raw_asgi.asgi.types import Receive, Scope, Send
from raw_asgi.backends.batches import EncodedRows
from raw_asgi.backends.catalog import Catalog
from raw_asgi.backends.encoding import CSVEncoder
from raw_asgi.backends.totals import RunningTotals, TotalsError
from raw_asgi.http.disposition import format_disposition
from raw_asgi.http.negotiation import media_type_essence
from raw_asgi.http.problem import Problem
from raw_asgi.selection import select_rows

_MEDIA_TYPE = "text/csv; charset=utf-8; header=present"  # RFC 4180 §3


class CSVRows:
    """An ASGI application that exports tables as CSV and totals CSV.

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
        if request.path == "/totals":
            handle = choose_handler(request, {"POST": self.post_totals})
        else:
            handle = choose_handler(request, {"GET": self.get_table, "HEAD": self.get_table})
        await handle(request, response)

    async def get_table(self, request: Request, response: Response) -> None:
        """Export a table (RFC 4180). Raises Problem 404, 422."""
        bom, guard = request.query.switch("bom"), request.query.switch("guard")
        name = request.path.removeprefix("/")
        source, columns = await select_rows(self._catalog, name, request.query)
        headers = [
            ("content-type", _MEDIA_TYPE),
            ("content-disposition", format_disposition("attachment", f"{name}.csv")),
        ]
        chunks = EncodedRows(
            source,
            CSVEncoder(columns, bom=bom, guard=guard),
            chunk_bytes=self._chunk_bytes,
            flush_seconds=self._flush_seconds,
        )
        await response.stream(200, headers, chunks)

    async def post_totals(self, request: Request, response: Response) -> None:
        """Answer CSV with a column of running totals, while it arrives.

        Raises Problem 415, 422; TotalsError once the response has started.
        """
        column = request.query.text("column")
        if not column:
            raise Problem(422, "column must name the column to add up")
        if media_type_essence(request.headers.get("content-type", "")) != "text/csv":
            raise Problem(415, "the content must be text/csv", (("accept", "text/csv"),))
        totals = RunningTotals(column)

        async def answer(pieces: AsyncIterator[bytes]) -> None:
            chunks = _total_pieces(totals, pieces)
            try:
                await response.send_chunks(200, [("content-type", _MEDIA_TYPE)], chunks)
            except TotalsError as error:
                if response.started:
                    raise
                raise Problem(422, str(error)) from None

        if await read_until_disconnect(request.body, answer):
            await response.finish()


async def _total_pieces(
    totals: RunningTotals, pieces: AsyncIterator[bytes]
) -> AsyncGenerator[bytes, None]:
    async for piece in pieces:
        rows = totals.feed(piece)
        while chunk := await to_thread.run_sync(next, rows, b""):
            yield chunk
    for chunk in totals.finish():
        yield chunk
