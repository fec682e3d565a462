"""The five families as one application: route table, lifespan, error boundary."""

from __future__ import annotations

from raw_asgi.asgi.boundary import serve
from raw_asgi.asgi.request import Request
from raw_asgi.asgi.response import Response
from raw_asgi.asgi.routing import mount
from raw_asgi.asgi.types import ASGIApp, Receive, Scope, Send
from raw_asgi.backends.catalog import Catalog
from raw_asgi.backends.event_log import Channels
from raw_asgi.backends.upload_store import UploadStore
from raw_asgi.compression import GZipMiddleware
from raw_asgi.csv_rows import CSVRows
from raw_asgi.events import Events
from raw_asgi.files import Files
from raw_asgi.http.problem import Problem
from raw_asgi.jsonl_rows import JSONLRows
from raw_asgi.settings import Settings
from raw_asgi.uploads import Uploads


def create_app(settings: Settings | None = None) -> ASGIApp:
    """The whole application, by `settings`; by their defaults where none are given.

    Does no work yet: directories are made and databases opened when they are first needed.
    """
    settings = Settings() if settings is None else settings
    catalog = Catalog(settings.database, settings.tables, settings.faults)
    chunk_bytes, flush_seconds = settings.chunk_bytes, settings.flush_seconds
    app: ASGIApp = _Routes(
        {
            "/files": Files(settings.files),
            "/csv": CSVRows(catalog, chunk_bytes=chunk_bytes, flush_seconds=flush_seconds),
            "/jsonl": JSONLRows(catalog, chunk_bytes=chunk_bytes, flush_seconds=flush_seconds),
            "/events": Events(
                Channels(settings.replay_events),
                heartbeat_seconds=settings.heartbeat_seconds,
                chunk_bytes=chunk_bytes,
                faults=settings.faults,
            ),
            "/uploads": Uploads(UploadStore(settings.files, settings.max_upload_bytes)),
        }
    )
    return GZipMiddleware(app, flush_seconds=flush_seconds) if settings.gzip else app


class _Routes:
    def __init__(self, routes: dict[str, ASGIApp]) -> None:
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            mounted = mount(scope, self._routes)
            if mounted is not None:
                prefix, below = mounted
                await self._routes[prefix](below, receive, send)
                return
        await serve(scope, receive, send, _find_nothing)


async def _find_nothing(_request: Request, _response: Response) -> None:
    raise Problem(404, "there is nothing here")
