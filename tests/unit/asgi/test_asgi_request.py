"""What a scope says of a request: `raw_asgi.asgi.request`."""

from __future__ import annotations

import pytest
from fakes import Client, make_scope

from raw_asgi.asgi.request import Request
from raw_asgi.http.problem import Problem


def _request(*headers: tuple[bytes, bytes], method: str = "GET", query: bytes = b"") -> Request:
    return Request(make_scope(method, "/", *headers, query=query), Client().receive)


def test_fields_of_one_name_are_joined_in_order() -> None:
    request = _request(
        (b"accept", b"text/csv"), (b"host", b"a"), (b"Accept", b" text/html "), (b"ACCEPT", b"*/*")
    )
    assert request.headers == {"accept": "text/csv, text/html, */*", "host": "a"}


def test_fields_are_latin_1() -> None:
    assert _request((b"x-name", b"\xe9\xff")).headers == {"x-name": "\u00e9\u00ff"}


def test_no_fields() -> None:
    assert _request().headers == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"0", 0), (b"12", 12), (b"007", 7), (b" 12 ", 12), (b"9" * 30, 10**30 - 1)],
)
def test_content_length(value: bytes, expected: int) -> None:
    assert _request((b"content-length", value)).content_length == expected


def test_no_content_length() -> None:
    assert _request().content_length is None


@pytest.mark.parametrize(
    "value", [b"", b"x", b"-1", b"+1", b"1_0", b"1.0", b"1e3", b"\xb2", b"1 2"]
)
def test_content_length_that_is_no_number(value: bytes) -> None:
    with pytest.raises(Problem) as caught:
        _ = _request((b"content-length", value)).content_length
    assert (caught.value.status, caught.value.detail) == (400, "Content-Length is not a number")


def test_two_content_lengths_are_no_number() -> None:
    """RFC 9112 §6.3: they may be an attempt at request smuggling."""
    with pytest.raises(Problem):
        _ = _request((b"content-length", b"1"), (b"content-length", b"2")).content_length


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], False),
        ([(b"content-length", b"0")], False),
        ([(b"content-length", b"5")], True),
        ([(b"transfer-encoding", b"chunked")], True),
    ],
)
def test_leaves_body_unread(headers: list[tuple[bytes, bytes]], expected: bool) -> None:
    assert _request(*headers).leaves_body_unread is expected


@pytest.mark.anyio
async def test_leaves_no_body_unread_once_it_was_read() -> None:
    scope = make_scope("PUT", "/", (b"content-length", b"5"))
    request = Request(scope, Client(b"12", b"345").receive)
    assert request.leaves_body_unread
    assert [piece async for piece in request.body] == [b"12", b"345"]
    assert not request.leaves_body_unread


@pytest.mark.parametrize(("method", "expected"), [("HEAD", True), ("GET", False), ("head", False)])
def test_is_head(method: str, expected: bool) -> None:
    assert _request(method=method).is_head is expected


def test_query() -> None:
    assert _request(query=b"limit=3&columns=a,b").query.names("columns") == ("a", "b")


def test_a_scope_need_not_have_what_is_optional() -> None:
    scope = {"type": "http", "method": "GET", "path": "/a", "headers": []}
    request = Request(scope, Client().receive)
    assert (request.root_path, request.path, request.query.text("a")) == ("", "/a", None)
