"""Paths under any `root_path`: `raw_asgi.asgi.routing`. CONTRACT.md, **mount**."""

from __future__ import annotations

import pytest
from fakes import make_scope

from raw_asgi.asgi.routing import mount, route_path


@pytest.mark.parametrize(
    ("root_path", "path", "expected"),
    [
        ("", "/csv/numbers", "/csv/numbers"),
        ("", "/", "/"),
        ("", "", ""),
        # the server or the host put it in front of the path
        ("/api", "/api/csv/numbers", "/csv/numbers"),
        ("/api", "/api/", "/"),
        ("/api", "/api", ""),
        ("/api/v1", "/api/v1/csv", "/csv"),
        ("/api/", "/api/csv", "/csv"),
        # it did not
        ("/api", "/csv/numbers", "/csv/numbers"),
        ("/api", "/", "/"),
        ("/api", "", ""),
        # the host put only its own part there, and the server nothing
        ("/api/v1", "/v1/csv", "/csv"),
        ("/api/v1/below", "/v1/below/csv", "/csv"),
        ("/api/v1/below", "/below/csv", "/csv"),
        ("/api/v1", "/api/csv", "/api/csv"),
        # a segment that only begins like it
        ("/api", "/apis/csv", "/apis/csv"),
        ("/api", "/api.txt", "/api.txt"),
        ("/api", "/API/csv", "/API/csv"),
        ("/", "/csv", "/csv"),
    ],
)
def test_route_path(root_path: str, path: str, expected: str) -> None:
    assert route_path(make_scope(path=path, root_path=root_path)) == expected


def test_a_scope_without_root_path() -> None:
    assert route_path({"path": "/csv"}) == "/csv"


@pytest.mark.parametrize(
    ("root_path", "path", "mounted_root_path", "mounted_path"),
    [
        ("", "/csv/numbers", "/csv", "/csv/numbers"),
        ("", "/csv", "/csv", "/csv"),
        ("", "/csv/", "/csv", "/csv/"),
        ("/api", "/api/csv/numbers", "/api/csv", "/api/csv/numbers"),
        ("/api", "/csv/numbers", "/api/csv", "/api/csv/numbers"),
        ("/api/", "/csv/numbers", "/api/csv", "/api/csv/numbers"),
        ("/csv", "/csv/csv/numbers", "/csv/csv", "/csv/csv/numbers"),
        ("/api/v1", "/v1/csv/numbers", "/api/v1/csv", "/api/v1/csv/numbers"),
        # what only looks as if it were there
        ("/csv", "/csv/numbers", "/csv/csv", "/csv/csv/numbers"),
        ("/api/csv", "/csv/numbers", "/api/csv/csv", "/api/csv/csv/numbers"),
    ],
)
def test_mount(root_path: str, path: str, mounted_root_path: str, mounted_path: str) -> None:
    mounted = mount(make_scope(path=path, root_path=root_path), ["/files", "/csv"])
    assert mounted is not None
    prefix, scope = mounted
    assert prefix == "/csv"
    assert (scope["root_path"], scope["path"]) == (mounted_root_path, mounted_path)


@pytest.mark.parametrize("path", ["/csvs", "/csv.txt", "/", "", "/CSV", "/x/csv", "csv"])
def test_a_path_that_is_below_no_prefix(path: str) -> None:
    assert mount(make_scope(path=path), ["/files", "/csv"]) is None


def test_the_scope_itself_stays() -> None:
    scope = make_scope(path="/csv/numbers", root_path="/api")
    mounted = mount(scope, ["/csv"])
    assert mounted is not None
    assert (scope["root_path"], scope["path"]) == ("/api", "/csv/numbers")
    assert mounted[1]["headers"] is scope["headers"]
