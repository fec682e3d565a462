"""Files: the whole file, what is said of it, and the methods (CONTRACT.md, Files)."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from asgi_conformance.checks import check
from asgi_conformance.client import eventually
from asgi_conformance.exchange import Ending, Exchange
from asgi_conformance.hosting import Subject
from asgi_conformance.material import EXAMPLE_DATE, place_file

# entity-tag = [ %s"W/" ] DQUOTE *( %x21 / %x23-7E / obs-text ) DQUOTE; without W/ it is strong
_STRONG_TAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')


def _read_disposition(answer: Exchange) -> tuple[str, dict[str, str]]:
    kind, *fields = (answer.header("content-disposition") or "").split(";")
    parameters = {}
    for field in fields:
        name, _, value = field.strip().partition("=")
        parameters[name.lower()] = value.strip('"')
    return kind.strip().lower(), parameters


@check("files-get-whole", reference="RFC 9110 §9.3.1")
def test_files_get_whole(subject: Subject) -> None:
    placed = place_file(subject.files, b"0123456789")
    answer = subject.client.get(placed.target)
    assert (answer.status, answer.body) == (200, b"0123456789")
    assert answer.ending is Ending.CLEAN


@check("files-get-empty", reference="RFC 9110 §8.6")
def test_files_get_empty(subject: Subject) -> None:
    answer = subject.client.get(place_file(subject.files, b"").target)
    assert (answer.status, answer.header("content-length"), answer.body) == (200, "0", b"")


@check("files-get-large", reference="CONTRACT Files", slow=True)
def test_files_get_large(subject: Subject) -> None:
    content = b"".join(b"%07d\n" % number for number in range(400_000))
    answer = subject.client.get(place_file(subject.files, content).target)
    assert answer.ending is Ending.CLEAN
    assert answer.body == content, "the file did not arrive as it is"


@check("files-get-nested", reference="CONTRACT Files")
def test_files_get_nested(subject: Subject) -> None:
    placed = place_file(subject.files, b"below", name="x.bin")
    deep = placed.path.parent / "one" / "two words" / "plus+ü.bin"
    deep.parent.mkdir(parents=True)
    deep.write_bytes(b"deep")
    target = placed.target.replace("x.bin", "one/two%20words/plus+%C3%BC.bin")
    assert subject.client.get(target).body == b"deep"


@check("files-unknown-parameter", reference="CONTRACT Rules: unknown parameters are ignored")
def test_files_unknown_parameter(subject: Subject) -> None:
    assert subject.client.get(place_file(subject.files).target + "?unknown=1").status == 200


@check("files-content-length", reference="RFC 9110 §8.6")
def test_files_content_length(subject: Subject) -> None:
    answer = subject.client.get(place_file(subject.files, b"0123456789").target)
    assert answer.header("content-length") == "10"
    assert answer.header("transfer-encoding") is None


@check("files-last-modified", reference="RFC 9110 §8.8.2")
def test_files_last_modified(subject: Subject) -> None:
    answer = subject.client.get(place_file(subject.files).target)
    assert answer.header("last-modified") == EXAMPLE_DATE


@check("files-accept-ranges", reference="RFC 9110 §14.3")
def test_files_accept_ranges(subject: Subject) -> None:
    answer = subject.client.get(place_file(subject.files).target)
    assert answer.header("accept-ranges") == "bytes"


@check("files-nosniff", reference="CONTRACT Files, X-Content-Type-Options")
def test_files_nosniff(subject: Subject) -> None:
    answer = subject.client.get(place_file(subject.files).target)
    assert answer.header("x-content-type-options") == "nosniff"


@check("files-content-type", reference="CONTRACT Files, Content-Type")
def test_files_content_type(subject: Subject) -> None:
    expected = {
        "a.txt": "text/plain; charset=utf-8",
        "a.HTML": "text/html; charset=utf-8",
        "a.csv": "text/csv; charset=utf-8",
        "a.json": "application/json",
        "a.png": "image/png",
        "a.unheard-of": "application/octet-stream",
        "without": "application/octet-stream",
    }
    for name, content_type in expected.items():
        answer = subject.client.get(place_file(subject.files, name=name).target)
        assert answer.header("content-type") == content_type, name


@check("files-content-type-compressed", reference="CONTRACT Files, Content-Type")
def test_files_content_type_compressed(subject: Subject) -> None:
    expected = {
        "a.tar.gz": "application/gzip",
        "a.csv.gz": "application/gzip",
        "a.tar.bz2": "application/x-bzip2",
        "a.tar.xz": "application/x-xz",
    }
    for name, content_type in expected.items():
        answer = subject.client.get(place_file(subject.files, name=name).target)
        assert answer.header("content-type") == content_type, name
        assert answer.header("content-encoding") is None, name


@check("files-disposition-inline", reference="RFC 6266 §4")
def test_files_disposition_inline(subject: Subject) -> None:
    target = place_file(subject.files, name="report.bin").target
    for query in ("", "?download=0"):
        kind, parameters = _read_disposition(subject.client.get(target + query))
        assert kind == "inline", query
        assert parameters.get("filename", "") == "report.bin", query
        assert parameters.get("filename*", "").lower() == "utf-8''report.bin", query


@check("files-disposition-attachment", reference="RFC 6266 §4.2")
def test_files_disposition_attachment(subject: Subject) -> None:
    target = place_file(subject.files, name="report.bin").target
    kind, parameters = _read_disposition(subject.client.get(target + "?download=1"))
    assert (kind, parameters.get("filename", "")) == ("attachment", "report.bin")


@check("files-disposition-unicode", reference="RFC 8187 §3.2")
def test_files_disposition_unicode(subject: Subject) -> None:
    answer = subject.client.get(place_file(subject.files, name="naïve 雪.bin").target)
    _, parameters = _read_disposition(answer)
    assert parameters.get("filename*", "") == "UTF-8''na%C3%AFve%20%E9%9B%AA.bin"
    assert parameters.get("filename"), "filename is missing beside filename*"
    assert parameters["filename"].isascii(), "filename must be ASCII beside filename*"


@check("files-disposition-line-feed", reference="RFC 9110 §5.5")
def test_files_disposition_line_feed(subject: Subject) -> None:
    answer = subject.client.get(place_file(subject.files, name="a\nb: c.bin").target)
    assert answer.status == 200
    assert "UTF-8''a%0Ab%3A%20c.bin" in (answer.header("content-disposition") or "")


@check("files-download-switch", reference="CONTRACT Rules: a switch is 0 or 1")
def test_files_download_switch(subject: Subject) -> None:
    target = place_file(subject.files).target
    for value in ("2", "yes", "", "01", "true"):
        answer = subject.client.get(f"{target}?download={value}")
        assert answer.status == 422, f"download={value!r}"


@check("files-etag-strong", reference="RFC 9110 §8.8.3")
def test_files_etag_strong(subject: Subject) -> None:
    target = place_file(subject.files).target
    first, second = (subject.client.get(target).header("etag") or "" for _ in range(2))
    assert _STRONG_TAG.fullmatch(first), f"not a strong entity tag: {first!r}"
    assert first == second, "the tag changed, the file did not"


def _wait_for_new_change_time(path: Path, known: int) -> None:
    """Set the modification time anew until the system's coarse clock has moved."""
    modified = path.stat().st_mtime_ns

    def moved() -> bool:
        os.utime(path, ns=(modified, modified))
        return path.stat().st_ctime_ns != known

    assert eventually(moved), "the file system's clock stands still"


@check("files-etag-same-second", reference="RFC 9110 §8.8.1")
def test_files_etag_same_second(subject: Subject) -> None:
    placed = place_file(subject.files, b"before")
    known = placed.path.stat().st_ctime_ns
    before = subject.client.get(placed.target).header("etag")
    placed.path.write_bytes(b"after!")
    os.utime(placed.path, ns=(784111777_000000001, 784111777_000000001))
    _wait_for_new_change_time(placed.path, known)
    assert subject.client.get(placed.target).header("etag") != before


@check("files-etag-restored-time", reference="RFC 9110 §8.8.1")
def test_files_etag_restored_time(subject: Subject) -> None:
    placed = place_file(subject.files, b"before")
    known = placed.path.stat()
    before = subject.client.get(placed.target).header("etag")
    placed.path.write_bytes(b"after!")
    os.utime(placed.path, ns=(known.st_mtime_ns, known.st_mtime_ns))
    _wait_for_new_change_time(placed.path, known.st_ctime_ns)
    assert subject.client.get(placed.target).header("etag") != before


@check("files-last-modified-future", reference="RFC 9110 §8.8.2.1")
def test_files_last_modified_future(subject: Subject) -> None:
    placed = place_file(subject.files)
    os.utime(placed.path, (4102444800, 4102444800))
    assert "2100" not in (subject.client.get(placed.target).header("last-modified") or "")


@check("files-head", rule="head", reference="RFC 9110 §9.3.2")
def test_files_head(subject: Subject) -> None:
    target = place_file(subject.files, name="a.bin").target
    whole, head = subject.client.get(target), subject.client.head(target)
    assert head.status == 200
    for name, value in whole.headers:
        if name not in ("date", "connection"):
            assert head.header(name) == value, f"HEAD and GET differ in {name}"
    assert (head.body, head.excess) == (b"", b""), "HEAD has a body"


@check("files-head-parameters", rule="head", reference="CONTRACT head")
def test_files_head_parameters(subject: Subject) -> None:
    answer = subject.client.head(place_file(subject.files).target + "?download=2")
    assert answer.status == 422
    assert answer.excess == b"", "HEAD has a body"


@check("files-method-unknown", rule="problem", reference="RFC 9110 §15.5.6")
def test_files_method_unknown(subject: Subject) -> None:
    target = place_file(subject.files).target
    for method in ("POST", "DELETE", "PATCH"):
        answer = subject.client.request(method, target, body=b"")
        assert answer.status == 405, method
        allowed = {name.strip() for name in (answer.header("allow") or "").split(",")}
        assert allowed >= {"GET", "HEAD"}, f"{method}: Allow is {allowed}"


@check("files-missing-problem", rule="problem", reference="RFC 9457 §3")
def test_files_missing_problem(subject: Subject) -> None:
    answer = subject.client.get("/files/there-is-no-such-file")
    assert answer.status == 404
    assert answer.header("content-type") == "application/problem+json"
    problem = json.loads(answer.body)
    assert problem.keys() >= {"type", "title", "status", "detail"}
    assert problem["status"] == 404
    assert str(subject.files).encode() not in answer.body, "the problem tells the server's path"
