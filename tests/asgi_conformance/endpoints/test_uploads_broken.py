"""Uploads: those that break off, and those in whose midst others read (CONTRACT.md, Uploads)."""

from __future__ import annotations

import threading
from urllib.parse import quote

import pytest

from asgi_conformance.checks import check
from asgi_conformance.client import eventually
from asgi_conformance.exchange import Ending, Exchange
from asgi_conformance.gathering import SAYS_WHY, gathers, wait_for_bytes, wait_until_left
from asgi_conformance.holding import hold_in_midst
from asgi_conformance.hosting import Subject
from asgi_conformance.uploading import (
    FORM_TYPE,
    Listing,
    begin_put,
    choose_name,
    file_part,
    put,
)


def _begin_chunked(subject: Subject, name: str, first: bytes) -> Exchange:
    headers = [("Transfer-Encoding", "chunked")]
    answer = subject.client.request("PUT", f"/uploads/{name}", headers=headers)
    answer.connection.send_chunk(first)
    wait_for_bytes(subject, answer, len(first))
    return answer


@check("uploads-broken-close", rule="cancel", reference="CONTRACT Uploads: leaves nothing")
def test_uploads_broken_close(subject: Subject) -> None:
    listing = Listing(subject)
    answer = begin_put(subject, choose_name(), 1000, b"x" * 500)
    answer.connection.close()
    wait_until_left(subject, answer)
    assert eventually(lambda: not listing.new), f"left: {listing.new}"


@check("uploads-broken-reset", rule="cancel", reference="CONTRACT Uploads: leaves nothing")
def test_uploads_broken_reset(subject: Subject) -> None:
    listing = Listing(subject)
    answer = begin_put(subject, choose_name(), 1000, b"x" * 500)
    answer.connection.reset()
    wait_until_left(subject, answer)
    assert eventually(lambda: not listing.new), f"left: {listing.new}"


@check("uploads-broken-short", rule="no-clean-end", reference="RFC 9112 §8")
def test_uploads_broken_short(subject: Subject) -> None:
    listing = Listing(subject)
    answer = begin_put(subject, choose_name(), 1000, b"x" * 999)
    answer.connection.half_close()
    wait_until_left(subject, answer)
    assert answer.ending is not Ending.HUNG
    assert b" 201 " not in answer.connection.received, "999 of 1000 bytes were taken for a file"
    assert eventually(lambda: not listing.new), f"left: {listing.new}"


@check("uploads-broken-without-a-byte", rule="cancel", reference="RFC 9112 §8")
def test_uploads_broken_without_a_byte(subject: Subject) -> None:
    listing = Listing(subject)
    answer = begin_put(subject, choose_name(), 1000, b"")
    if not gathers(subject):
        subject.record(answer).wait_for("receive-begin")
    answer.connection.close()
    wait_until_left(subject, answer)
    assert eventually(lambda: not listing.new), f"left: {listing.new}"


@check("uploads-broken-chunked", rule="no-clean-end", reference="RFC 9112 §8")
def test_uploads_broken_chunked(subject: Subject) -> None:
    listing = Listing(subject)
    answer = _begin_chunked(subject, choose_name(), b"x" * 500)
    # All of what was begun is there; only the last chunk is not.
    answer.connection.half_close()
    wait_until_left(subject, answer)
    assert b" 201 " not in answer.connection.received, "a body without its last chunk was taken"
    assert eventually(lambda: not listing.new), f"left: {listing.new}"


@check("uploads-broken-framing", reference="RFC 9112 §7.1")
def test_uploads_broken_framing(subject: Subject) -> None:
    listing = Listing(subject)
    answer = _begin_chunked(subject, choose_name(), b"x" * 500)
    answer.connection.send(b"this is no chunk size\r\n")
    wait_until_left(subject, answer)
    assert answer.ending is not Ending.HUNG
    assert b" 201 " not in answer.connection.received, "a body of bad framing was taken"
    assert eventually(lambda: not listing.new), f"left: {listing.new}"


@check("uploads-broken-keeps-old", rule="cancel", reference="CONTRACT Uploads: old or new")
def test_uploads_broken_keeps_old(subject: Subject) -> None:
    name = choose_name()
    put(subject, name, b"old").read_all()
    answer = begin_put(subject, name, 1000, b"x" * 500)
    answer.connection.reset()
    wait_until_left(subject, answer)
    assert subject.client.get(f"/files/{name}").body == b"old"


@check("uploads-broken-form", rule="cancel", reference="CONTRACT Uploads: all or nothing")
def test_uploads_broken_form(subject: Subject) -> None:
    listing = Listing(subject)
    form = file_part(choose_name(), b"whole") + file_part(choose_name(), b"x" * 500)
    headers = [FORM_TYPE, ("Content-Length", "5000")]
    answer = subject.client.request("POST", "/uploads", headers=headers)
    answer.connection.send(form)
    wait_for_bytes(subject, answer, len(form))
    answer.connection.close()
    wait_until_left(subject, answer)
    assert eventually(lambda: not listing.new), f"left: {listing.new}"


@check("uploads-broken-releases", rule="cancel", reference="CONTRACT cancel")
def test_uploads_broken_releases(subject: Subject) -> None:
    for leave in ("close", "reset"):
        answer = begin_put(subject, choose_name(), 1000, b"x" * 500)
        getattr(answer.connection, leave)()
        wait_until_left(subject, answer)
        assert subject.releases(subject.files), f"after {leave}: {subject.open_files()}"


@check("uploads-broken-is-no-error", rule="cancel", reference="CONTRACT cancel")
def test_uploads_broken_is_no_error(subject: Subject) -> None:
    for leave in ("close", "reset"):
        answer = begin_put(subject, choose_name(), 1000, b"x" * 500)
        getattr(answer.connection, leave)()
        assert wait_until_left(subject, answer) != "raised", f"the application fails after {leave}"
    assert "Traceback" not in subject.output()


@check("uploads-broken-form-is-no-error", rule="cancel", reference="CONTRACT cancel")
def test_uploads_broken_form_is_no_error(subject: Subject) -> None:
    headers = [FORM_TYPE, ("Content-Length", "5000")]
    answer = subject.client.request("POST", "/uploads", headers=headers)
    form = file_part(choose_name(), b"x" * 500)
    answer.connection.send(form)
    wait_for_bytes(subject, answer, len(form))
    answer.connection.reset()
    assert wait_until_left(subject, answer) != "raised"
    assert "Traceback" not in subject.output()


@check("uploads-unfinished-not-served", reference="CONTRACT Uploads: received beside its place")
def test_uploads_unfinished_not_served(subject: Subject) -> None:
    name, listing = choose_name(), Listing(subject)
    answer = begin_put(subject, name, 1000, b"x" * 500)
    assert subject.client.get(f"/files/{name}").status == 404, "half a file is served"
    for path in listing.new:
        assert subject.client.get(f"/files/{quote(path)}").status == 404, f"{path} is served"
    answer.connection.send(b"x" * 500)
    assert answer.status == 201


@check("uploads-unfinished-keeps-old", reference="CONTRACT Uploads: old or new")
def test_uploads_unfinished_keeps_old(subject: Subject) -> None:
    name = choose_name()
    put(subject, name, b"old").read_all()
    answer = begin_put(subject, name, 3, b"ne")
    assert subject.client.get(f"/files/{name}").body == b"old", "the old file is gone too early"
    answer.connection.send(b"w")
    assert answer.status == 200
    assert subject.client.get(f"/files/{name}").body == b"new"


@check("uploads-replaced-while-read", reference="CONTRACT Uploads: old or new")
def test_uploads_replaced_while_read(subject: Subject) -> None:
    name, old = choose_name(), b"o" * 1000000
    put(subject, name, old).read_all()
    reader = hold_in_midst(subject, f"/files/{name}")
    record = subject.record(reader)
    assert put(subject, name, b"n" * 1000000).status == 200
    record.release()
    assert (reader.ending, reader.body == old) == (Ending.CLEAN, True), "the reader saw a mixture"


@check("uploads-replaced-atomically", reference="CONTRACT Uploads: old or new")
def test_uploads_replaced_atomically(subject: Subject) -> None:
    name, contents = choose_name(), (b"a" * 200000, b"b" * 100000)
    put(subject, name, contents[0]).read_all()
    done, seen = threading.Event(), set()

    def read_on() -> None:
        while not done.is_set():
            answer = subject.client.get(f"/files/{name}")
            # Where there is no answer, its ending says so.
            seen.add((answer.connection.received[9:12], answer.ending, answer.body))

    reader = threading.Thread(target=read_on)
    reader.start()
    try:
        for turn in range(1, 21):
            assert put(subject, name, contents[turn % 2]).status == 200
    finally:
        done.set()
        reader.join()
    torn = seen - {(b"200", Ending.CLEAN, content) for content in contents}
    assert not torn, [(status, ending, len(body)) for status, ending, body in torn]


@check("uploads-overlapping", reference="CONTRACT Uploads, Answer")
def test_uploads_overlapping(subject: Subject) -> None:
    name, listing = choose_name(), Listing(subject)
    first = begin_put(subject, name, 6, b"fir")
    second = begin_put(subject, name, 6, b"sec")
    second.connection.send(b"ond")
    assert second.status == 201, "the first that is complete makes the file"
    first.connection.send(b"st!")
    assert first.status == 200, "the other replaces it"
    assert subject.client.get(f"/files/{name}").body == b"first!"
    assert listing.new == {name}


@check("uploads-written-as-taken", rule="flow", reference="CONTRACT flow")
def test_uploads_written_as_taken(subject: Subject) -> None:
    if gathers(subject):
        pytest.skip(SAYS_WHY)
    listing = Listing(subject)
    answer = begin_put(subject, choose_name(), 1000000, b"x" * 900000)
    record = subject.record(answer)
    record.wait_for("receive-begin", count=len(record.select("receive")) + 1)
    sizes = listing.sizes()
    if not sizes:
        pytest.skip("what is received has no name by which its size could be told")
    # One chunk may be on its way; what else was taken from the server is on the disk.
    assert sum(sizes.values()) >= 900000 - 65536, f"900000 bytes were taken, written: {sizes}"
