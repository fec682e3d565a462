"""The application: five routers, the errors, the middleware, the OpenAPI page."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from fastapi.middleware import Middleware
from fastapi.middleware.gzip import GZipMiddleware

from fastapi_compat import csv_rows, events, files, jsonl_rows, uploads
from fastapi_compat.connections import ConnectionMiddleware
from fastapi_compat.parameters import State, limit_query
from fastapi_compat.problems import EXCEPTION_HANDLERS
from raw_asgi.backends.catalog import Catalog
from raw_asgi.backends.event_log import Channels
from raw_asgi.backends.upload_store import UploadStore
from raw_asgi.settings import Settings

_DESCRIPTION = """
Streams, each with its format: files with ranges, tables as `text/csv`, `application/jsonl` or
one JSON array, events as `text/event-stream`, uploads by `PUT` or `multipart/form-data`.

A stream begins once its first item is there, so that what fails before it has a proper status.
What fails later breaks the connection off: a stream that ends cleanly is whole. Errors are
`application/problem+json` (RFC 9457).
"""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application by its settings, those by default where there are none.

    Opens nothing, and needs no lifespan: a host that mounts it runs none.
    """
    settings = settings or Settings()
    middleware = [Middleware(ConnectionMiddleware)]
    if settings.gzip:
        middleware.append(Middleware(GZipMiddleware))
    app = FastAPI(
        title="more-body",
        description=_DESCRIPTION,
        # A path with a slash too many names nothing.
        redirect_slashes=False,
        dependencies=[Depends(limit_query)],
        middleware=middleware,
        exception_handlers=EXCEPTION_HANDLERS,
    )
    app.state.shared = State(
        settings=settings,
        catalog=Catalog(settings.database, settings.tables, settings.faults),
        channels=Channels(settings.replay_events),
        uploads=UploadStore(settings.files, settings.max_upload_bytes),
    )
    for family in (files, csv_rows, jsonl_rows, events, uploads):
        app.include_router(family.router)
    return app
