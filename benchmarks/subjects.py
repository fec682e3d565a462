"""Subjects: what is measured, and how each is hosted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from asgi_conformance.cells import Cell

from benchmarks.hosting import Host, host_application, host_module
from benchmarks.peers.nginx import NGINX as NGINX_HOST

Kind = Literal["application", "idiom", "peer", "limit", "client"]
"""`client` is the ceiling of the client that measures: a program that answers from memory."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that is measured. `prefix` is what its paths begin with.

    `cell` is what the conformance suite knows it by; only the applications are judged by it.
    """

    name: str
    kind: Kind
    host: Host
    prefix: str = ""
    cell: Cell | None = None


def _application(name: str, server: str, *, gzip: bool = False, workers: int = 1) -> Subject:
    label = ", ".join([name, server, *["2 workers"] * (workers > 1)])
    host = host_application(
        f"benchmarks.applications.{name}:app", server, gzip=gzip, workers=workers
    )
    return Subject(label, "application", host, cell=Cell(f"{name}.main:app", server, gzip))


def _idiom(name: str, application: str, prefix: str = "") -> Subject:
    host = host_application(f"benchmarks.idioms.{application}:app", "uvicorn")
    return Subject(name, "idiom", host, prefix)


def _peer(name: str) -> Subject:
    host = host_application(f"benchmarks.peers.{name.lower()}_app:app", "uvicorn")
    return Subject(name, "peer", host)


def _program(name: str, module: str, kind: Kind = "limit") -> Subject:
    return Subject(name, kind, host_module(f"benchmarks.{module}"))


NAMES = ("raw_asgi", "starlette_app", "fastapi_compat")
SERVERS = ("uvicorn", "hypercorn")

PLAIN = [_application(name, server) for server in SERVERS for name in NAMES]
GZIP = [_application(name, server, gzip=True) for server in SERVERS for name in NAMES]
TWO_WORKERS = _application("raw_asgi", "uvicorn", workers=2)

RAW = "raw_asgi, uvicorn"
STARLETTE = "starlette_app, uvicorn"
FASTAPI = "fastapi_compat, uvicorn"

SYNC = _idiom("Starlette, sync yield", "starlette_app", "/sync")
ASYNC = _idiom("Starlette, async yield", "starlette_app", "/async")
FILE_RESPONSE = _idiom("Starlette, FileResponse", "starlette_app", "/async")
REQUEST_STREAM = _idiom("Starlette, Request.stream", "starlette_app", "/async")
YIELD = _idiom("FastAPI, yield", "fastapi_app")
EVENT_SOURCE = _idiom("FastAPI, EventSourceResponse", "fastapi_app")
SSE_STARLETTE = _idiom("sse-starlette", "fastapi_app", "/sse-starlette")
UPLOAD_FILE = _idiom("FastAPI, UploadFile", "fastapi_app")

AIOHTTP = _program("aiohttp", "peers.aiohttp_app", "peer")
LITESTAR, BLACKSHEEP, QUART = _peer("Litestar"), _peer("BlackSheep"), _peer("Quart")
NGINX = Subject("nginx", "peer", NGINX_HOST)
PEERS = [AIOHTTP, LITESTAR, BLACKSHEEP, QUART]

ROWS_LIMIT = _program("limit: blocking rows", "limits.rows")
FILES_LIMIT = _program("limit: sendfile", "limits.files")
RANGES_LIMIT = _program("limit: pread", "limits.files")
ISAL_LIMIT = _program("limit: read and isal", "limits.files")
ROWS_ISAL_LIMIT = _program("limit: blocking rows and isal", "limits.rows")
EVENTS_LIMIT = _program("limit: a write each", "limits.events")
UPLOADS_LIMIT = _program("limit: read, hash, write", "limits.uploads")
SMALL_LIMIT = _program("limit: one write", "limits.rows")
CLIENT = _program("client's ceiling", "limits.memory", "client")


def hold(server: str) -> Subject:
    """An application that only holds its connections open, under a server."""
    host = host_application("benchmarks.limits.hold:app", server)
    return Subject(f"limit: held open, {server}", "limit", host)
