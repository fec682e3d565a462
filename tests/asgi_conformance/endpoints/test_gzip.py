"""Gzip: what is compressed, what is left alone, and what is said of it (CONTRACT.md, Gzip)."""

from __future__ import annotations

import json

from asgi_conformance.checks import check
from asgi_conformance.coding import (
    GZIP,
    IDENTITY,
    decode_whole,
    expected_coding,
    list_members,
    read_coding,
    require_gzip,
    write_text,
)
from asgi_conformance.exchange import Ending
from asgi_conformance.hosting import Subject
from asgi_conformance.material import place_file
from asgi_conformance.uploading import END, choose_name, file_part, post_form

_TEXTS = (".txt", ".html", ".css", ".csv", ".json", ".xml", ".js")
_COMPRESSED = (".png", ".jpg", ".gif", ".zip", ".gz", ".tar.gz", ".csv.gz", ".mp4", ".mp3")
_STREAMS = ("/csv/numbers?rows=100", "/jsonl/numbers?rows=100", "/csv/people", "/jsonl/people")


@check("gzip-text-files", rule="gzip", reference="CONTRACT Gzip: compressed")
def test_gzip_text_files(subject: Subject) -> None:
    for suffix in _TEXTS:
        placed = place_file(subject.files, write_text(2000), suffix=suffix)
        answer = subject.client.get(placed.target, headers=[GZIP])
        assert read_coding(answer) == expected_coding(subject), suffix
        assert decode_whole(answer) == write_text(2000), suffix


@check("gzip-tables", rule="gzip", reference="CONTRACT Gzip: compressed")
def test_gzip_tables(subject: Subject) -> None:
    for target in _STREAMS:
        answer = subject.client.get(target, headers=[GZIP])
        assert read_coding(answer) == expected_coding(subject), target


@check("gzip-json-forms", rule="gzip", reference="CONTRACT Gzip: compressed")
def test_gzip_json_forms(subject: Subject) -> None:
    for media_type in ("application/jsonl", "application/x-ndjson", "application/json"):
        headers = [GZIP, ("Accept", media_type)]
        answer = subject.client.get("/jsonl/numbers?rows=100", headers=headers)
        assert answer.header("content-type") is not None
        assert read_coding(answer) == expected_coding(subject), media_type


@check("gzip-receipts", rule="gzip", reference="CONTRACT Gzip: compressed")
def test_gzip_receipts(subject: Subject) -> None:
    form = b"".join(file_part(choose_name(), b"hello") for _ in range(10)) + END
    answer = post_form(subject, form, GZIP)
    assert answer.status == 201
    assert read_coding(answer) == expected_coding(subject)
    assert len(json.loads(decode_whole(answer))) == 10


@check("gzip-from-500-bytes", rule="gzip", reference="CONTRACT Gzip: from 500 bytes up")
def test_gzip_from_500_bytes(subject: Subject) -> None:
    placed = place_file(subject.files, write_text(500), suffix=".txt")
    answer = subject.client.get(placed.target, headers=[GZIP])
    assert read_coding(answer) == expected_coding(subject)
    assert decode_whole(answer) == write_text(500)


@check("gzip-not-below-500-bytes", rule="gzip", reference="CONTRACT Gzip: from 500 bytes up")
def test_gzip_not_below_500_bytes(subject: Subject) -> None:
    for size in (0, 1, 499):
        placed = place_file(subject.files, write_text(size), suffix=".txt")
        answer = subject.client.get(placed.target, headers=[GZIP])
        assert read_coding(answer) == "identity", f"{size} bytes"
        assert answer.header("content-length") == str(size), f"{size} bytes"
        assert answer.wire_body == write_text(size), f"{size} bytes"


@check("gzip-unknown-length", rule="gzip", reference="CONTRACT Gzip: of unknown length")
def test_gzip_unknown_length(subject: Subject) -> None:
    answer = subject.client.request("GET", "/csv/trickle?rows=2&delay=3600", headers=[GZIP])
    assert read_coding(answer) == expected_coding(subject)


@check("gzip-not-twice", rule="gzip", reference="CONTRACT Gzip: left alone")
def test_gzip_not_twice(subject: Subject) -> None:
    for suffix in _COMPRESSED:
        placed = place_file(subject.files, write_text(2000), suffix=suffix)
        answer = subject.client.get(placed.target, headers=[GZIP])
        assert read_coding(answer) == "identity", suffix
        assert answer.header("content-length") == "2000", suffix
        assert answer.wire_body == write_text(2000), suffix
        assert not (answer.header("etag") or "").startswith("W/"), suffix


@check("gzip-not-partial", rule="gzip", reference="CONTRACT Gzip: left alone; RFC 9110 §14.4")
def test_gzip_not_partial(subject: Subject) -> None:
    placed = place_file(subject.files, write_text(2000), suffix=".txt")
    answer = subject.client.get(placed.target, headers=[GZIP, ("Range", "bytes=100-1099")])
    assert (answer.status, read_coding(answer)) == (206, "identity")
    assert answer.header("content-range") == "bytes 100-1099/2000"
    assert answer.header("content-length") == "1000"
    assert answer.wire_body == write_text(2000)[100:1100]


@check("gzip-not-multipart", rule="gzip", reference="CONTRACT Gzip: left alone; RFC 9110 §14.6")
def test_gzip_not_multipart(subject: Subject) -> None:
    placed = place_file(subject.files, write_text(2000), suffix=".txt")
    answer = subject.client.get(placed.target, headers=[GZIP, ("Range", "bytes=0-899,950-1899")])
    assert (answer.status, read_coding(answer)) == (206, "identity")
    assert answer.header("content-length") == str(len(answer.wire_body))
    assert b"\r\nContent-Range: bytes 950-1899/2000\r\n".lower() in answer.wire_body.lower()


@check("gzip-not-without-content", rule="bodyless", reference="CONTRACT bodyless")
def test_gzip_not_without_content(subject: Subject) -> None:
    headers = [GZIP, ("Last-Event-ID", "1"), ("Connection", "close")]
    answer = subject.client.request("GET", "/events/clock?count=1", headers=headers)
    assert (answer.status, read_coding(answer)) == (204, "identity")
    assert answer.header("content-length") is None
    assert answer.excess == b"", "a 204 has a body"


@check("gzip-not-small-problems", rule="gzip", reference="CONTRACT Gzip: from 500 bytes up")
def test_gzip_not_small_problems(subject: Subject) -> None:
    answer = subject.client.get("/files/missing", headers=[GZIP])
    assert (answer.status, read_coding(answer)) == (404, "identity")
    assert answer.header("content-length") == str(len(answer.wire_body))


@check("gzip-no-plain-length", rule="gzip", reference="RFC 9110 §8.6")
def test_gzip_no_plain_length(subject: Subject) -> None:
    placed = place_file(subject.files, write_text(2000), suffix=".txt")
    answer = subject.client.get(placed.target, headers=[GZIP])
    assert answer.ending is Ending.CLEAN
    length = answer.header("content-length")
    assert length in (None, str(len(answer.wire_body))), f"a Content-Length of {length}"


@check("gzip-identity-length", rule="gzip", reference="RFC 9110 §8.6")
def test_gzip_identity_length(subject: Subject) -> None:
    placed = place_file(subject.files, write_text(2000), suffix=".txt")
    answer = subject.client.get(placed.target, headers=[IDENTITY])
    assert answer.header("content-length") == "2000"
    assert answer.wire_body == write_text(2000)


@check("gzip-other-fields-stay", rule="gzip", reference="RFC 9110 §8.4")
def test_gzip_other_fields_stay(subject: Subject) -> None:
    file = place_file(subject.files, write_text(2000), suffix=".txt").target
    for target in (file, "/csv/numbers", "/jsonl/numbers"):
        plain = subject.client.get(target, headers=[IDENTITY])
        compressed = subject.client.get(target, headers=[GZIP])
        for name in (
            *("content-type", "content-disposition", "last-modified"),
            *("x-content-type-options", "cache-control"),
        ):
            assert compressed.header(name) == plain.header(name), f"{name} of {target}"


@check("gzip-said-once", rule="gzip", reference="RFC 9110 §8.4")
def test_gzip_said_once(subject: Subject) -> None:
    require_gzip(subject)
    for target in ("/csv/numbers", "/jsonl/numbers"):
        answer = subject.client.get(target, headers=[GZIP])
        assert [value for name, value in answer.headers if name == "content-encoding"] == ["gzip"]
        assert list_members(answer, "vary").count("accept-encoding") == 1, target


@check("gzip-varies", rule="gzip", reference="RFC 9110 §12.5.5")
def test_gzip_varies(subject: Subject) -> None:
    require_gzip(subject)
    file = place_file(subject.files, write_text(2000), suffix=".txt").target
    for target in (file, "/csv/numbers", "/jsonl/numbers"):
        answer = subject.client.get(target, headers=[GZIP])
        assert "accept-encoding" in list_members(answer, "vary"), target


@check("gzip-varies-for-identity", rule="gzip", reference="RFC 9110 §12.5.5")
def test_gzip_varies_for_identity(subject: Subject) -> None:
    require_gzip(subject)
    file = place_file(subject.files, write_text(2000), suffix=".txt").target
    for target in (file, "/csv/numbers", "/jsonl/numbers"):
        for value in ("identity", "gzip;q=0", "br", ""):
            answer = subject.client.get(target, headers=[("Accept-Encoding", value)])
            members = list_members(answer, "vary")
            assert "accept-encoding" in members, f"{target}, Accept-Encoding: {value}"


@check("gzip-varies-beside-accept", rule="gzip", reference="RFC 9110 §12.5.5")
def test_gzip_varies_beside_accept(subject: Subject) -> None:
    require_gzip(subject)
    for coding in (GZIP, IDENTITY):
        answer = subject.client.get("/jsonl/numbers", headers=[coding])
        assert {"accept", "accept-encoding"} <= set(list_members(answer, "vary")), coding


@check("gzip-varies-events", rule="gzip", reference="RFC 9110 §12.5.5")
def test_gzip_varies_events(subject: Subject) -> None:
    require_gzip(subject)
    target = "/events/clock?interval=0.001&count=1"
    if read_coding(subject.client.get(target, headers=[GZIP])) == "identity":
        return  # it may be left alone
    answer = subject.client.get(target, headers=[IDENTITY])
    assert "accept-encoding" in list_members(answer, "vary")


@check("gzip-answers-apart", rule="gzip", reference="CONTRACT Gzip")
def test_gzip_answers_apart(subject: Subject) -> None:
    # A list of headers that is kept and changed in place tells the next client something wrong.
    file = place_file(subject.files, write_text(2000), suffix=".txt").target
    for target in (file, "/csv/numbers?rows=100", "/jsonl/numbers?rows=100"):
        for coding in (GZIP, IDENTITY, GZIP, IDENTITY):
            answer = subject.client.get(target, headers=[coding])
            expected = expected_coding(subject) if coding == GZIP else "identity"
            assert read_coding(answer) == expected, target
            assert decode_whole(answer) == answer.body, target


@check("gzip-same-connection", rule="gzip", reference="RFC 9112 §9.3")
def test_gzip_same_connection(subject: Subject) -> None:
    placed = place_file(subject.files, write_text(2000), suffix=".txt")
    connection = subject.client.connect()
    for method in ("GET", "HEAD", "GET"):
        answer = subject.client.request(
            method, placed.target, headers=[GZIP], connection=connection
        ).read_all()
        assert (answer.status, answer.ending) == (200, Ending.CLEAN), method
        assert answer.body == (b"" if method == "HEAD" else write_text(2000)), method
