"""Problem details: RFC 9457."""

from __future__ import annotations

import pytest

from raw_asgi.http.problem import MEDIA_TYPE, Problem


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (400, "Bad Request"),
        (404, "Not Found"),
        (405, "Method Not Allowed"),
        (406, "Not Acceptable"),
        (408, "Request Timeout"),
        (412, "Precondition Failed"),
        (413, "Content Too Large"),
        (415, "Unsupported Media Type"),
        (416, "Range Not Satisfiable"),
        (422, "Unprocessable Content"),
        (500, "Internal Server Error"),
        (503, "Service Unavailable"),
        (507, "Insufficient Storage"),
    ],
)
def test_title(status: int, title: str) -> None:
    assert Problem(status, "x").title == title


def test_body() -> None:
    problem = Problem(405, 'no "\u00e9"', (("Allow", "GET, HEAD"),))
    assert problem.body() == (
        b'{"type":"about:blank","title":"Method Not Allowed","status":405,'
        b'"detail":"no \\"\xc3\xa9\\""}'
    )
    assert problem.as_object() == {
        "type": "about:blank",
        "title": "Method Not Allowed",
        "status": 405,
        "detail": 'no "\u00e9"',
    }
    assert problem.headers == (("Allow", "GET, HEAD"),)


def test_message() -> None:
    assert str(Problem(404, "no such table")) == "404 Not Found: no such table"
    assert Problem(404, "no such table").headers == ()


def test_media_type() -> None:
    assert MEDIA_TYPE == "application/problem+json"
