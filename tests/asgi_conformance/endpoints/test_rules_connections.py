"""Rules: several requests on a connection, bodies where none belongs, and requests at once."""

from __future__ import annotations

import threading

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending
from asgi_conformance.hosting import Subject
from asgi_conformance.material import place_file
from asgi_conformance.uploading import HELLO, WORLD_REPR_SHA256, choose_name

_ROW = b'{"id":0}\n'
_PING = "/jsonl/numbers?rows=1&columns=id"


def _check_reuse(
    subject: Subject, method: str, target: str, headers: list[tuple[str, str]] | None = None
) -> None:
    """Check that after this request the connection serves another, none of whose bytes are lost."""
    connection = subject.client.connect()
    first = subject.client.request(method, target, headers=headers or [], connection=connection)
    assert first.ending is Ending.CLEAN, f"{method} {target}"
    assert first.header("connection") != "close", f"{method} {target}"
    second = subject.client.request("GET", _PING, connection=connection)
    assert (second.status, second.body) == (200, _ROW), f"after {method} {target}"


@check("rules-reuse-after-stream", reference="RFC 9112 §9.3")
def test_rules_reuse_after_stream(subject: Subject) -> None:
    for target in (
        "/csv/numbers?rows=20000",
        "/csv/empty",
        "/jsonl/numbers?rows=20000",
        "/events/clock?interval=0.001&count=2",
        place_file(subject.files, bytes(300000)).target,
    ):
        _check_reuse(subject, "GET", target)


@check("rules-reuse-after-head", rule="head", reference="RFC 9112 §6.3")
def test_rules_reuse_after_head(subject: Subject) -> None:
    for target in (
        "/csv/endless",
        "/jsonl/endless",
        "/events/clock",
        f"/events/{choose_name('')}",
        place_file(subject.files).target,
        "/files/no-such-file",
    ):
        _check_reuse(subject, "HEAD", target)


@check("rules-reuse-after-problem", rule="problem", reference="RFC 9112 §9.3")
def test_rules_reuse_after_problem(subject: Subject) -> None:
    for target in ("/nothing", "/csv/no_such_table", "/jsonl/numbers?rows=x", "/events/a%20b"):
        _check_reuse(subject, "GET", target)


@check("rules-reuse-after-bodyless", rule="bodyless", reference="RFC 9112 §6.3")
def test_rules_reuse_after_bodyless(subject: Subject) -> None:
    target = place_file(subject.files).target
    tag = subject.client.get(target).header("etag") or ""
    _check_reuse(subject, "GET", target, [("If-None-Match", tag)])
    _check_reuse(subject, "GET", "/events/clock?count=1", [("Last-Event-ID", "1")])


@check("rules-reuse-many", reference="RFC 9112 §9.3")
def test_rules_reuse_many(subject: Subject) -> None:
    connection = subject.client.connect()
    for number in range(50):
        answer = subject.client.request("GET", _PING, connection=connection)
        assert answer.body == _ROW, f"the answer to request {number + 1}"


@check("rules-pipelined", reference="RFC 9112 §9.3.2")
def test_rules_pipelined(subject: Subject) -> None:
    connection = subject.client.connect()
    small = place_file(subject.files, b"0123456789").target
    # All are sent before any answer is read.
    answers = [
        subject.client.request("GET", target, connection=connection)
        for target in ("/csv/numbers?rows=2", small, "/nothing", _PING)
    ]
    assert answers[0].body == b"id,name,value\r\n0,item_0,0.0\r\n1,item_1,1.5\r\n"
    assert answers[1].body == b"0123456789"
    assert answers[2].read_all().status == 404
    assert answers[3].body == _ROW


@check("rules-close-asked-for", reference="RFC 9112 §9.6")
def test_rules_close_asked_for(subject: Subject) -> None:
    for target in ("/csv/numbers?rows=1", _PING, place_file(subject.files).target):
        answer = subject.client.get(target, headers=[("Connection", "close")])
        assert (answer.ending, answer.excess) == (Ending.CLEAN, b""), target


@check("rules-get-with-body", reference="RFC 9110 §9.3.1")
def test_rules_get_with_body(subject: Subject) -> None:
    placed = place_file(subject.files, b"0123456789")
    for target, content in (
        (placed.target, b"0123456789"),
        ("/csv/numbers?rows=0", b"id,name,value\r\n"),
        (_PING, _ROW),
    ):
        answer = subject.client.request("GET", target, body=b"GET /nothing HTTP/1.1\r\n\r\n")
        assert (answer.status, answer.body) == (200, content), target
        chunked = subject.client.request("GET", target, body=[b"{}", b"[]"])
        assert (chunked.status, chunked.body) == (200, content), f"{target}, chunked"


@check("rules-get-with-body-events", reference="RFC 9110 §9.3.1")
def test_rules_get_with_body_events(subject: Subject) -> None:
    answer = subject.client.request("GET", "/events/clock?interval=0.001&count=2", body=b"body")
    assert answer.status == 200
    assert b"id: 2\n" in answer.body
    assert answer.ending is Ending.CLEAN, "a body was taken for the client's leaving"


@check("rules-get-with-body-reuse", reference="RFC 9112 §9.3")
def test_rules_get_with_body_reuse(subject: Subject) -> None:
    connection = subject.client.connect()
    first = subject.client.request("GET", _PING, body=b"HELO", connection=connection)
    assert first.body == _ROW
    if first.header("connection") == "close":
        assert connection.receive_until_closed() == b"", "more than the answer"
    else:
        second = subject.client.request("GET", _PING, connection=connection)
        assert (second.status, second.body) == (200, _ROW), "the body was taken for a request"


@check("rules-refused-body-reuse", reference="RFC 9112 §9.6")
def test_rules_refused_body_reuse(subject: Subject) -> None:
    connection = subject.client.connect()
    first = subject.client.request(
        "PUT",
        f"/uploads/{choose_name()}",
        headers=[("Repr-Digest", WORLD_REPR_SHA256)],
        body=HELLO,
        connection=connection,
    )
    assert first.read_all().status == 422
    if first.header("connection") == "close":
        assert connection.receive_until_closed() == b"", "more than the answer"
    else:
        second = subject.client.request("GET", _PING, connection=connection)
        assert (second.status, second.body) == (200, _ROW), "the body was taken for a request"


def _check_beside(subject: Subject, target: str, count: int) -> None:
    """Check that others are served while that many such exports run and are read."""
    exports = [subject.client.request("GET", target) for _ in range(count)]
    for export in exports:
        export.read_until(b"item_1")
    over = threading.Event()
    taken = [0] * count

    def drain(number: int) -> None:
        while not over.is_set() and (data := exports[number].connection.receive()):
            taken[number] += len(data)

    readers = [threading.Thread(target=drain, args=(number,)) for number in range(count)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(10):
            assert subject.client.get(_PING).body == _ROW
        assert subject.client.get(place_file(subject.files).target).body == b"0123456789"
    finally:
        over.set()
        for reader in readers:
            reader.join()
    assert all(taken), f"the exports did not run beside: {taken}"


@check("rules-beside-endless-csv", rule="coalesce", reference="CONTRACT coalesce", slow=True)
def test_rules_beside_endless_csv(subject: Subject) -> None:
    _check_beside(subject, "/csv/endless", 1)


@check("rules-beside-endless-jsonl", rule="coalesce", reference="CONTRACT coalesce")
def test_rules_beside_endless_jsonl(subject: Subject) -> None:
    _check_beside(subject, "/jsonl/endless", 1)


@check("rules-beside-several", rule="coalesce", reference="CONTRACT coalesce", slow=True)
def test_rules_beside_several(subject: Subject) -> None:
    _check_beside(subject, "/csv/endless", 4)


@check("rules-beside-waiting", rule="coalesce", reference="CONTRACT coalesce")
def test_rules_beside_waiting(subject: Subject) -> None:
    # More than the worker threads that asyncio or AnyIO would lend.
    target = "/csv/trickle?delay=3600"
    for waiting in [subject.client.request("GET", target) for _ in range(45)]:
        waiting.read_until(b"item_0")
    assert subject.client.get(_PING).body == _ROW, "sources that wait hold the others up"


@check("rules-beside-unread", rule="flow", reference="CONTRACT flow", slow=True)
def test_rules_beside_unread(subject: Subject) -> None:
    client = subject.client
    # Plain: to compress 45 of them keeps the processor for seconds, which is not asked about.
    plain = [("Accept-Encoding", "identity")]
    exports = [client.request("GET", "/csv/endless", headers=plain, hold=2) for _ in range(45)]
    for export in exports:
        subject.record(export).wait_for("hold")
    assert client.get(_PING).body == _ROW, "exports that nobody takes hold the others up"
