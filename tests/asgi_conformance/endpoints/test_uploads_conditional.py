"""Uploads: preconditions (CONTRACT.md, PUT /uploads/{name}; RFC 9110 §13)."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.hosting import Subject
from asgi_conformance.uploading import Listing, begin_put, choose_name, put

_ANY_NONE = ("If-None-Match", "*")


def _store(subject: Subject, content: bytes = b"old") -> tuple[str, str]:
    """Store a file; its name and its entity tag."""
    name = choose_name()
    assert put(subject, name, content).status == 201
    return name, subject.client.get(f"/files/{name}").header("etag") or ""


def _read(subject: Subject, name: str) -> bytes:
    return subject.client.get(f"/files/{name}").body


@check("uploads-if-none-match-any-new", reference="RFC 9110 §13.1.2")
def test_uploads_if_none_match_any_new(subject: Subject) -> None:
    name = choose_name()
    assert put(subject, name, b"new", _ANY_NONE).status == 201
    assert _read(subject, name) == b"new"


@check("uploads-if-none-match-any-taken", reference="RFC 9110 §13.1.2")
def test_uploads_if_none_match_any_taken(subject: Subject) -> None:
    name, _ = _store(subject)
    assert put(subject, name, b"new", _ANY_NONE).status == 412
    assert _read(subject, name) == b"old", "412, and yet the file is replaced"


@check("uploads-if-none-match-any-not-made-here", reference="RFC 9110 §13.1.2")
def test_uploads_if_none_match_any_not_made_here(subject: Subject) -> None:
    name = choose_name()
    (subject.files / name).write_bytes(b"old")
    assert put(subject, name, b"new", _ANY_NONE).status == 412


@check("uploads-if-none-match-any-race", reference="CONTRACT Uploads, If-None-Match: *")
def test_uploads_if_none_match_any_race(subject: Subject) -> None:
    name, listing = choose_name(), Listing(subject)
    first = begin_put(subject, name, 3, b"a", _ANY_NONE)
    second = begin_put(subject, name, 3, b"b", _ANY_NONE)
    # Both were let in. Now both end.
    second.connection.send(b"bb")
    first.connection.send(b"aa")
    statuses = (first.status, second.status)
    assert sorted(statuses) == [201, 412], f"of two racing requests: {statuses}"
    assert _read(subject, name) == (b"aaa" if statuses[0] == 201 else b"bbb")
    assert listing.new == {name}, "the one that lost left a file"


@check("uploads-if-none-match-any-overtaken", reference="CONTRACT Uploads, If-None-Match: *")
def test_uploads_if_none_match_any_overtaken(subject: Subject) -> None:
    name = choose_name()
    answer = begin_put(subject, name, 3, b"n", _ANY_NONE)
    assert put(subject, name, b"overtook").status == 201
    answer.connection.send(b"ew")
    assert answer.status == 412, "the name was taken before the upload was complete"
    assert _read(subject, name) == b"overtook"


@check("uploads-if-match", reference="RFC 9110 §13.1.1")
def test_uploads_if_match(subject: Subject) -> None:
    name, tag = _store(subject)
    assert put(subject, name, b"new", ("If-Match", tag)).status == 200
    assert _read(subject, name) == b"new"


@check("uploads-if-match-list", reference="RFC 9110 §13.1.1")
def test_uploads_if_match_list(subject: Subject) -> None:
    name, tag = _store(subject)
    assert put(subject, name, b"new", ("If-Match", f'"other", {tag}')).status == 200


@check("uploads-if-match-fails", reference="RFC 9110 §13.1.1")
def test_uploads_if_match_fails(subject: Subject) -> None:
    name, _ = _store(subject)
    assert put(subject, name, b"new", ("If-Match", '"other"')).status == 412
    assert _read(subject, name) == b"old", "412, and yet the file is replaced"


@check("uploads-if-match-weak", reference="RFC 9110 §13.1.1: compared strongly")
def test_uploads_if_match_weak(subject: Subject) -> None:
    name, tag = _store(subject)
    assert put(subject, name, b"new", ("If-Match", f"W/{tag}")).status == 412


@check("uploads-if-match-stale", reference="RFC 9110 §13.1.1")
def test_uploads_if_match_stale(subject: Subject) -> None:
    name, tag = _store(subject)
    put(subject, name, b"oth").read_all()
    assert put(subject, name, b"new", ("If-Match", tag)).status == 412
    assert _read(subject, name) == b"oth"


@check("uploads-if-match-any", reference="RFC 9110 §13.1.1")
def test_uploads_if_match_any(subject: Subject) -> None:
    name, _ = _store(subject)
    assert put(subject, name, b"new", ("If-Match", "*")).status == 200


@check("uploads-if-match-any-missing", reference="RFC 9110 §13.1.1")
def test_uploads_if_match_any_missing(subject: Subject) -> None:
    name, listing = choose_name(), Listing(subject)
    assert put(subject, name, b"new", ("If-Match", "*")).status == 412
    assert listing.new == set(), "412 leaves a file"


@check("uploads-if-match-missing", reference="RFC 9110 §13.1.1")
def test_uploads_if_match_missing(subject: Subject) -> None:
    assert put(subject, choose_name(), b"new", ("If-Match", '"some"')).status == 412


@check("uploads-if-match-overtaken", severity="should", reference="RFC 9110 §13.1.1: lost update")
def test_uploads_if_match_overtaken(subject: Subject) -> None:
    name, tag = _store(subject)
    answer = begin_put(subject, name, 3, b"n", ("If-Match", tag))
    assert put(subject, name, b"overtook").status == 200
    answer.connection.send(b"ew")
    assert answer.status == 412, "what came between is lost"
    assert _read(subject, name) == b"overtook"


@check("uploads-if-none-match-tag", reference="RFC 9110 §13.1.2")
def test_uploads_if_none_match_tag(subject: Subject) -> None:
    name, tag = _store(subject)
    assert put(subject, name, b"new", ("If-None-Match", tag)).status == 412
    assert _read(subject, name) == b"old", "412, and yet the file is replaced"


@check("uploads-if-none-match-weak", reference="RFC 9110 §13.1.2: compared weakly")
def test_uploads_if_none_match_weak(subject: Subject) -> None:
    name, tag = _store(subject)
    assert put(subject, name, b"new", ("If-None-Match", f'"other", W/{tag}')).status == 412


@check("uploads-if-none-match-other", reference="RFC 9110 §13.1.2")
def test_uploads_if_none_match_other(subject: Subject) -> None:
    name, _ = _store(subject)
    assert put(subject, name, b"new", ("If-None-Match", '"other"')).status == 200
    assert _read(subject, name) == b"new"


@check("uploads-if-none-match-missing", reference="RFC 9110 §13.1.2")
def test_uploads_if_none_match_missing(subject: Subject) -> None:
    assert put(subject, choose_name(), b"new", ("If-None-Match", '"some"')).status == 201


@check("uploads-conditional-both", reference="RFC 9110 §13.2.2")
def test_uploads_conditional_both(subject: Subject) -> None:
    name, tag = _store(subject)
    both = (("If-Match", tag), ("If-None-Match", tag))
    assert put(subject, name, b"new", *both).status == 412, "If-None-Match is to be met too"
