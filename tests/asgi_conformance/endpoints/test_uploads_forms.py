"""Uploads: forms of files, as they should be (CONTRACT.md, POST /uploads; RFC 7578)."""

from __future__ import annotations

import json

import pytest

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending
from asgi_conformance.gathering import SAYS_WHY, gathers
from asgi_conformance.hosting import Subject
from asgi_conformance.uploading import (
    END,
    FORM_TYPE,
    HELLO,
    HELLO_SHA256,
    WORLD_SHA256,
    Listing,
    choose_name,
    field_part,
    file_part,
    post_form,
)

_FIRST_SHA256 = "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e"


def _read(subject: Subject, name: str) -> bytes:
    return subject.client.get(f"/files/{name}").body


@check("uploads-form-one", reference="RFC 7578 §4")
def test_uploads_form_one(subject: Subject) -> None:
    name = choose_name()
    answer = post_form(subject, file_part(name, HELLO) + END)
    assert (answer.status, answer.ending) == (201, Ending.CLEAN)
    assert _read(subject, name) == HELLO


@check("uploads-form-receipts", reference="CONTRACT POST /uploads, Answer")
def test_uploads_form_receipts(subject: Subject) -> None:
    name = choose_name()
    answer = post_form(subject, file_part(name, HELLO) + END)
    assert answer.header("content-type") == "application/json"
    assert json.loads(answer.body) == [
        {"name": name, "size": 5, "sha256": HELLO_SHA256, "location": f"/files/{name}"}
    ]


@check("uploads-form-several", reference="CONTRACT POST /uploads: in the order of the parts")
def test_uploads_form_several(subject: Subject) -> None:
    # Their names do not sort in the order of the parts.
    names = [choose_name(suffix) for suffix in ("-z", "-a", "-m")]
    names.sort(key=lambda name: name[-1], reverse=True)
    contents = (b"world", b"first", b"hello")
    form = b"".join(file_part(*part) for part in zip(names, contents, strict=True)) + END
    receipts = json.loads(post_form(subject, form).body)
    assert [receipt["name"] for receipt in receipts] == names
    assert [receipt["sha256"] for receipt in receipts] == [
        WORLD_SHA256,
        _FIRST_SHA256,
        HELLO_SHA256,
    ]
    assert [_read(subject, name) for name in names] == [b"world", b"first", b"hello"]


@check("uploads-form-later-wins", reference="CONTRACT POST /uploads: the later wins")
def test_uploads_form_later_wins(subject: Subject) -> None:
    name, listing = choose_name(), Listing(subject)
    answer = post_form(subject, file_part(name, b"world") + file_part(name, b"hello") + END)
    assert answer.status == 201
    assert _read(subject, name) == b"hello"
    assert json.loads(answer.body)[-1]["sha256"] == HELLO_SHA256
    assert listing.new == {name}


@check("uploads-form-replaces", reference="CONTRACT POST /uploads, Answer")
def test_uploads_form_replaces(subject: Subject) -> None:
    name = choose_name()
    post_form(subject, file_part(name, b"old") + END).read_all()
    assert post_form(subject, file_part(name, b"new") + END).status == 201
    assert _read(subject, name) == b"new"


@check("uploads-form-nothing-beside", reference="CONTRACT Uploads: put in place in one step")
def test_uploads_form_nothing_beside(subject: Subject) -> None:
    names, listing = {choose_name(), choose_name()}, Listing(subject)
    form = field_part() + b"".join(file_part(name, HELLO) for name in names) + END
    post_form(subject, form).read_all()
    assert listing.new == names


@check("uploads-form-bytes", reference="RFC 2046 §5.1.1")
def test_uploads_form_bytes(subject: Subject) -> None:
    # All bytes, and what only looks like a delimiter: it is not after CR LF, or not whole.
    content = bytes(range(256)) * 20 + b"--b\r\n \r\n-b\r\n--a\r\n\r\n--\r\n-\r\n\r--b--\n--b\r\r\n"
    name = choose_name()
    assert post_form(subject, file_part(name, content) + END).status == 201
    assert _read(subject, name) == content


@check("uploads-form-empty-file", reference="CONTRACT POST /uploads")
def test_uploads_form_empty_file(subject: Subject) -> None:
    name = choose_name()
    answer = post_form(subject, file_part(name, b"") + END)
    assert answer.status == 201
    assert json.loads(answer.body)[0]["size"] == 0
    assert _read(subject, name) == b""


@check("uploads-form-directories", reference="RFC 7578 §4.2: drop path information")
def test_uploads_form_directories(subject: Subject) -> None:
    for directory in ("dir/", "a/b/", "/etc/", "../../", "C:\\fakepath\\", "\\\\host\\share\\"):
        name = choose_name()
        answer = post_form(subject, file_part(directory + name, HELLO) + END)
        assert answer.status == 201, directory
        assert json.loads(answer.body)[0]["name"] == name, directory
        assert _read(subject, name) == HELLO, directory


@check("uploads-form-unicode", reference="RFC 7578 §5.1")
def test_uploads_form_unicode(subject: Subject) -> None:
    name = "Zoë 雪" + choose_name()
    answer = post_form(subject, file_part(name, HELLO) + END)
    assert answer.status == 201
    receipt = json.loads(answer.body)[0]
    assert receipt["name"] == name
    assert receipt["location"].isascii(), receipt["location"]
    assert subject.client.get(receipt["location"]).body == HELLO


@check("uploads-form-fields", reference="CONTRACT POST /uploads: other parts are read over")
def test_uploads_form_fields(subject: Subject) -> None:
    name, listing = choose_name(), Listing(subject)
    form = field_part() + file_part(name, HELLO) + field_part(b"") + END
    answer = post_form(subject, form)
    assert answer.status == 201
    assert [receipt["name"] for receipt in json.loads(answer.body)] == [name]
    assert listing.new == {name}


@check("uploads-form-large-field", reference="CONTRACT POST /uploads: other parts are read over")
def test_uploads_form_large_field(subject: Subject) -> None:
    # The limit is that of a file, and a field is none.
    form = field_part(b"x" * 1500000) + file_part(choose_name(), HELLO) + END
    assert post_form(subject, form).status == 201


@check("uploads-form-limit-each", reference="CONTRACT Uploads: the limit holds for each file")
def test_uploads_form_limit_each(subject: Subject) -> None:
    form = b"".join(file_part(choose_name(), b"x" * 1048576) for _ in range(3)) + END
    answer = post_form(subject, form)
    assert answer.status == 201
    assert [receipt["size"] for receipt in json.loads(answer.body)] == [1048576] * 3


@check("uploads-form-tiny-chunks", reference="CONTRACT POST /uploads")
def test_uploads_form_tiny_chunks(subject: Subject) -> None:
    names = choose_name(), choose_name()
    form = file_part(names[0], b"he\r\n--llo") + field_part() + file_part(names[1], b"world") + END
    answer = subject.client.request(
        "POST", "/uploads", headers=[FORM_TYPE], body=[form[at : at + 1] for at in range(len(form))]
    )
    assert answer.status == 201
    assert [_read(subject, name) for name in names] == [b"he\r\n--llo", b"world"]


@check("uploads-form-byte-by-byte", reference="CONTRACT POST /uploads")
def test_uploads_form_byte_by_byte(subject: Subject) -> None:
    if gathers(subject):
        pytest.skip(SAYS_WHY)
    name = choose_name()
    form = file_part(name, b"\r\n--") + END
    headers = [FORM_TYPE, ("Content-Length", str(len(form)))]
    answer = subject.client.request("POST", "/uploads", headers=headers)
    for at in range(len(form)):
        # One message each, since the one before has arrived.
        answer.connection.send(form[at : at + 1])
        subject.record(answer).wait_for("receive", count=at + 1)
    assert answer.status == 201
    assert _read(subject, name) == b"\r\n--"


@check("uploads-form-quoted-boundary", reference="RFC 2046 §5.1.1")
def test_uploads_form_quoted_boundary(subject: Subject) -> None:
    for boundary in ("a b'()+_,-./:=?z", "x" * 70, "----WebKitFormBoundary7MA4YWxk"):
        name = choose_name()
        form = (file_part(name, HELLO) + END).replace(b"--b", b"--" + boundary.encode())
        content_type = ("Content-Type", f'multipart/form-data; boundary="{boundary}"')
        answer = subject.client.request("POST", "/uploads", headers=[content_type], body=form)
        assert answer.status == 201, boundary
        assert _read(subject, name) == HELLO, boundary


@check("uploads-form-type-case", reference="RFC 9110 §8.3.1")
def test_uploads_form_type_case(subject: Subject) -> None:
    for value in ("Multipart/Form-Data; Boundary=b", "multipart/form-data ;  charset=x;boundary=b"):
        answer = subject.client.request(
            "POST",
            "/uploads",
            headers=[("Content-Type", value)],
            body=file_part(choose_name(), HELLO) + END,
        )
        assert answer.status == 201, value


@check("uploads-form-header-case", reference="RFC 7578 §4.2, RFC 2045 §5.1")
def test_uploads_form_header_case(subject: Subject) -> None:
    name = choose_name()
    form = (
        b'--b\r\ncontent-disposition: Form-Data; NAME="f"; FileName=%b\r\n\r\nhello\r\n--b--\r\n'
    ) % name.encode()
    assert post_form(subject, form).status == 201
    assert _read(subject, name) == HELLO


@check("uploads-form-epilogue", reference="RFC 2046 §5.1.1")
def test_uploads_form_epilogue(subject: Subject) -> None:
    name, listing = choose_name(), Listing(subject)
    after = file_part(choose_name(), b"x")
    form = file_part(name, HELLO) + b"--b--\r\nwhat follows\r\n" + after + END
    assert post_form(subject, form).status == 201
    assert listing.new == {name}, "what follows the form was taken for a part of it"


@check("uploads-form-preamble", severity="observe", reference="RFC 2046 §5.1.1")
def test_uploads_form_preamble(subject: Subject) -> None:
    name = choose_name()
    form = b"what goes before\r\n" + file_part(name, HELLO) + END
    assert post_form(subject, form).status == 201
    assert _read(subject, name) == HELLO
