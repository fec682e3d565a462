"""Probes: every part of the harness, used on the tiny subject under a real server."""

from __future__ import annotations

from collections.abc import Callable

from asgi_conformance.exchange import Ending
from asgi_conformance.hosting import Subject


def test_probe_answer(subject: Subject) -> None:
    answer = subject.client.get("/two")
    assert (answer.status, answer.body, answer.ending) == (200, b"onetwo", Ending.CLEAN)
    assert subject.record(answer).wait_for_end().how == "returned"


def test_probe_hold(subject: Subject) -> None:
    answer = subject.client.request("GET", "/two", hold=2)
    assert answer.read_chunk() == b"one"
    record = subject.record(answer)
    assert record.wait_for("hold").size == 3
    assert (record.body_bytes_offered, record.body_bytes_sent) == (3, 3)
    assert answer.is_silent(0.05)
    record.release(1)
    assert answer.read_chunk() == b"two"
    assert answer.ending is Ending.CLEAN


def test_probe_broken_stream(subject: Subject) -> None:
    answer = subject.client.get("/break")
    assert answer.body == b"one"
    assert answer.ending in (Ending.TRUNCATED, Ending.RESET)
    assert subject.record(answer).wait_for_end().error == "RuntimeError('broken on purpose')"


def test_probe_hung(subject: Subject) -> None:
    subject.client.deadline = 0.1
    answer = subject.client.get("/wait")
    assert (answer.body, answer.ending) == (b"one", Ending.HUNG)


def test_probe_leave(subject: Subject) -> None:
    for leave in ("close", "reset"):
        answer = subject.client.request("GET", "/wait")
        assert answer.read_chunk() == b"one"
        getattr(answer.connection, leave)()
        subject.record(answer).wait_for(lambda event: event.type == "http.disconnect")


def test_probe_descriptors(subject: Subject) -> None:
    held = subject.files / "held.bin"
    held.write_bytes(b"")
    answer = subject.client.request("GET", "/hold-file")
    assert answer.read_chunk() == b"one"
    assert subject.open_files(held) == [str(held)]
    answer.connection.close()
    assert subject.releases(held)


def test_probe_duplex(subject: Subject) -> None:
    answer = subject.client.request("POST", "/echo", headers=[("Transfer-Encoding", "chunked")])
    for piece in (b"a", b"bc"):
        answer.connection.send_chunk(piece)
        assert answer.read_chunk() == piece
    answer.connection.send_last_chunk()
    assert answer.ending is Ending.CLEAN
    assert subject.record(answer).body_bytes_received == 3


def test_probe_bodies(subject: Subject) -> None:
    for body in (b"12", [b"1", b"2"]):
        assert subject.client.request("POST", "/echo", body=body).body == b"12"


def test_probe_slow_reader(subject: Subject) -> None:
    answer = subject.client.request("GET", "/flood", receive_buffer=4096)
    assert answer.status == 200
    record = subject.record(answer)
    record.wait_for_quiet()
    assert record.ended is None
    assert record.body_bytes_sent < 16 * 1024 * 1024


def test_probe_literal_request(subject: Subject) -> None:
    answer = subject.client.send(b"GET /%2e%2e/x HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (answer.status, answer.body) == (404, b"/../x")


def test_probe_one_connection(subject: Subject) -> None:
    connection = subject.client.connect()
    for path, body in (("/two", b"onetwo"), ("/none", b"/none"), ("/two", b"onetwo")):
        assert subject.client.request("GET", path, connection=connection).body == body


def test_probe_own_server(start_subject: Callable[..., Subject]) -> None:
    own = start_subject(root_path="/mounted", middleware="tiny:shout")
    answer = own.client.get("/two")
    assert answer.body == (b"/MOUNTED/TWO" if own.cell.server == "uvicorn" else b"ONETWO")
    call = own.record(answer).wait_for("call")
    assert call.fields["scope"]["root_path"] == "/mounted"
    own.process.terminate()
    assert own.process.wait(5) is not None
