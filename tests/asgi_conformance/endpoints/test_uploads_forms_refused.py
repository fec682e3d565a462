"""Uploads: forms that are refused, of which nothing is stored (CONTRACT.md, POST /uploads)."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.hosting import Subject
from asgi_conformance.uploading import (
    END,
    FORM_TYPE,
    HELLO,
    Listing,
    choose_name,
    field_part,
    file_part,
    post_form,
)


def _refuse(subject: Subject, status: int, rest: bytes, why: str) -> None:
    """Check that a good file and then `rest` are refused, and that the good one is not stored."""
    listing = Listing(subject)
    answer = post_form(subject, file_part(choose_name(), b"good") + rest)
    assert answer.status == status, why
    assert listing.new == set(), f"{why}: refused, and yet a file is stored"


def _refuse_type(subject: Subject, status: int, value: str | None) -> None:
    headers = [] if value is None else [("Content-Type", value)]
    form, listing = file_part(choose_name(), HELLO) + END, Listing(subject)
    answer = subject.client.request("POST", "/uploads", headers=headers, body=form)
    assert answer.status == status, f"Content-Type: {value}"
    assert listing.new == set(), f"Content-Type: {value}: a file is stored"


@check("uploads-form-other-type", reference="CONTRACT POST /uploads, Content-Type")
def test_uploads_form_other_type(subject: Subject) -> None:
    for value in (
        "application/x-www-form-urlencoded",
        "multipart/mixed; boundary=b",
        "application/octet-stream",
        "multipart/form-data-2; boundary=b",
        "text/plain; x=multipart/form-data; boundary=b",
    ):
        _refuse_type(subject, 415, value)


@check("uploads-form-no-type", reference="CONTRACT POST /uploads, Content-Type")
def test_uploads_form_no_type(subject: Subject) -> None:
    _refuse_type(subject, 415, None)


@check("uploads-form-no-boundary", reference="CONTRACT POST /uploads, Content-Type")
def test_uploads_form_no_boundary(subject: Subject) -> None:
    for value in (
        "multipart/form-data",
        "multipart/form-data; charset=utf-8",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary=""',
    ):
        _refuse_type(subject, 400, value)


@check("uploads-form-without-file", reference="CONTRACT POST /uploads: a form without a file")
def test_uploads_form_without_file(subject: Subject) -> None:
    answer = post_form(subject, field_part() + field_part() + END)
    assert answer.status == 422


@check("uploads-form-breaks-off", reference="CONTRACT POST /uploads: all or nothing")
def test_uploads_form_breaks_off(subject: Subject) -> None:
    second = file_part(choose_name(), b"second")
    for rest, why in (
        (b"", "no closing delimiter"),
        (b"--b", "half a delimiter"),
        (b"--b\r\n", "a delimiter and no part"),
        (second[:40], "in a header"),
        (second[:-12], "in the content"),
        (second, "after a whole part"),
        (second + b"--b-", "one byte short"),
    ):
        _refuse(subject, 400, rest, why)


@check("uploads-form-empty", reference="CONTRACT POST /uploads: all or nothing")
def test_uploads_form_empty(subject: Subject) -> None:
    # It breaks off, and it has no file: both statuses are the contract's.
    assert post_form(subject, b"").status in (400, 422)


@check("uploads-form-no-delimiter", reference="CONTRACT POST /uploads: malformed")
def test_uploads_form_no_delimiter(subject: Subject) -> None:
    for form in (b"hello", b"--other\r\n\r\nhello\r\n--other--\r\n", b'{"a": 1}'):
        assert post_form(subject, form).status == 400, form


@check("uploads-form-malformed-header", reference="CONTRACT POST /uploads: malformed")
def test_uploads_form_malformed_header(subject: Subject) -> None:
    for header in (b"no colon", b": no name", b"bad name: x", b"Content Disposition: form-data"):
        part = b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n%b\r\n\r\n\r\n'
        _refuse(subject, 400, part % header + END, repr(header))


@check("uploads-form-no-disposition", reference="RFC 7578 §4.2")
def test_uploads_form_no_disposition(subject: Subject) -> None:
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    _refuse(subject, 400, part + END, "a part without Content-Disposition")


@check("uploads-form-other-disposition", reference="RFC 7578 §4.2: MUST be form-data")
def test_uploads_form_other_disposition(subject: Subject) -> None:
    part = b'--b\r\nContent-Disposition: attachment; name="f"; filename="%b"\r\n\r\nx\r\n'
    _refuse(subject, 400, part % choose_name().encode() + END, "an attachment")


@check("uploads-form-file-too-large", reference="CONTRACT Uploads: the limit holds for each file")
def test_uploads_form_file_too_large(subject: Subject) -> None:
    _refuse(subject, 413, file_part(choose_name(), bytes(1048577)) + END, "one byte too large")


@check("uploads-form-too-large-counted", reference="CONTRACT Uploads: a file above the limit")
def test_uploads_form_too_large_counted(subject: Subject) -> None:
    listing = Listing(subject)
    headers = [FORM_TYPE, ("Transfer-Encoding", "chunked")]
    answer = subject.client.request("POST", "/uploads", headers=headers)
    # Of this file no end is sent: what was counted must do. The parser may keep back a few
    # bytes that could be the beginning of a delimiter.
    answer.connection.send_chunk(file_part(choose_name(), bytes(1048577 + 16))[:-2])
    assert (answer.status, answer.header("connection")) == (413, "close")
    assert listing.new == set(), "refused, and yet a file is stored"


@check("uploads-form-bad-name", reference="CONTRACT POST /uploads: a bad name")
def test_uploads_form_bad_name(subject: Subject) -> None:
    for name in (".hidden", "..", "dir/.hidden", "dir/", "x" * 256, "é" * 128, "a\u0085b"):
        _refuse(subject, 422, file_part(name, HELLO) + END, repr(name))


@check("uploads-form-empty-name", reference="CONTRACT Uploads: an empty name")
def test_uploads_form_empty_name(subject: Subject) -> None:
    _refuse(subject, 422, file_part("", HELLO) + END, "an empty filename")


@check("uploads-form-bad-name-first", reference="CONTRACT POST /uploads: all or nothing")
def test_uploads_form_bad_name_first(subject: Subject) -> None:
    listing = Listing(subject)
    form = file_part(".hidden", HELLO) + file_part(choose_name(), HELLO) + END
    assert post_form(subject, form).status == 422
    assert listing.new == set()


@check("uploads-form-keeps-old", reference="CONTRACT POST /uploads: all or nothing")
def test_uploads_form_keeps_old(subject: Subject) -> None:
    name = choose_name()
    post_form(subject, file_part(name, b"old") + END).read_all()
    form = file_part(name, b"new") + file_part(".hidden", HELLO) + END
    assert post_form(subject, form).status == 422
    assert subject.client.get(f"/files/{name}").body == b"old"


@check("uploads-form-100-parts", reference="CONTRACT POST /uploads: at most 100 parts")
def test_uploads_form_100_parts(subject: Subject) -> None:
    form = field_part() * 98 + file_part(choose_name(), HELLO) * 2 + END
    assert post_form(subject, form).status == 201


@check("uploads-form-101-fields", reference="CONTRACT POST /uploads: at most 100 parts")
def test_uploads_form_101_fields(subject: Subject) -> None:
    _refuse(subject, 400, field_part() * 100 + END, "one file and 100 fields")


@check("uploads-form-101-files", reference="CONTRACT POST /uploads: at most 100 parts")
def test_uploads_form_101_files(subject: Subject) -> None:
    rest = b"".join(file_part(choose_name(), b"") for _ in range(100))
    _refuse(subject, 400, rest + END, "101 files")


def _part_with_headers(count: int, size: int) -> bytes:
    """A file with so many header lines, of so many bytes each, beside its Content-Disposition."""
    lines = b"".join(b"X-%04d: %b\r\n" % (number, b"x" * (size - 10)) for number in range(count))
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="%b"\r\n'
    return head % choose_name().encode() + lines + b"\r\nhello\r\n"


@check("uploads-form-many-headers", reference="CONTRACT POST /uploads: header section")
def test_uploads_form_many_headers(subject: Subject) -> None:
    assert post_form(subject, _part_with_headers(150, 100) + END).status == 201


@check("uploads-form-long-header", reference="CONTRACT POST /uploads: header section")
def test_uploads_form_long_header(subject: Subject) -> None:
    assert post_form(subject, _part_with_headers(1, 15000) + END).status == 201


@check("uploads-form-too-long-headers", reference="CONTRACT POST /uploads: header section")
def test_uploads_form_too_long_headers(subject: Subject) -> None:
    _refuse(subject, 400, _part_with_headers(170, 100) + END, "170 lines of 100 bytes")


@check("uploads-form-too-long-header", reference="CONTRACT POST /uploads: header section")
def test_uploads_form_too_long_header(subject: Subject) -> None:
    part = file_part(choose_name(), HELLO)
    for long in (b"X: " + b"x" * 17000, b"X" * 17000 + b": x"):
        _refuse(
            subject, 400, part.replace(b"\r\n\r\n", b"\r\n" + long + b"\r\n\r\n", 1) + END, "long"
        )


@check("uploads-form-endless-header", reference="CONTRACT POST /uploads: header section")
def test_uploads_form_endless_header(subject: Subject) -> None:
    headers = [FORM_TYPE, ("Content-Length", "1000000")]
    answer = subject.client.request("POST", "/uploads", headers=headers)
    answer.connection.send(b"--b\r\nX: " + b"x" * 17000)
    assert (answer.status, answer.header("connection")) == (400, "close")


@check("uploads-form-refused-unread", reference="RFC 9112 §9.6")
def test_uploads_form_refused_unread(subject: Subject) -> None:
    for content_type, status in (("text/plain", 415), ("multipart/form-data", 400)):
        headers = [("Content-Type", content_type), ("Content-Length", "1000000")]
        answer = subject.client.request("POST", "/uploads", headers=headers)
        assert (answer.status, answer.header("connection")) == (status, "close"), content_type
