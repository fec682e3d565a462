"""The five families as one Starlette application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.routing import Match, Route
from starlette.types import Scope

from raw_asgi.backends.catalog import Catalog
from raw_asgi.backends.event_log import Channels
from raw_asgi.backends.upload_store import UploadStore
from raw_asgi.settings import Settings
from starlette_app import csv_rows, events, files, jsonl_rows, uploads
from starlette_app.connections import ConnectionMiddleware
from starlette_app.problems import EXCEPTION_HANDLERS

# Compressed already, or of a kind that nobody knows: more than GZipMiddleware leaves by itself.
_LEFT_ALONE = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    "application/octet-stream",
    "application/pdf",
    "application/x-brotli",
    "application/x-bzip2",
    "application/x-compress",
    "application/x-xz",
)


class WholePathConvertor(PathConvertor):
    """The rest of the path. Starlette's own `path` has no line feeds, and drops a last one."""

    regex = "(?s:.*)"


class ReservedRoute(Route):
    """A route that keeps its path from the patterns after it, whatever the method.

    Where the method is another, Starlette would go on to a pattern that knows it; here it is
    405: `GET /csv/totals` names no table.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child_scope = super().matches(scope)
        return (Match.FULL if match is Match.PARTIAL else match), child_scope


def create_app(settings: Settings | None = None) -> Starlette:
    """The whole application, by `settings`; by their defaults where none are given.

    Does no work yet: directories are made and databases opened when they are first needed.
    """
    settings = Settings() if settings is None else settings
    register_url_convertor("whole_path", WholePathConvertor())
    routes = [
        Route("/files/{path:whole_path}", files.get_file),
        ReservedRoute("/csv/totals", csv_rows.post_totals, methods=["POST"]),
        Route("/csv/{table}", csv_rows.get_table),
        Route("/jsonl/{table}", jsonl_rows.get_table),
        ReservedRoute("/events/clock", events.get_clock),
        Route("/events/{channel}", events.get_events),
        Route("/events/{channel}", events.post_event, methods=["POST"]),
        Route("/uploads/{name:whole_path}", uploads.put_upload, methods=["PUT"]),
        Route("/uploads", uploads.post_form, methods=["POST"]),
    ]
    middleware = [Middleware(ConnectionMiddleware)]
    if settings.gzip:
        middleware.append(Middleware(GZipMiddleware, exclude_content_types=_LEFT_ALONE))
    app = Starlette(routes=routes, middleware=middleware, exception_handlers=EXCEPTION_HANDLERS)
    # A path that names nothing is 404, also where one more or one less slash would name something.
    app.router.redirect_slashes = False
    app.state.settings = settings
    app.state.catalog = Catalog(settings.database, settings.tables, settings.faults)
    app.state.channels = Channels(settings.replay_events)
    app.state.store = UploadStore(settings.files, settings.max_upload_bytes)
    return app
