"""Files: ranges (RFC 9110 §14; CONTRACT.md, Files)."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending, Exchange
from asgi_conformance.hosting import Subject
from asgi_conformance.material import EXAMPLE_DATE, place_file


def _ask(subject: Subject, value: str, *more: tuple[str, str], target: str = "") -> Exchange:
    target = target or place_file(subject.files, b"0123456789").target
    return subject.client.get(target, headers=[("Range", value), *more])


def _read_parts(answer: Exchange) -> list[tuple[dict[bytes, bytes], bytes]]:
    """The parts of a multipart body: header fields with names in lower case, and content."""
    content_type = answer.header("content-type") or ""
    kind, _, boundary = content_type.partition("; boundary=")
    assert kind == "multipart/byteranges", f"Content-Type is {content_type!r}"
    delimiter = b"\r\n--" + boundary.strip('"').encode()
    _, *parts, end = (b"\r\n" + answer.body).split(delimiter)
    assert end in (b"--", b"--\r\n"), f"the body ends in {end!r}"
    read = []
    for part in parts:
        head, _, content = part.partition(b"\r\n\r\n")
        fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
        read.append(({name.lower(): value for name, value in fields.items()}, content))
    return read


@check("files-range-one", reference="RFC 9110 §14.1.2")
def test_files_range_one(subject: Subject) -> None:
    expected = {
        "bytes=0-0": ("bytes 0-0/10", b"0"),
        "bytes=2-4": ("bytes 2-4/10", b"234"),
        "bytes=7-": ("bytes 7-9/10", b"789"),
        "bytes=-3": ("bytes 7-9/10", b"789"),
        "bytes=-99": ("bytes 0-9/10", b"0123456789"),
        "bytes=8-99": ("bytes 8-9/10", b"89"),
        "bytes=0-99999999999999999999999999": ("bytes 0-9/10", b"0123456789"),
        "bytes=009-0009": ("bytes 9-9/10", b"9"),
    }
    for value, (content_range, body) in expected.items():
        answer = _ask(subject, value)
        assert answer.status == 206, value
        assert answer.header("content-range") == content_range, value
        assert answer.header("content-length") == str(len(body)), value
        assert answer.body == body, value


@check("files-range-headers", reference="RFC 9110 §15.3.7")
def test_files_range_headers(subject: Subject) -> None:
    target = place_file(subject.files).target
    whole, part = subject.client.get(target), _ask(subject, "bytes=2-4", target=target)
    for name in ("etag", "last-modified", "content-type", "content-disposition"):
        assert part.header(name) == whole.header(name), f"200 and 206 differ in {name}"
        assert part.header(name) is not None, f"206 lacks {name}"


@check("files-range-unit-case", reference="RFC 9110 §14.1")
def test_files_range_unit_case(subject: Subject) -> None:
    assert _ask(subject, "Bytes=2-4").status == 206


@check("files-range-unknown-unit", reference="RFC 9110 §14.2")
def test_files_range_unknown_unit(subject: Subject) -> None:
    answer = _ask(subject, "lines=0-1")
    assert (answer.status, answer.body) == (200, b"0123456789")


@check("files-range-malformed", reference="CONTRACT Files: malformed is ignored")
def test_files_range_malformed(subject: Subject) -> None:
    malformed = (
        "bytes=", "bytes", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-1_0", "bytes=+0-1",
        "bytes=0-+1", "bytes=--1", "bytes 0-1", "bytes=0 - 1", "bytes=0-1,x", "bytes=0-1,5-2",
        "bytes=0-1;2-3", "bytes=0x0-1", "0-1",
    )  # fmt: skip
    target = place_file(subject.files, b"0123456789").target
    for value in malformed:
        answer = _ask(subject, value, target=target)
        assert (answer.status, answer.body) == (200, b"0123456789"), f"Range: {value}"


@check("files-range-unsatisfiable", rule="problem", reference="RFC 9110 §15.5.17")
def test_files_range_unsatisfiable(subject: Subject) -> None:
    target = place_file(subject.files, b"0123456789").target
    for value in ("bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99-100,200-"):
        answer = _ask(subject, value, target=target)
        assert answer.status == 416, f"Range: {value}"
        assert answer.header("content-range") == "bytes */10", f"Range: {value}"
        assert answer.header("content-type") == "application/problem+json", f"Range: {value}"


@check("files-range-of-empty", reference="RFC 9110 §14.1.2")
def test_files_range_of_empty(subject: Subject) -> None:
    answer = _ask(subject, "bytes=0-", target=place_file(subject.files, b"").target)
    assert (answer.status, answer.header("content-range")) == (416, "bytes */0")


@check("files-range-set-one-satisfiable", reference="RFC 9110 §15.3.7")
def test_files_range_set_one_satisfiable(subject: Subject) -> None:
    answer = _ask(subject, "bytes=99-100, 2-4")
    assert (answer.status, answer.header("content-range")) == (206, "bytes 2-4/10")
    assert answer.body == b"234"


@check("files-ranges-multipart", reference="RFC 9110 §14.6")
def test_files_ranges_multipart(subject: Subject) -> None:
    content = b"01\r\n--45\r\n89"
    answer = _ask(subject, "bytes=0-3,8-11", target=place_file(subject.files, content).target)
    assert answer.status == 206
    assert answer.header("content-range") is None, "Content-Range beside multipart/byteranges"
    assert answer.ending is Ending.CLEAN
    assert answer.header("content-length") == str(len(answer.wire_body))
    first, second = _read_parts(answer)
    assert first[0][b"content-type"] == b"application/octet-stream"
    assert (first[0][b"content-range"], first[1]) == (b"bytes 0-3/12", b"01\r\n")
    assert (second[0][b"content-range"], second[1]) == (b"bytes 8-11/12", b"\r\n89")


@check("files-ranges-order", reference="CONTRACT Files, Range")
def test_files_ranges_order(subject: Subject) -> None:
    parts = _read_parts(_ask(subject, "bytes=-2, 0-1, ,4-4"))
    ranges = [(fields[b"content-range"], content) for fields, content in parts]
    assert ranges == [
        (b"bytes 8-9/10", b"89"),
        (b"bytes 0-1/10", b"01"),
        (b"bytes 4-4/10", b"4"),
    ]


@check("files-ranges-too-many", reference="RFC 9110 §14.2, CONTRACT Files")
def test_files_ranges_too_many(subject: Subject) -> None:
    target = place_file(subject.files, b"x" * 1000).target
    hundred = "bytes=" + ",".join(f"{start}-{start}" for start in range(0, 200, 2))
    assert len(_read_parts(_ask(subject, hundred, target=target))) == 100
    more = _ask(subject, hundred + ",200-200", target=target)
    assert (more.status, len(more.body)) == (200, 1000)


@check("files-ranges-too-much", reference="CONTRACT Files: more than the file")
def test_files_ranges_too_much(subject: Subject) -> None:
    answer = _ask(subject, "bytes=0-6,3-9")
    assert (answer.status, answer.body) == (200, b"0123456789")


@check("files-range-head", rule="head", reference="RFC 9110 §14.2")
def test_files_range_head(subject: Subject) -> None:
    target = place_file(subject.files, b"0123456789").target
    for value in ("bytes=0-1", "bytes=99-"):
        answer = subject.client.head(target, headers=[("Range", value)])
        assert (answer.status, answer.header("content-length")) == (200, "10"), value
        assert answer.header("content-range") is None, value


@check("files-if-range-tag", reference="RFC 9110 §13.1.5")
def test_files_if_range_tag(subject: Subject) -> None:
    target = place_file(subject.files, b"0123456789").target
    tag = subject.client.get(target).header("etag") or ""
    for value, status in {tag: 206, '"other"': 200, f"W/{tag}": 200}.items():
        answer = _ask(subject, "bytes=2-4", ("If-Range", value), target=target)
        assert answer.status == status, f"If-Range: {value}"
        assert answer.body == (b"234" if status == 206 else b"0123456789"), f"If-Range: {value}"


@check("files-if-range-date", reference="RFC 9110 §13.1.5")
def test_files_if_range_date(subject: Subject) -> None:
    target = place_file(subject.files, b"0123456789").target
    later = "Sun, 06 Nov 1994 08:49:38 GMT"
    for value, status in {EXAMPLE_DATE: 206, later: 200, "yesterday": 200}.items():
        answer = _ask(subject, "bytes=2-4", ("If-Range", value), target=target)
        assert answer.status == status, f"If-Range: {value}"


@check("files-if-range-unsatisfiable", reference="RFC 9110 §13.1.5")
def test_files_if_range_unsatisfiable(subject: Subject) -> None:
    answer = _ask(subject, "bytes=99-", ("If-Range", '"other"'))
    assert (answer.status, answer.body) == (200, b"0123456789")
