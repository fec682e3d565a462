"""Files: preconditions in the order of RFC 9110 §13.2.2 (CONTRACT.md, Files)."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.exchange import Exchange
from asgi_conformance.hosting import Subject
from asgi_conformance.material import (
    EXAMPLE_DATE,
    EXAMPLE_DATE_ASCTIME,
    EXAMPLE_DATE_RFC850,
    PlacedFile,
    place_file,
)

_EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT"
_LATER = "Sun, 06 Nov 1994 08:49:38 GMT"


def _place(subject: Subject) -> tuple[PlacedFile, str]:
    placed = place_file(subject.files, b"0123456789")
    return placed, subject.client.get(placed.target).header("etag") or ""


def _ask(subject: Subject, placed: PlacedFile, *headers: tuple[str, str]) -> Exchange:
    return subject.client.get(placed.target, headers=headers)


@check("files-if-none-match-current", rule="bodyless", reference="RFC 9110 §13.1.2")
def test_files_if_none_match_current(subject: Subject) -> None:
    placed, tag = _place(subject)
    connection = subject.client.connect()
    answer = subject.client.request(
        "GET",
        placed.target,
        headers=[("If-None-Match", tag), ("Connection", "close")],
        connection=connection,
    )
    assert answer.status == 304
    assert answer.header("etag") == tag, "a 304 repeats the ETag"
    assert answer.header("content-length") in (None, "10")
    assert answer.header("content-encoding") is None
    assert (answer.body, answer.excess) == (b"", b""), "a 304 has a body"


@check("files-if-none-match-forms", reference="RFC 9110 §13.1.2")
def test_files_if_none_match_forms(subject: Subject) -> None:
    placed, tag = _place(subject)
    expected = {
        f'"other", {tag}': 304,
        f"W/{tag}": 304,
        "*": 304,
        '"other"': 200,
        '"a,b"': 200,
        tag.strip('"'): 200,
    }
    for value, status in expected.items():
        answer = _ask(subject, placed, ("If-None-Match", value))
        assert answer.status == status, f"If-None-Match: {value}"


@check("files-if-match-forms", reference="RFC 9110 §13.1.1")
def test_files_if_match_forms(subject: Subject) -> None:
    placed, tag = _place(subject)
    expected = {tag: 200, f'"other", {tag}': 200, "*": 200, '"other"': 412, f"W/{tag}": 412}
    for value, status in expected.items():
        answer = _ask(subject, placed, ("If-Match", value))
        assert answer.status == status, f"If-Match: {value}"


@check("files-precondition-problem", rule="problem", reference="RFC 9110 §15.5.13")
def test_files_precondition_problem(subject: Subject) -> None:
    placed, _ = _place(subject)
    answer = _ask(subject, placed, ("If-Match", '"other"'))
    assert answer.status == 412
    assert answer.header("content-type") == "application/problem+json"


@check("files-if-modified-since", reference="RFC 9110 §13.1.3")
def test_files_if_modified_since(subject: Subject) -> None:
    placed, _ = _place(subject)
    for value, status in {_EARLIER: 200, EXAMPLE_DATE: 304, _LATER: 304}.items():
        answer = _ask(subject, placed, ("If-Modified-Since", value))
        assert answer.status == status, f"If-Modified-Since: {value}"


@check("files-date-forms", reference="RFC 9110 §5.6.7")
def test_files_date_forms(subject: Subject) -> None:
    placed, _ = _place(subject)
    for value in (EXAMPLE_DATE, EXAMPLE_DATE_RFC850, EXAMPLE_DATE_ASCTIME):
        answer = _ask(subject, placed, ("If-Modified-Since", value))
        assert answer.status == 304, f"If-Modified-Since: {value}"


@check("files-date-malformed", reference="RFC 9110 §13.1.3")
def test_files_date_malformed(subject: Subject) -> None:
    placed, _ = _place(subject)
    for value in ("yesterday", "784111777", "2094-11-06T08:49:37Z", "Sun, 06 Nov 2094 08:49:37"):
        answer = _ask(subject, placed, ("If-Modified-Since", value))
        assert answer.status == 200, f"If-Modified-Since: {value}"
    for value in ("yesterday", "0", "Sun, 06 Nov 1993 08:49:37"):
        answer = _ask(subject, placed, ("If-Unmodified-Since", value))
        assert answer.status == 200, f"If-Unmodified-Since: {value}"


@check("files-if-unmodified-since", reference="RFC 9110 §13.1.4")
def test_files_if_unmodified_since(subject: Subject) -> None:
    placed, _ = _place(subject)
    for value, status in {_EARLIER: 412, EXAMPLE_DATE: 200, _LATER: 200}.items():
        answer = _ask(subject, placed, ("If-Unmodified-Since", value))
        assert answer.status == status, f"If-Unmodified-Since: {value}"


@check("files-precondition-order", reference="RFC 9110 §13.2.2")
def test_files_precondition_order(subject: Subject) -> None:
    placed, tag = _place(subject)
    match, none_match = ("If-Match", tag), ("If-None-Match", tag)
    modified, unmodified = ("If-Modified-Since", _LATER), ("If-Unmodified-Since", _EARLIER)
    expected: list[tuple[int, list[tuple[str, str]]]] = [
        (200, [match, unmodified]),
        (200, [("If-None-Match", '"other"'), modified]),
        (304, [none_match, ("If-Modified-Since", _EARLIER)]),
        (304, [match, none_match]),
        (412, [("If-Match", '"other"'), none_match]),
        (412, [unmodified, none_match]),
        (304, [none_match, ("Range", "bytes=0-1")]),
        (412, [("If-Match", '"other"'), ("Range", "bytes=99-")]),
    ]
    for status, headers in expected:
        assert _ask(subject, placed, *headers).status == status, headers


@check("files-head-conditional", rule="head", reference="RFC 9110 §13.2.2")
def test_files_head_conditional(subject: Subject) -> None:
    placed, tag = _place(subject)
    for status, header in ((304, ("If-None-Match", tag)), (412, ("If-Match", '"other"'))):
        answer = subject.client.head(placed.target, headers=[header])
        assert answer.status == status, header
        assert answer.excess == b"", f"HEAD has a body: {header}"


@check("files-connection-after-bodyless", rule="bodyless", reference="RFC 9112 §6.3")
def test_files_connection_after_bodyless(subject: Subject) -> None:
    placed, tag = _place(subject)
    connection = subject.client.connect()
    for _ in range(2):
        bodyless = subject.client.request(
            "GET", placed.target, headers=[("If-None-Match", tag)], connection=connection
        )
        assert (bodyless.status, bodyless.body) == (304, b"")
        whole = subject.client.request("GET", placed.target, connection=connection)
        assert (whole.status, whole.body) == (200, b"0123456789")
