"""raw_asgi inside other programs: CONTRACT.md, **mount**. What is mounted gets no lifespan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes import Sent, call, make_scope
from fastapi import FastAPI
from hypercorn.middleware import DispatcherMiddleware
from quart import Quart
from starlette.applications import Starlette
from starlette.routing import Mount

from raw_asgi import (
    Catalog,
    CSVRows,
    Events,
    Files,
    IterableTable,
    JSONLRows,
    Settings,
    Uploads,
    UploadStore,
    create_app,
)
from raw_asgi.asgi.types import ASGIApp

pytestmark = pytest.mark.anyio

FORM = (b"content-type", b"multipart/form-data; boundary=frontier")
FORM_BODY = (
    b"--frontier\r\n"
    b'Content-Disposition: form-data; name="file"; filename="b.txt"\r\n\r\n'
    b"of a form\r\n"
    b"--frontier--\r\n"
)

Host = Callable[[dict[str, ASGIApp]], ASGIApp]


def _starlette(mounted: dict[str, ASGIApp]) -> ASGIApp:
    return Starlette(routes=[Mount(path, app) for path, app in mounted.items()])


def _fastapi(mounted: dict[str, ASGIApp]) -> ASGIApp:
    host = FastAPI()
    for path, app in mounted.items():
        host.mount(path, app)
    return host


def _quart(mounted: dict[str, ASGIApp]) -> ASGIApp:
    """What Hypercorn, by Quart's authors, has for applications beside one of Quart."""
    # Its types name each message, ours take any.
    applications: dict[str, Any] = {**mounted, "": Quart("host")}
    host: Any = DispatcherMiddleware(applications)
    application: ASGIApp = host
    return application


@pytest.fixture(params=[_starlette, _fastapi, _quart])
def host(request: pytest.FixtureRequest) -> Host:
    """A framework that an application can be mounted in."""
    framework: Host = request.param
    return framework


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_bytes(b"content")
    return tmp_path


@pytest.fixture
def app(directory: Path) -> ASGIApp:
    table = IterableTable(("id", "name"), [(1, "Ada"), (2, "Grace")])
    return create_app(Settings(files=directory, tables={"people": table}))


async def _exchange(
    app: ASGIApp,
    path: str,
    body: bytes = b"",
    *headers: tuple[bytes, bytes],
    method: str = "GET",
    root_path: str = "",
    query: bytes = b"",
) -> Sent:
    fields = ((b"host", b"example.org"), (b"content-length", b"%d" % len(body)), *headers)
    return await call(
        app, make_scope(method, path, *fields, root_path=root_path, query=query), body
    )


async def _check_every_family(app: ASGIApp, path: str, root_path: str, url: bytes) -> None:
    """Ask for something of each family; `path` is what a server says for the URL `url`."""

    async def exchange(
        below: str,
        body: bytes = b"",
        *headers: tuple[bytes, bytes],
        method: str = "GET",
        query: bytes = b"",
    ) -> Sent:
        return await _exchange(
            app, path + below, body, *headers, method=method, root_path=root_path, query=query
        )

    assert (await exchange("/files/a.txt")).body == b"content"
    assert (await exchange("/csv/people")).body == b"id,name\r\n1,Ada\r\n2,Grace\r\n"
    assert (await exchange("/jsonl/people", query=b"limit=1")).body == b'{"id":1,"name":"Ada"}\n'

    json = (b"content-type", b"application/json")
    published = await exchange("/events/news", b'{"data":"x"}', json, method="POST")
    assert (published.status, published.body) == (202, b'{"id":1}')

    put = await exchange("/uploads/c d.txt", b"new", method="PUT")
    assert put.status == 201
    assert put.headers[b"location"] == url + b"/files/c%20d.txt"

    posted = await exchange("/uploads", FORM_BODY, FORM, method="POST")
    assert posted.status == 201
    assert b'"location":"' + url + b'/files/b.txt"' in posted.body

    missing = await exchange("/nothing")
    assert missing.status == 404


async def test_mounted_in_a_framework(host: Host, app: ASGIApp) -> None:
    await _check_every_family(host({"/below/it": app}), "/below/it", "", b"/below/it")


@pytest.mark.parametrize("host", [_starlette, _fastapi], indirect=True)
async def test_mounted_in_a_framework_behind_a_server_that_prefixes(
    host: Host, app: ASGIApp
) -> None:
    """As uvicorn does: `root_path` is in front of `path`, and the framework adds its own."""
    await _check_every_family(host({"/below": app}), "/api/below", "/api", b"/api/below")


async def test_mounted_in_a_framework_behind_a_server_that_does_not_prefix(
    host: Host, app: ASGIApp
) -> None:
    """As hypercorn does: of `root_path`, only what the framework added is in front of `path`."""
    await _check_every_family(host({"/below": app}), "/below", "/api", b"/api/below")


@pytest.mark.parametrize("root_path", ["/api", "/api/v1", "/api/", "/files", "/api/files"])
async def test_bare_server_that_prefixes(app: ASGIApp, root_path: str) -> None:
    prefix = root_path.rstrip("/")
    await _check_every_family(app, prefix, root_path, prefix.encode())


@pytest.mark.parametrize("root_path", ["/api", "/api/v1", "/api/", "/files", "/api/files"])
async def test_bare_server_that_does_not_prefix(app: ASGIApp, root_path: str) -> None:
    await _check_every_family(app, "", root_path, root_path.rstrip("/").encode())


async def test_bare_server_without_root_path(app: ASGIApp) -> None:
    await _check_every_family(app, "", "", b"")


async def test_files_mounted_alone(host: Host, directory: Path) -> None:
    sent = await _exchange(host({"/static": Files(directory)}), "/static/a.txt")
    assert sent.body == b"content"


async def test_csv_and_jsonl_mounted_alone(host: Host) -> None:
    catalog = Catalog(tables={"people": IterableTable(("id",), [(1,), (2,)])})
    app = host({"/csv": CSVRows(catalog), "/lines": JSONLRows(catalog)})
    assert (await _exchange(app, "/csv/people")).body == b"id\r\n1\r\n2\r\n"
    assert (await _exchange(app, "/lines/people")).body == b'{"id":1}\n{"id":2}\n'


async def test_events_mounted_alone(host: Host) -> None:
    events = Events()
    app = host({"/live": events})
    json = (b"content-type", b"application/json")
    sent = await _exchange(app, "/live/news", b'{"data":"x"}', json, method="POST")
    assert sent.body == b'{"id":1}'
    assert events.publish("news", "from within") == 2

    ticks = await _exchange(app, "/live/clock", query=b"interval=0.001&count=2")
    assert ticks.headers[b"content-type"] == b"text/event-stream"
    assert [line for line in ticks.body.split(b"\n") if line.startswith(b"id")] == [
        b"id: 1",
        b"id: 2",
    ]


@pytest.mark.parametrize(
    ("files_path", "location"),
    [("../files", b"/files"), ("/static", b"/static"), ("../a/../b", b"/b"), (".", b"/inbox")],
)
async def test_uploads_mounted_alone(
    host: Host, directory: Path, files_path: str, location: bytes
) -> None:
    app = host({"/inbox": Uploads(UploadStore(directory), files_path=files_path)})
    put = await _exchange(app, "/inbox/b.txt", b"new", method="PUT")
    assert (put.status, put.headers[b"location"]) == (201, location + b"/b.txt")
    assert (directory / "b.txt").read_bytes() == b"new"


async def test_a_form_to_uploads_mounted_alone(host: Host, directory: Path) -> None:
    """A framework gives what it has mounted the path `/`, and may know no other."""
    app = host({"/inbox": Uploads(UploadStore(directory))})
    posted = await _exchange(app, "/inbox/", FORM_BODY, FORM, method="POST")
    assert posted.status == 201
    assert b'"location":"/files/b.txt"' in posted.body
    assert (directory / "b.txt").read_bytes() == b"of a form"


async def test_the_host_keeps_its_own_paths(app: ASGIApp) -> None:
    host = FastAPI()

    @host.get("/own")
    def get_own() -> dict[str, int]:
        return {"own": 1}

    host.mount("/below", app)
    assert (await _exchange(host, "/own")).body == b'{"own":1}'
    assert (await _exchange(host, "/below/csv/people")).status == 200
