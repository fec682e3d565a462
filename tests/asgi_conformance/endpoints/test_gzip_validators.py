"""Gzip: entity tags and conditions (CONTRACT.md, Gzip; RFC 9110 §8.8.3.3)."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.coding import (
    GZIP,
    IDENTITY,
    decode_whole,
    list_members,
    read_coding,
    require_gzip,
    write_text,
)
from asgi_conformance.exchange import Exchange
from asgi_conformance.hosting import Subject
from asgi_conformance.material import EXAMPLE_DATE, PlacedFile, place_file


def _place(subject: Subject) -> PlacedFile:
    return place_file(subject.files, write_text(2000), suffix=".txt")


def _read_tag(subject: Subject, placed: PlacedFile, coding: tuple[str, str]) -> str:
    tag = subject.client.get(placed.target, headers=[coding]).header("etag")
    assert tag is not None, "a file without an ETag"
    return tag


def _revalidate(subject: Subject, placed: PlacedFile, tags: str) -> Exchange:
    headers = [GZIP, ("If-None-Match", tags), ("Connection", "close")]
    return subject.client.get(placed.target, headers=headers)


@check("gzip-tag-weak", rule="gzip", reference="RFC 9110 §8.8.3.3")
def test_gzip_tag_weak(subject: Subject) -> None:
    require_gzip(subject)
    assert _read_tag(subject, _place(subject), GZIP).startswith('W/"')


@check("gzip-tag-of-identity", rule="gzip", reference="CONTRACT Files, ETag: strong")
def test_gzip_tag_of_identity(subject: Subject) -> None:
    placed = _place(subject)
    _read_tag(subject, placed, GZIP)
    assert _read_tag(subject, placed, IDENTITY).startswith('"')


@check("gzip-tag-changes", rule="gzip", reference="CONTRACT Files, ETag")
def test_gzip_tag_changes(subject: Subject) -> None:
    placed = _place(subject)
    before = _read_tag(subject, placed, GZIP)
    assert _read_tag(subject, placed, GZIP) == before, "the tag changes while the file stays"
    placed.path.write_bytes(write_text(2001))
    assert _read_tag(subject, placed, GZIP) != before, "the tag stays while the file changes"


@check("gzip-revalidates", rule="gzip", reference="RFC 9110 §13.1.2")
def test_gzip_revalidates(subject: Subject) -> None:
    placed = _place(subject)
    assert _revalidate(subject, placed, _read_tag(subject, placed, GZIP)).status == 304


@check("gzip-revalidates-in-list", rule="gzip", reference="RFC 9110 §13.1.2")
def test_gzip_revalidates_in_list(subject: Subject) -> None:
    placed = _place(subject)
    tag = _read_tag(subject, placed, GZIP)
    assert _revalidate(subject, placed, f'"a", W/"b,c", {tag}, "d"').status == 304


@check("gzip-revalidates-head", rule="gzip", reference="RFC 9110 §13.1.2")
def test_gzip_revalidates_head(subject: Subject) -> None:
    placed = _place(subject)
    tag = _read_tag(subject, placed, GZIP)
    assert subject.client.head(placed.target, headers=[GZIP, ("If-None-Match", tag)]).status == 304


@check("gzip-revalidates-not", rule="gzip", reference="RFC 9110 §13.1.2")
def test_gzip_revalidates_not(subject: Subject) -> None:
    placed = _place(subject)
    tag = _read_tag(subject, placed, GZIP)
    placed.path.write_bytes(write_text(3000))
    answer = _revalidate(subject, placed, tag)
    assert (answer.status, decode_whole(answer)) == (200, write_text(3000))


@check("gzip-not-modified-untouched", rule="bodyless", reference="CONTRACT bodyless")
def test_gzip_not_modified_untouched(subject: Subject) -> None:
    placed = _place(subject)
    answer = _revalidate(subject, placed, _read_tag(subject, placed, GZIP))
    assert (answer.status, read_coding(answer)) == (304, "identity")
    assert answer.excess == b"", "a 304 has a body"


@check("gzip-not-modified-by-date", rule="bodyless", reference="CONTRACT bodyless")
def test_gzip_not_modified_by_date(subject: Subject) -> None:
    headers = [GZIP, ("If-Modified-Since", EXAMPLE_DATE), ("Connection", "close")]
    answer = subject.client.get(_place(subject).target, headers=headers)
    assert (answer.status, read_coding(answer)) == (304, "identity")
    assert answer.excess == b"", "a 304 has a body"


@check("gzip-not-modified-tag", rule="gzip", reference="RFC 9110 §15.4.5")
def test_gzip_not_modified_tag(subject: Subject) -> None:
    placed = _place(subject)
    tag = _read_tag(subject, placed, GZIP)
    assert _revalidate(subject, placed, tag).header("etag") == tag


@check("gzip-not-modified-varies", rule="gzip", reference="RFC 9110 §15.4.5")
def test_gzip_not_modified_varies(subject: Subject) -> None:
    require_gzip(subject)
    placed = _place(subject)
    for coding in (GZIP, IDENTITY):
        headers = [coding, ("If-None-Match", _read_tag(subject, placed, coding))]
        answer = subject.client.get(placed.target, headers=headers)
        assert answer.status == 304, coding
        assert "accept-encoding" in list_members(answer, "vary"), coding


@check("gzip-any-tag", rule="gzip", reference="RFC 9110 §13.1.2")
def test_gzip_any_tag(subject: Subject) -> None:
    assert _revalidate(subject, _place(subject), "*").status == 304


@check("gzip-precondition-strong", rule="gzip", reference="RFC 9110 §13.1.1")
def test_gzip_precondition_strong(subject: Subject) -> None:
    require_gzip(subject)
    placed = _place(subject)
    headers = [GZIP, ("If-Match", _read_tag(subject, placed, GZIP))]
    answer = subject.client.get(placed.target, headers=headers)
    assert answer.status == 412, "a weak tag matches strongly"


@check("gzip-if-range-weak", rule="gzip", reference="RFC 9110 §13.1.5")
def test_gzip_if_range_weak(subject: Subject) -> None:
    require_gzip(subject)
    placed = _place(subject)
    tag = _read_tag(subject, placed, GZIP)
    headers = [GZIP, ("Range", "bytes=0-9"), ("If-Range", tag)]
    answer = subject.client.get(placed.target, headers=headers)
    assert answer.status == 200, "a part of the plain bytes is added to compressed ones"
    assert decode_whole(answer) == write_text(2000)


@check("gzip-if-range-strong", rule="gzip", reference="RFC 9110 §13.1.5")
def test_gzip_if_range_strong(subject: Subject) -> None:
    placed = _place(subject)
    tag = _read_tag(subject, placed, IDENTITY)
    headers = [GZIP, ("Range", "bytes=0-9"), ("If-Range", tag)]
    answer = subject.client.get(placed.target, headers=headers)
    assert (answer.status, read_coding(answer)) == (206, "identity")
    assert answer.wire_body == write_text(10)
    assert answer.header("etag") == tag, "the tag of a part is not that of the whole"
