"""Gzip: HEAD shows the headers that GET would have (CONTRACT.md, Gzip; RFC 9110 §9.3.2)."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.coding import GZIP, IDENTITY, expected_coding, read_coding, write_text
from asgi_conformance.hosting import Subject
from asgi_conformance.material import place_file

# What the time, the server and the framing add.
_OTHERS = frozenset(
    {"date", "server", "connection", "keep-alive", "transfer-encoding", "content-length"}
)


def _compare(subject: Subject, target: str, *headers: tuple[str, str]) -> None:
    """Assert that HEAD says what GET says."""
    got = subject.client.request("GET", target, headers=headers)
    headed = subject.client.head(target, headers=headers)
    assert headed.status == got.status
    assert headed.excess == b"", "a HEAD has a body"
    expected = sorted(field for field in got.headers if field[0] not in _OTHERS)
    assert sorted(field for field in headed.headers if field[0] not in _OTHERS) == expected
    # What only the content tells may be left out (RFC 9110 §9.3.2); nothing else may be said.
    assert headed.header("content-length") in (None, got.header("content-length"))


@check("gzip-head-file", rule="head", reference="RFC 9110 §9.3.2")
def test_gzip_head_file(subject: Subject) -> None:
    placed = place_file(subject.files, write_text(2000), suffix=".txt")
    _compare(subject, placed.target, GZIP)


@check("gzip-head-small-file", rule="head", reference="RFC 9110 §9.3.2")
def test_gzip_head_small_file(subject: Subject) -> None:
    placed = place_file(subject.files, write_text(499), suffix=".txt")
    _compare(subject, placed.target, GZIP)
    answer = subject.client.head(placed.target, headers=[GZIP])
    assert (read_coding(answer), answer.header("content-length")) == ("identity", "499")


@check("gzip-head-compressed-file", rule="head", reference="RFC 9110 §9.3.2")
def test_gzip_head_compressed_file(subject: Subject) -> None:
    placed = place_file(subject.files, write_text(2000), suffix=".png")
    _compare(subject, placed.target, GZIP)
    answer = subject.client.head(placed.target, headers=[GZIP])
    assert (read_coding(answer), answer.header("content-length")) == ("identity", "2000")


@check("gzip-head-coding", rule="head", reference="RFC 9110 §9.3.2")
def test_gzip_head_coding(subject: Subject) -> None:
    file = place_file(subject.files, write_text(2000), suffix=".txt").target
    for target in (file, "/csv/numbers", "/jsonl/numbers"):
        answer = subject.client.head(target, headers=[GZIP])
        assert read_coding(answer) == expected_coding(subject), target


@check("gzip-head-plain-length", rule="head", reference="RFC 9110 §8.6")
def test_gzip_head_plain_length(subject: Subject) -> None:
    placed = place_file(subject.files, write_text(2000), suffix=".txt")
    answer = subject.client.head(placed.target, headers=[GZIP])
    length = answer.header("content-length")
    assert (length == "2000") is not subject.gzip, f"HEAD tells a Content-Length of {length}"


@check("gzip-head-csv", rule="head", reference="RFC 9110 §9.3.2")
def test_gzip_head_csv(subject: Subject) -> None:
    _compare(subject, "/csv/numbers", GZIP)


@check("gzip-head-jsonl", rule="head", reference="RFC 9110 §9.3.2")
def test_gzip_head_jsonl(subject: Subject) -> None:
    _compare(subject, "/jsonl/numbers", GZIP)


@check("gzip-head-json", rule="head", reference="RFC 9110 §9.3.2")
def test_gzip_head_json(subject: Subject) -> None:
    _compare(subject, "/jsonl/numbers", GZIP, ("Accept", "application/json"))


@check("gzip-head-events", rule="head", reference="RFC 9110 §9.3.2")
def test_gzip_head_events(subject: Subject) -> None:
    _compare(subject, "/events/clock?interval=0.001", GZIP)


@check("gzip-head-identity", rule="head", reference="RFC 9110 §9.3.2")
def test_gzip_head_identity(subject: Subject) -> None:
    placed = place_file(subject.files, write_text(2000), suffix=".txt")
    _compare(subject, placed.target, IDENTITY)
    assert subject.client.head(placed.target, headers=[IDENTITY]).header("content-length") == "2000"


@check("gzip-head-not-modified", rule="head", reference="RFC 9110 §15.4.5")
def test_gzip_head_not_modified(subject: Subject) -> None:
    placed = place_file(subject.files, write_text(2000), suffix=".txt")
    tag = subject.client.get(placed.target, headers=[GZIP]).header("etag") or ""
    _compare(subject, placed.target, GZIP, ("If-None-Match", tag))
