"""Uploads: what is too large, and what is refused before it is sent (CONTRACT.md, Uploads)."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending, Exchange
from asgi_conformance.hosting import Subject
from asgi_conformance.problems import expect_problem
from asgi_conformance.uploading import HELLO, WORLD_REPR_SHA256, Listing, choose_name, put

_LIMIT = 1048576
_EXPECT = ("Expect", "100-continue")


def _announce(subject: Subject, length: int, *headers: tuple[str, str]) -> Exchange:
    """`PUT` the head alone: what answers it has read nothing of the content."""
    announced = [("Content-Length", str(length)), *headers]
    return subject.client.request("PUT", f"/uploads/{choose_name()}", headers=announced)


@check("uploads-limit-reached", reference="CONTRACT Configuration, MORE_BODY_MAX_UPLOAD_BYTES")
def test_uploads_limit_reached(subject: Subject) -> None:
    name, content = choose_name(), b"01234567" * 131072
    assert put(subject, name, content).status == 201
    assert subject.client.get(f"/files/{name}").body == content


@check("uploads-limit-reached-chunked", reference="CONTRACT Uploads, Content-Length")
def test_uploads_limit_reached_chunked(subject: Subject) -> None:
    body = [b"01234567" * 8192] * 16
    assert subject.client.request("PUT", f"/uploads/{choose_name()}", body=body).status == 201


@check("uploads-limit-announced", reference="RFC 9110 §15.5.14")
def test_uploads_limit_announced(subject: Subject) -> None:
    for length in (_LIMIT + 1, 10 * _LIMIT, 10**15):
        expect_problem(_announce(subject, length), 413, f"Content-Length: {length}")


@check("uploads-limit-announced-huge", reference="RFC 9110 §8.6: anticipate large numerals")
def test_uploads_limit_announced_huge(subject: Subject) -> None:
    # 2^64 - 3 has twenty digits. Beyond, some servers refuse by themselves, as they may.
    assert _announce(subject, 18446744073709551613).status == 413


@check("uploads-limit-nothing-read", reference="CONTRACT Uploads: 413 before a byte is read")
def test_uploads_limit_nothing_read(subject: Subject) -> None:
    answer = subject.client.request(
        "PUT", f"/uploads/{choose_name()}", body=bytes(_LIMIT + 1), hold=1
    )
    record = subject.record(answer)
    record.wait_for("hold")
    assert record.body_bytes_received == 0, "a refused body was read"


@check("uploads-limit-announced-closes", reference="RFC 9112 §9.6")
def test_uploads_limit_announced_closes(subject: Subject) -> None:
    answer = _announce(subject, _LIMIT + 1)
    assert answer.header("connection") == "close"
    assert answer.excess == b"", "the connection is not closed"


@check("uploads-limit-counted", reference="CONTRACT Uploads, Content-Length")
def test_uploads_limit_counted(subject: Subject) -> None:
    target = f"/uploads/{choose_name()}"
    answer = subject.client.request("PUT", target, headers=[("Transfer-Encoding", "chunked")])
    for _ in range(16):
        answer.connection.send_chunk(bytes(65536))
    answer.connection.send_chunk(b"x")
    # The last chunk is never sent: what was counted must do.
    assert answer.status == 413


@check("uploads-limit-counted-closes", reference="RFC 9112 §9.6")
def test_uploads_limit_counted_closes(subject: Subject) -> None:
    target = f"/uploads/{choose_name()}"
    answer = subject.client.request("PUT", target, headers=[("Transfer-Encoding", "chunked")])
    answer.connection.send_chunk(bytes(_LIMIT + 1))
    assert answer.header("connection") == "close"
    assert answer.excess == b"", "the connection is not closed"


@check("uploads-limit-leaves-nothing", reference="CONTRACT Uploads: leaves nothing")
def test_uploads_limit_leaves_nothing(subject: Subject) -> None:
    listing = Listing(subject)
    assert _announce(subject, _LIMIT + 1).status == 413
    assert listing.new == set(), "refused by its Content-Length, and yet there is a file"
    body = [bytes(65536)] * 16 + [b"x"]
    answer = subject.client.request("PUT", f"/uploads/{choose_name()}", body=body)
    assert answer.status == 413
    assert listing.new == set(), "refused by counting, and yet there is a file"


@check("uploads-limit-keeps-old", reference="CONTRACT Uploads: leaves nothing")
def test_uploads_limit_keeps_old(subject: Subject) -> None:
    name = choose_name()
    put(subject, name, b"old").read_all()
    body = [bytes(65536)] * 16 + [b"x"]
    assert subject.client.request("PUT", f"/uploads/{name}", body=body).status == 413
    assert subject.client.get(f"/files/{name}").body == b"old"


@check("uploads-limit-serves-on", reference="CONTRACT Uploads")
def test_uploads_limit_serves_on(subject: Subject) -> None:
    for _ in range(5):
        assert _announce(subject, _LIMIT + 1).status == 413
    assert put(subject, choose_name()).status == 201


@check("uploads-expect-wanted", reference="RFC 9110 §10.1.1")
def test_uploads_expect_wanted(subject: Subject) -> None:
    answer = _announce(subject, 5, _EXPECT)
    connection = answer.connection
    # The body waits for the 100; where none comes, this hangs.
    connection.unread = connection.receive()
    assert connection.unread.startswith(b"HTTP/1.1 100 ")
    connection.send(HELLO)
    assert (answer.status, answer.informational) == (201, [100])


@check("uploads-expect-not-awaited", reference="RFC 9110 §10.1.1: a client may go on at once")
def test_uploads_expect_not_awaited(subject: Subject) -> None:
    answer = put(subject, choose_name(), HELLO, _EXPECT)
    assert (answer.status, answer.ending) == (201, Ending.CLEAN)


@check("uploads-expect-refused", reference="RFC 9110 §10.1.1")
def test_uploads_expect_refused(subject: Subject) -> None:
    assert _announce(subject, _LIMIT + 1, _EXPECT).status == 413
    assert _announce(subject, 5, _EXPECT, ("If-Match", "*")).status == 412
    assert _announce(subject, 5, _EXPECT, ("Content-Range", "bytes 0-4/10")).status == 400
    assert _announce(subject, 5, _EXPECT, ("Content-Encoding", "gzip")).status == 415


@check("uploads-expect-refused-without-100", reference="RFC 9110 §10.1.1")
def test_uploads_expect_refused_without_100(subject: Subject) -> None:
    for field in (
        ("Content-Range", "bytes 0-4/10"),
        ("Content-Encoding", "gzip"),
        ("If-Match", "*"),
        ("Repr-Digest", "sha-256=1"),
    ):
        answer = _announce(subject, 5, _EXPECT, field)
        assert answer.status in (400, 412, 415), field
        assert answer.informational == [], f"{field}: a body that is refused was asked for"
    answer = _announce(subject, _LIMIT + 1, _EXPECT)
    assert (answer.status, answer.informational) == (413, [])


@check("uploads-refused-unread-closes", reference="RFC 9112 §9.6")
def test_uploads_refused_unread_closes(subject: Subject) -> None:
    for field in (
        ("Content-Range", "bytes 0-4/10"),
        ("Content-Encoding", "gzip"),
        ("If-Match", "*"),
        ("Repr-Digest", "sha-256=1"),
    ):
        answer = _announce(subject, 5, field)
        assert answer.status in (400, 412, 415), field
        assert answer.header("connection") == "close", field
    refused = subject.client.request("PUT", "/uploads/.x", headers=[("Content-Length", "5")])
    assert (refused.status, refused.header("connection")) == (422, "close")


@check("uploads-refused-read-keeps", severity="observe", reference="RFC 9112 §9.3")
def test_uploads_refused_read_keeps(subject: Subject) -> None:
    answer = put(subject, choose_name(), HELLO, ("Repr-Digest", WORLD_REPR_SHA256))
    assert (answer.status, answer.header("connection")) == (422, None)


@check("uploads-refused-flow", rule="flow", reference="CONTRACT flow", slow=True)
def test_uploads_refused_flow(subject: Subject) -> None:
    answer = subject.client.request(
        "PUT",
        f"/uploads/{choose_name()}",
        headers=[("Content-Length", str(64 * _LIMIT))],
        hold=1,
    )
    record = subject.record(answer)
    record.wait_for("hold")
    taken = answer.connection.send_until_full(bytes(64 * _LIMIT))
    assert taken < 32 * _LIMIT, f"{taken} bytes were taken that nobody reads"
