"""Gzip: streams stay streams, and what breaks stays broken (CONTRACT.md, rule gzip)."""

from __future__ import annotations

import json
import os
import random
from base64 import b64encode

from asgi_conformance.checks import check
from asgi_conformance.coding import (
    GZIP,
    IDENTITY,
    decode_whole,
    expected_coding,
    read_coding,
    require_gzip,
    write_text,
)
from asgi_conformance.event_stream import Channel, Event, EventStream
from asgi_conformance.exchange import Ending, Exchange
from asgi_conformance.holding import hold_in_midst
from asgi_conformance.hosting import Subject
from asgi_conformance.material import place_file
from asgi_conformance.tables import write_numbers_csv, write_numbers_jsonl

_BROKEN = (Ending.TRUNCATED, Ending.RESET)


def _write_noise(size: int) -> bytes:
    """So many bytes of text, a multiple of 4, that hardly shrink; always the same."""
    return b64encode(random.Random(2).randbytes(size // 4 * 3))  # noqa: S311 - no secret


def _expect_whole(subject: Subject, answer: Exchange, expected: bytes) -> None:
    assert (answer.status, read_coding(answer)) == (200, expected_coding(subject))
    assert answer.ending is Ending.CLEAN
    assert decode_whole(answer) == expected, "other bytes after decoding"


@check("gzip-whole-file", rule="gzip", reference="CONTRACT gzip: the same after decoding")
def test_gzip_whole_file(subject: Subject) -> None:
    placed = place_file(subject.files, write_text(3_000_000), suffix=".txt")
    answer = subject.client.get(placed.target, headers=[GZIP])
    _expect_whole(subject, answer, write_text(3_000_000))


@check("gzip-whole-noise", rule="gzip", reference="CONTRACT gzip: the same after decoding")
def test_gzip_whole_noise(subject: Subject) -> None:
    placed = place_file(subject.files, _write_noise(1_000_000), suffix=".txt")
    answer = subject.client.get(placed.target, headers=[GZIP])
    _expect_whole(subject, answer, _write_noise(1_000_000))


@check("gzip-whole-csv", rule="gzip", reference="CONTRACT gzip: the same after decoding")
def test_gzip_whole_csv(subject: Subject) -> None:
    answer = subject.client.get("/csv/numbers?rows=20000", headers=[GZIP])
    _expect_whole(subject, answer, write_numbers_csv(20000))


@check("gzip-whole-jsonl", rule="gzip", reference="CONTRACT gzip: the same after decoding")
def test_gzip_whole_jsonl(subject: Subject) -> None:
    answer = subject.client.get("/jsonl/numbers?rows=20000", headers=[GZIP])
    _expect_whole(subject, answer, write_numbers_jsonl(20000))


@check("gzip-whole-json", rule="gzip", reference="CONTRACT gzip: the same after decoding")
def test_gzip_whole_json(subject: Subject) -> None:
    headers = [GZIP, ("Accept", "application/json")]
    answer = subject.client.get("/jsonl/numbers?rows=5000", headers=headers)
    lines = write_numbers_jsonl(5000).removesuffix(b"\n")
    _expect_whole(subject, answer, b"[" + lines.replace(b"\n", b",") + b"]")


@check("gzip-whole-totals", rule="gzip", reference="CONTRACT gzip: the same after decoding")
def test_gzip_whole_totals(subject: Subject) -> None:
    totals = b"".join(b"1,%d\r\n" % number for number in range(1, 5001))
    answer = subject.client.request(
        "POST",
        "/csv/totals?column=n",
        headers=[GZIP, ("Content-Type", "text/csv")],
        body=b"n\r\n" + b"1\r\n" * 5000,
    )
    _expect_whole(subject, answer, b"n,running_total\r\n" + totals)


@check("gzip-whole-events", rule="gzip", reference="CONTRACT gzip: the same after decoding")
def test_gzip_whole_events(subject: Subject) -> None:
    target = "/events/clock?interval=0.0001&count=100"
    answer = subject.client.get(target, headers=[GZIP])
    assert answer.ending is Ending.CLEAN
    assert decode_whole(answer) == answer.body
    ids = [line for line in answer.body.splitlines() if line.startswith(b"id:")]
    assert len(ids) == 100, "events are missing after decoding"


@check("gzip-flushes-csv", rule="gzip", reference="CONTRACT gzip: decoded when it arrives")
def test_gzip_flushes_csv(subject: Subject) -> None:
    answer = subject.client.request("GET", "/csv/trickle?rows=2&delay=3600", headers=[GZIP])
    assert answer.read_until(b"0.0\r\n") == b"id,name,value\r\n0,item_0,0.0\r\n"


@check("gzip-flushes-jsonl", rule="gzip", reference="CONTRACT gzip: decoded when it arrives")
def test_gzip_flushes_jsonl(subject: Subject) -> None:
    answer = subject.client.request("GET", "/jsonl/trickle?rows=2&delay=3600", headers=[GZIP])
    assert answer.read_until(b"}\n") == b'{"id":0,"name":"item_0","value":0.0}\n'


@check("gzip-flushes-json", rule="gzip", reference="CONTRACT gzip: decoded when it arrives")
def test_gzip_flushes_json(subject: Subject) -> None:
    headers = [GZIP, ("Accept", "application/json")]
    answer = subject.client.request("GET", "/jsonl/trickle?rows=2&delay=3600", headers=headers)
    content = answer.read_until(b"}").removesuffix(b",")
    assert content == b'[{"id":0,"name":"item_0","value":0.0}'


@check("gzip-flushes-totals", rule="gzip", reference="CONTRACT gzip: decoded when it arrives")
def test_gzip_flushes_totals(subject: Subject) -> None:
    headers = [GZIP, ("Content-Type", "text/csv"), ("Transfer-Encoding", "chunked")]
    answer = subject.client.request("POST", "/csv/totals?column=n", headers=headers)
    expected = b"n,running_total\r\n"
    answer.connection.send_chunk(b"n\r\n")
    for total in (1, 2, 3):
        answer.connection.send_chunk(b"1\r\n")
        expected += b"1,%d\r\n" % total
        assert answer.read_until(b"1,%d\r\n" % total) == expected
    answer.connection.send_last_chunk()
    _expect_whole(subject, answer, expected)


@check("gzip-flushes-events", rule="gzip", reference="CONTRACT gzip: decoded when it arrives")
def test_gzip_flushes_events(subject: Subject) -> None:
    channel = Channel(subject.client)
    stream = channel.subscribe(headers=[GZIP])
    for number in ("1", "2", "3"):
        channel.publish("x" * 100)
        assert stream.read_event() == Event(number, "message", "x" * 100)


@check("gzip-flushes-first-chunk", rule="gzip", reference="CONTRACT gzip: decoded when it arrives")
def test_gzip_flushes_first_chunk(subject: Subject) -> None:
    for target in ("/csv/numbers?rows=200000", "/jsonl/numbers?rows=200000"):
        answer = subject.client.request("GET", target, headers=[GZIP], hold=2)
        assert b"item_0" in answer.read_chunk(), f"{target}: the first message tells nothing"
        record = subject.record(answer)
        record.wait_for("hold")
        answer.connection.reset()
        record.wait_for_end()


@check("gzip-client-leaves", rule="cancel", reference="CONTRACT cancel")
def test_gzip_client_leaves(subject: Subject) -> None:
    for target in ("/csv/trickle?rows=2&delay=3600", "/jsonl/endless", "/events/clock"):
        answer = subject.client.request("GET", target, headers=[GZIP], receive_buffer=4096)
        assert answer.read_chunk(), target
        answer.connection.reset()
        ending = subject.record(answer).wait_for_end()
        assert ending.how != "raised", f"{target}: the application raised {ending.error}"


@check("gzip-finished", rule="gzip", reference="RFC 1952 §2.3.1")
def test_gzip_finished(subject: Subject) -> None:
    require_gzip(subject)
    for target in ("/csv/numbers?rows=0", "/csv/numbers?rows=5000", "/jsonl/trickle?rows=1"):
        answer = subject.client.get(target, headers=[GZIP])
        assert answer.ending is Ending.CLEAN, target
        assert read_coding(answer) == "identity" or answer.gzip_complete, target


@check("gzip-broken-csv", rule="no-clean-end", reference="CONTRACT no-clean-end")
def test_gzip_broken_csv(subject: Subject) -> None:
    answer = subject.client.get("/csv/fails-after?rows=1000", headers=[GZIP])
    assert answer.ending in _BROKEN
    assert not answer.gzip_complete, "the gzip stream of a broken answer is whole"
    assert answer.body == write_numbers_csv(1000), "what was made before the failure is not there"


@check("gzip-broken-jsonl", rule="no-clean-end", reference="CONTRACT no-clean-end")
def test_gzip_broken_jsonl(subject: Subject) -> None:
    answer = subject.client.get("/jsonl/fails-after?rows=1000", headers=[GZIP])
    assert answer.ending in _BROKEN
    assert not answer.gzip_complete, "the gzip stream of a broken answer is whole"
    rows, error = answer.body[:-1].rsplit(b"\n", 1)
    assert rows + b"\n" == write_numbers_jsonl(1000)
    assert json.loads(error)["error"]["status"] == 500


@check("gzip-broken-json", rule="no-clean-end", reference="CONTRACT no-clean-end")
def test_gzip_broken_json(subject: Subject) -> None:
    headers = [GZIP, ("Accept", "application/json")]
    answer = subject.client.get("/jsonl/fails-after?rows=100", headers=headers)
    assert answer.ending in _BROKEN
    assert not answer.gzip_complete, "the gzip stream of a broken answer is whole"
    assert b'"item_99"' in answer.body
    assert not answer.body.endswith(b"]")


@check("gzip-broken-events", rule="no-clean-end", reference="CONTRACT no-clean-end")
def test_gzip_broken_events(subject: Subject) -> None:
    answer = subject.client.request("GET", "/events/fails-after?count=2", headers=[GZIP])
    events = EventStream(answer).read_to_end()
    assert answer.ending in _BROKEN
    assert not answer.gzip_complete, "the gzip stream of a broken answer is whole"
    assert [event.type for event in events] == ["message", "message", "error"]


@check("gzip-broken-totals", rule="no-clean-end", reference="CONTRACT no-clean-end")
def test_gzip_broken_totals(subject: Subject) -> None:
    answer = subject.client.request(
        "POST",
        "/csv/totals?column=n",
        headers=[GZIP, ("Content-Type", "text/csv")],
        body=b"n\r\n1\r\n2\r\nx\r\n",
    )
    assert answer.ending in _BROKEN
    assert not answer.gzip_complete, "the gzip stream of a broken answer is whole"
    assert answer.body == b"n,running_total\r\n1,1\r\n2,3\r\n"


@check("gzip-broken-file", rule="no-clean-end", reference="CONTRACT Files: a file that shrinks")
def test_gzip_broken_file(subject: Subject) -> None:
    placed = place_file(subject.files, _write_noise(4_000_000), suffix=".txt")
    answer = hold_in_midst(subject, placed.target, [GZIP])
    record = subject.record(answer)
    os.truncate(placed.path, 1)
    record.release()
    assert answer.ending in _BROKEN
    assert not answer.gzip_complete, "the gzip stream of a broken answer is whole"


@check("gzip-failed-first", rule="first-item", reference="CONTRACT first-item")
def test_gzip_failed_first(subject: Subject) -> None:
    for target in ("/csv/fails-first", "/jsonl/fails-first"):
        answer = subject.client.get(target, headers=[GZIP])
        assert (answer.status, answer.ending) == (500, Ending.CLEAN), target
        assert json.loads(decode_whole(answer))["status"] == 500, target


@check("gzip-shrinks", severity="should", rule="gzip", reference="CONTRACT coalesce")
def test_gzip_shrinks(subject: Subject) -> None:
    require_gzip(subject)
    # A flush for each of many small rows, where none is due, would take most of the gain.
    for target in ("/csv/trickle?rows=3000&delay=0", "/jsonl/numbers?rows=3000"):
        plain = subject.client.get(target, headers=[IDENTITY])
        compressed = subject.client.get(target, headers=[GZIP])
        assert len(compressed.wire_body) < len(plain.wire_body) / 2, target
