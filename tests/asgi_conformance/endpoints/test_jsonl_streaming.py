"""JSON Lines: what happens while a table is sent (CONTRACT.md, Rules for every endpoint)."""

from __future__ import annotations

import json

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending
from asgi_conformance.hosting import Subject
from asgi_conformance.problems import expect_problem
from asgi_conformance.tables import write_numbers_jsonl

_MEBIBYTE = 1024 * 1024
_BROKEN = (Ending.TRUNCATED, Ending.RESET)
_ARRAY = [("Accept", "application/json")]
_NDJSON = [("Accept", "application/x-ndjson")]
# Compressed, it would take long to fill the buffers on the way, and how long is not the question.
_IDENTITY = ("Accept-Encoding", "identity")
_ROW_0 = b'{"id":0,"name":"item_0","value":0.0}'
_ROW_1 = b'{"id":1,"name":"item_1","value":1.5}'
_ROW_2 = b'{"id":2,"name":"item_2","value":3.0}'


def _expect_error_line(line: bytes) -> None:
    """Assert that a line, LF included, is the contract's last one after a failure."""
    assert line.count(b"\n") == 1, f"not one line: {line!r}"
    assert line.endswith(b"\n"), f"not a whole line: {line!r}"
    said = json.loads(line)
    assert list(said) == ["error"], line
    assert isinstance(said["error"], dict), line
    assert said["error"].keys() >= {"type", "title", "status", "detail"}, line
    assert said["error"]["status"] == 500, line


@check("jsonl-failure-first", rule="first-item", reference="CONTRACT first-item")
def test_jsonl_failure_first(subject: Subject) -> None:
    for headers in ([], _NDJSON, _ARRAY):
        answer = subject.client.get("/jsonl/fails-first", headers=headers)
        expect_problem(answer, 500, str(headers))
    expect_problem(subject.client.get("/jsonl/fails-first?batch=2"), 500, "batch=2")


@check("jsonl-failure-breaks", rule="no-clean-end", reference="RFC 9112 §8")
def test_jsonl_failure_breaks(subject: Subject) -> None:
    for headers in ([], _NDJSON, _ARRAY):
        answer = subject.client.get("/jsonl/fails-after?rows=1", headers=headers)
        assert answer.status == 200, headers
        assert answer.ending in _BROKEN, headers


@check("jsonl-failure-error-line", rule="no-clean-end", reference="CONTRACT no-clean-end")
def test_jsonl_failure_error_line(subject: Subject) -> None:
    for headers in ([], _NDJSON):
        answer = subject.client.get("/jsonl/fails-after?rows=2", headers=headers)
        rows = _ROW_0 + b"\n" + _ROW_1 + b"\n"
        assert answer.body.startswith(rows), headers
        _expect_error_line(answer.body.removeprefix(rows))


@check("jsonl-failure-tells-nothing", rule="problem", reference="CONTRACT problem")
def test_jsonl_failure_tells_nothing(subject: Subject) -> None:
    for table in ("fails-after?rows=1", "broken_text"):
        text = subject.client.get(f"/jsonl/{table}").body.decode()
        assert str(subject.settings.database) not in text, table
        assert "Traceback" not in text, table
        assert ".py" not in text, table


@check("jsonl-failure-array", rule="no-clean-end", reference="CONTRACT no-clean-end")
def test_jsonl_failure_array(subject: Subject) -> None:
    answer = subject.client.get("/jsonl/fails-after?rows=2", headers=_ARRAY)
    # The comma of a row that never came may have left with the row before it.
    assert answer.body.removesuffix(b",") == b"[" + _ROW_0 + b"," + _ROW_1
    assert answer.ending in _BROKEN


@check("jsonl-failure-batch", rule="no-clean-end", reference="CONTRACT no-clean-end")
def test_jsonl_failure_batch(subject: Subject) -> None:
    answer = subject.client.get("/jsonl/fails-after?rows=3&batch=2")
    rows = b"[" + _ROW_0 + b"," + _ROW_1 + b"]\n[" + _ROW_2 + b"]\n"
    assert answer.body.startswith(rows), "the rows before the failure are not all there"
    _expect_error_line(answer.body.removeprefix(rows))
    assert answer.ending in _BROKEN


@check("jsonl-failure-late", rule="no-clean-end", reference="CONTRACT no-clean-end")
def test_jsonl_failure_late(subject: Subject) -> None:
    answer = subject.client.request(
        "GET", "/jsonl/fails-after?rows=12000", headers=[_IDENTITY], receive_buffer=65536
    )
    # Nothing is taken, of more than the system's buffers hold, before the application waits for
    # that, or has failed and the server has had the time to find out.
    subject.record(answer).wait_for_quiet()
    assert subject.client.get("/jsonl/empty").status == 200
    rows = write_numbers_jsonl(12_000)
    assert answer.body.startswith(rows), "the rows before the failure are not all there"
    _expect_error_line(answer.body.removeprefix(rows))
    assert answer.ending in _BROKEN


@check("jsonl-broken-text", rule="no-clean-end", reference="CONTRACT Values: rows before it")
def test_jsonl_broken_text(subject: Subject) -> None:
    answer = subject.client.get("/jsonl/broken_text")
    rows = b'{"id":1,"text":"one"}\n{"id":2,"text":"two"}\n{"id":3,"text":"three"}\n'
    assert answer.body.startswith(rows), "the rows before the failure are not all there"
    _expect_error_line(answer.body.removeprefix(rows))
    assert answer.ending in _BROKEN


@check("jsonl-first-row-at-once", rule="coalesce", reference="CONTRACT coalesce", slow=True)
def test_jsonl_first_row_at_once(subject: Subject) -> None:
    target = "/jsonl/trickle?rows=2&delay=3600"
    for headers in ([], _NDJSON):
        answer = subject.client.request("GET", target, headers=headers)
        assert answer.read_until(b"\n") == _ROW_0 + b"\n", headers
    answer = subject.client.request("GET", target + "&batch=1")
    assert answer.read_until(b"\n") == b"[" + _ROW_0 + b"]\n"


@check("jsonl-array-streamed", rule="coalesce", reference="CONTRACT application/json: streamed")
def test_jsonl_array_streamed(subject: Subject) -> None:
    target = "/jsonl/trickle?rows=2&delay=3600"
    answer = subject.client.request("GET", target, headers=_ARRAY)
    assert answer.read_until(b"}") == b"[" + _ROW_0


@check("jsonl-chunk-before-next", rule="coalesce", reference="CONTRACT coalesce", slow=True)
def test_jsonl_chunk_before_next(subject: Subject) -> None:
    answer = subject.client.request("GET", "/jsonl/numbers?rows=100000", hold=2)
    assert answer.read_chunk().startswith(_ROW_0 + b"\n")
    record = subject.record(answer)
    record.wait_for("hold")
    record.release()
    assert answer.ending is Ending.CLEAN


@check("jsonl-few-messages", rule="coalesce", reference="CONTRACT coalesce", slow=True)
def test_jsonl_few_messages(subject: Subject) -> None:
    for headers in ([], _ARRAY):
        answer = subject.client.get("/jsonl/numbers?rows=50000", headers=headers)
        assert answer.ending is Ending.CLEAN
        record = subject.record(answer)
        record.wait_for_end()
        messages = len(record.select("send-begin", "http.response.body"))
        assert messages <= 1000, f"{headers}: 50000 rows leave in {messages} messages"


@check("jsonl-slow-reader", rule="flow", reference="CONTRACT flow", slow=True)
def test_jsonl_slow_reader(subject: Subject) -> None:
    for accept in ("application/jsonl", "application/json"):
        headers = [("Accept", accept), _IDENTITY]
        answer = subject.client.request(
            "GET", "/jsonl/endless", headers=headers, receive_buffer=4096
        )
        assert answer.status == 200
        record = subject.record(answer)
        record.wait_for_quiet()
        assert record.body_bytes_offered < 16 * _MEBIBYTE, accept
        answer.connection.reset()


@check("jsonl-client-resets", rule="cancel", reference="CONTRACT cancel")
def test_jsonl_client_resets(subject: Subject) -> None:
    for headers in ([], _NDJSON, _ARRAY):
        answer = subject.client.request(
            "GET", "/jsonl/endless", headers=headers, receive_buffer=4096
        )
        assert answer.read_chunk()
        answer.connection.reset()
        subject.record(answer).wait_for_end()


@check("jsonl-client-leaves-silence", rule="cancel", reference="CONTRACT cancel")
def test_jsonl_client_leaves_silence(subject: Subject) -> None:
    answer = subject.client.request("GET", "/jsonl/trickle?rows=2&delay=3600")
    answer.read_until(b"\n")
    answer.connection.close()
    subject.record(answer).wait_for_end()


@check("jsonl-leaving-is-no-error", rule="cancel", reference="CONTRACT cancel")
def test_jsonl_leaving_is_no_error(subject: Subject) -> None:
    for target in ("/jsonl/endless", "/jsonl/trickle?rows=2&delay=3600"):
        answer = subject.client.request("GET", target, receive_buffer=4096)
        assert answer.read_chunk()
        answer.connection.reset()
        outcome = subject.record(answer).wait_for_end()
        assert outcome.how != "raised", f"{target}: the application raised {outcome.error}"
    assert "Traceback" not in subject.output()


@check("jsonl-head-media-type", rule="head", reference="RFC 9110 §9.3.2")
def test_jsonl_head_media_type(subject: Subject) -> None:
    for headers in ([], _NDJSON, _ARRAY):
        got = subject.client.get("/jsonl/people", headers=headers)
        asked = subject.client.head("/jsonl/people", headers=headers)
        assert (asked.status, asked.body) == (200, b""), headers
        assert asked.header("content-type") == got.header("content-type"), headers


@check("jsonl-head", rule="head", reference="CONTRACT Gzip: HEAD shows the headers of GET")
def test_jsonl_head(subject: Subject) -> None:
    got, asked = subject.client.get("/jsonl/numbers"), subject.client.head("/jsonl/numbers")
    for name in ("content-encoding", "vary"):
        assert asked.header(name) == got.header(name), name


@check("jsonl-head-endless", rule="head", reference="CONTRACT head")
def test_jsonl_head_endless(subject: Subject) -> None:
    for headers in ([], _ARRAY):
        answer = subject.client.head("/jsonl/endless", headers=headers)
        assert (answer.status, answer.ending) == (200, Ending.CLEAN), headers
        assert answer.excess == b"", headers
        subject.record(answer).wait_for_end()


@check("jsonl-head-length", rule="head", reference="RFC 9110 §8.6")
def test_jsonl_head_length(subject: Subject) -> None:
    length = subject.client.head("/jsonl/numbers?rows=3").header("content-length")
    got = subject.client.get("/jsonl/numbers?rows=3").header("content-length")
    assert length in (None, got), f"Content-Length: {length} is not that of GET"


@check("jsonl-head-starts-nothing", rule="head", reference="CONTRACT head: starts no producer")
def test_jsonl_head_starts_nothing(subject: Subject) -> None:
    answer = subject.client.head("/jsonl/fails-first")
    assert answer.status == 200, "the source was asked for its first row"
    assert answer.excess == b""


@check("jsonl-head-parameters", rule="head", reference="CONTRACT head: parameters are checked")
def test_jsonl_head_parameters(subject: Subject) -> None:
    wrong = ("limit=x", "columns=none", "columns=", "batch=0", "batch=x", "rows=-1")
    for target, status in [("none", 404), *((f"numbers?{query}", 422) for query in wrong)]:
        answer = subject.client.head(f"/jsonl/{target}")
        assert answer.status == status, f"{target} is {answer.status}"
        assert answer.header("content-type") == "application/problem+json", target
        assert answer.excess == b"", target
