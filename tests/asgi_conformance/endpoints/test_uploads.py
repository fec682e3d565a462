"""Uploads: a file that is put, its receipt and its place (CONTRACT.md, PUT /uploads/{name})."""

from __future__ import annotations

import json
from urllib.parse import unquote

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending
from asgi_conformance.gathering import wait_for_bytes
from asgi_conformance.hosting import Subject
from asgi_conformance.uploading import (
    HELLO,
    HELLO_SHA256,
    WORLD_SHA256,
    Listing,
    begin_put,
    choose_name,
    put,
)


@check("uploads-put-new", reference="RFC 9110 §9.3.4")
def test_uploads_put_new(subject: Subject) -> None:
    answer = put(subject, choose_name(), HELLO)
    assert answer.status == 201
    assert answer.ending is Ending.CLEAN


@check("uploads-put-replaced", reference="RFC 9110 §9.3.4")
def test_uploads_put_replaced(subject: Subject) -> None:
    name = choose_name()
    assert put(subject, name, b"old").status == 201
    assert put(subject, name, b"new").status == 200


@check("uploads-put-receipt", reference="CONTRACT Uploads, Answer")
def test_uploads_put_receipt(subject: Subject) -> None:
    name = choose_name()
    answer = put(subject, name, HELLO)
    assert answer.header("content-type") == "application/json"
    assert json.loads(answer.body) == {"name": name, "size": 5, "sha256": HELLO_SHA256}


@check("uploads-put-receipt-replaced", reference="CONTRACT Uploads, Answer")
def test_uploads_put_receipt_replaced(subject: Subject) -> None:
    name = choose_name()
    put(subject, name, HELLO).read_all()
    answer = put(subject, name, b"world")
    assert answer.header("content-type") == "application/json"
    assert json.loads(answer.body) == {"name": name, "size": 5, "sha256": WORLD_SHA256}


@check("uploads-put-location", reference="RFC 9110 §10.2.2")
def test_uploads_put_location(subject: Subject) -> None:
    name = choose_name()
    assert put(subject, name).header("location") == f"/files/{name}", "of the new file"
    assert put(subject, name).header("location") == f"/files/{name}", "of the replaced file"


@check("uploads-put-location-encoded", reference="RFC 3986 §2.1")
def test_uploads_put_location_encoded(subject: Subject) -> None:
    unique = choose_name()
    answer = put(subject, "100%25%20na%C3%AFve%20%E9%9B%AA%3F%23" + unique)
    location = answer.header("location") or ""
    assert location.isascii(), f"Location is no URI: {location!r}"
    assert unquote(location) == f"/files/100% naïve 雪?#{unique}"
    assert subject.client.get(location).body == HELLO, f"the file is not at {location}"


@check("uploads-put-served", reference="CONTRACT Uploads")
def test_uploads_put_served(subject: Subject) -> None:
    name, content = choose_name(), bytes(range(256)) * 300 + b"\r\n--\r\n\x00"
    put(subject, name, content).read_all()
    answer = subject.client.get(f"/files/{name}")
    assert (answer.status, answer.body == content) == (200, True), "other bytes are served"


@check("uploads-put-stored", reference="CONTRACT Configuration, MORE_BODY_FILES")
def test_uploads_put_stored(subject: Subject) -> None:
    name = choose_name()
    put(subject, name, HELLO).read_all()
    stored = subject.files / name
    assert stored.exists(), "the file is not in the directory that is uploaded to"
    assert stored.read_bytes() == HELLO


@check("uploads-put-nothing-beside", reference="CONTRACT Uploads: put in place in one step")
def test_uploads_put_nothing_beside(subject: Subject) -> None:
    name, listing = choose_name(), Listing(subject)
    put(subject, name).read_all()
    assert listing.new == {name}, "an upload leaves more than its file"


@check("uploads-put-empty", reference="CONTRACT Uploads")
def test_uploads_put_empty(subject: Subject) -> None:
    name = choose_name()
    answer = put(subject, name, b"")
    assert answer.status == 201
    assert json.loads(answer.body) == {
        "name": name,
        "size": 0,
        "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
    assert subject.client.get(f"/files/{name}").body == b""


@check("uploads-put-without-length", reference="RFC 9112 §6.3")
def test_uploads_put_without_length(subject: Subject) -> None:
    name = choose_name()
    answer = subject.client.request("PUT", f"/uploads/{name}")
    assert answer.status == 201, "no Content-Length and no Transfer-Encoding are an empty body"
    assert json.loads(answer.body)["size"] == 0


@check("uploads-put-chunked", reference="RFC 9112 §7.1")
def test_uploads_put_chunked(subject: Subject) -> None:
    name = choose_name()
    answer = subject.client.request("PUT", f"/uploads/{name}", body=[b"he", b"l", b"lo"])
    assert answer.status == 201
    assert json.loads(answer.body) == {"name": name, "size": 5, "sha256": HELLO_SHA256}
    assert subject.client.get(f"/files/{name}").body == b"hello"


@check("uploads-put-any-type", reference="CONTRACT Uploads")
def test_uploads_put_any_type(subject: Subject) -> None:
    for content_type in ("text/html", "multipart/form-data; boundary=b", "application/json", "?"):
        name = choose_name()
        assert put(subject, name, b"as it is", ("Content-Type", content_type)).status == 201
        assert subject.client.get(f"/files/{name}").body == b"as it is", content_type


@check("uploads-put-shorter", reference="CONTRACT Uploads")
def test_uploads_put_shorter(subject: Subject) -> None:
    name = choose_name()
    put(subject, name, b"a long content").read_all()
    put(subject, name, b"short").read_all()
    assert subject.client.get(f"/files/{name}").body == b"short"


@check("uploads-put-new-etag", reference="RFC 9110 §8.8.1")
def test_uploads_put_new_etag(subject: Subject) -> None:
    name, tags = choose_name(), set()
    for content in (b"one", b"two", b"six"):
        put(subject, name, content).read_all()
        tags.add(subject.client.get(f"/files/{name}").header("etag"))
    assert len(tags) == 3, f"a replaced file keeps its entity tag: {tags}"


@check("uploads-slow-client", reference="CONTRACT Uploads")
def test_uploads_slow_client(subject: Subject) -> None:
    name = choose_name()
    answer = begin_put(subject, name, 5, b"h")
    for taken, piece in enumerate((b"e", b"l", b"l", b"o"), start=2):
        answer.connection.send(piece)
        wait_for_bytes(subject, answer, taken)
    assert answer.status == 201
    assert json.loads(answer.body)["sha256"] == HELLO_SHA256


@check("uploads-slow-client-alone", rule="coalesce", reference="CONTRACT coalesce")
def test_uploads_slow_client_alone(subject: Subject) -> None:
    begin_put(subject, choose_name(), 5, b"h")
    assert put(subject, choose_name()).status == 201, "an upload that rests keeps another waiting"
    assert subject.client.get("/csv/numbers?rows=1").status == 200


@check("uploads-many-slow-clients", severity="should", rule="flow", reference="CONTRACT flow")
def test_uploads_many_slow_clients(subject: Subject) -> None:
    # More than the worker threads that asyncio or AnyIO would lend.
    for _ in range(45):
        begin_put(subject, choose_name(), 5, b"h")
    assert put(subject, choose_name()).status == 201, "uploads that rest hold a thread each"


@check("uploads-keep-alive", reference="RFC 9112 §9.3")
def test_uploads_keep_alive(subject: Subject) -> None:
    name, connection = choose_name(), subject.client.connect()
    for status, content in ((201, b"first"), (200, b"second")):
        answer = subject.client.request(
            "PUT", f"/uploads/{name}", body=content, connection=connection
        )
        assert (answer.status, answer.ending) == (status, Ending.CLEAN)
    again = subject.client.request("GET", f"/files/{name}", connection=connection)
    assert again.body == b"second"
