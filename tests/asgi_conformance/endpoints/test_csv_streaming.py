"""CSV: what happens while a table is sent (CONTRACT.md, Rules for every endpoint)."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending, Exchange
from asgi_conformance.hosting import Subject
from asgi_conformance.problems import expect_problem
from asgi_conformance.tables import write_numbers_csv

_MEBIBYTE = 1024 * 1024
_BROKEN = (Ending.TRUNCATED, Ending.RESET)
# Compressed, it would take long to fill the buffers on the way, and how long is not the question.
_IDENTITY = [("Accept-Encoding", "identity")]


def _read_at_least(answer: Exchange, size: int) -> bytes:
    pieces = []
    while size > 0:
        piece = answer.read_chunk()
        assert piece, "the answer ended"
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


@check("csv-failure-first", rule="first-item", reference="CONTRACT first-item")
def test_csv_failure_first(subject: Subject) -> None:
    expect_problem(subject.client.get("/csv/fails-first"), 500)


@check("csv-failure-before-data-row", rule="first-item", reference="CONTRACT GET /csv/{table}")
def test_csv_failure_before_data_row(subject: Subject) -> None:
    expect_problem(subject.client.get("/csv/fails-after?rows=0"), 500)


@check("csv-failure-breaks", rule="no-clean-end", reference="RFC 9112 §8")
def test_csv_failure_breaks(subject: Subject) -> None:
    answer = subject.client.get("/csv/fails-after?rows=2")
    assert answer.status == 200
    assert answer.ending in _BROKEN


@check("csv-failure-adds-nothing", rule="no-clean-end", reference="CONTRACT no-clean-end")
def test_csv_failure_adds_nothing(subject: Subject) -> None:
    answer = subject.client.get("/csv/fails-after?rows=2")
    assert answer.body == b"id,name,value\r\n0,item_0,0.0\r\n1,item_1,1.5\r\n"


@check("csv-failure-late", rule="no-clean-end", reference="CONTRACT no-clean-end")
def test_csv_failure_late(subject: Subject) -> None:
    answer = subject.client.request(
        "GET", "/csv/fails-after?rows=25000", headers=_IDENTITY, receive_buffer=65536
    )
    # Nothing is taken, of more than the system's buffers hold, before the application waits for
    # that, or has failed and the server has had the time to find out.
    subject.record(answer).wait_for_quiet()
    assert subject.client.get("/csv/empty").status == 200
    assert answer.body == write_numbers_csv(25_000), "not just the rows before the failure"
    assert answer.ending in _BROKEN


@check("csv-broken-text", rule="no-clean-end", reference="CONTRACT Values: rows before it")
def test_csv_broken_text(subject: Subject) -> None:
    answer = subject.client.get("/csv/broken_text")
    assert answer.body == b"id,text\r\n1,one\r\n2,two\r\n3,three\r\n"
    assert answer.ending in _BROKEN


@check("csv-first-row-at-once", rule="coalesce", reference="CONTRACT coalesce")
def test_csv_first_row_at_once(subject: Subject) -> None:
    answer = subject.client.request("GET", "/csv/trickle?rows=2&delay=3600")
    assert answer.read_until(b"0.0\r\n") == b"id,name,value\r\n0,item_0,0.0\r\n"


@check("csv-chunk-before-next", rule="coalesce", reference="CONTRACT coalesce", slow=True)
def test_csv_chunk_before_next(subject: Subject) -> None:
    answer = subject.client.request("GET", "/csv/numbers?rows=100000", hold=2)
    assert answer.read_chunk().startswith(b"id,name,value\r\n0,item_0,0.0\r\n")
    record = subject.record(answer)
    record.wait_for("hold")
    record.release()
    assert answer.ending is Ending.CLEAN


@check("csv-few-messages", rule="coalesce", reference="CONTRACT coalesce", slow=True)
def test_csv_few_messages(subject: Subject) -> None:
    answer = subject.client.get("/csv/numbers?rows=100000")
    assert answer.ending is Ending.CLEAN
    record = subject.record(answer)
    record.wait_for_end()
    messages = len(record.select("send-begin", "http.response.body"))
    assert messages <= 1000, f"100000 rows leave in {messages} messages"


@check("csv-small-messages", rule="coalesce", reference="CONTRACT coalesce, flow", slow=True)
def test_csv_small_messages(subject: Subject) -> None:
    answer = subject.client.get("/csv/numbers?rows=200000", headers=_IDENTITY)
    assert answer.ending is Ending.CLEAN
    record = subject.record(answer)
    record.wait_for_end()
    largest = max(event.size or 0 for event in record.select("send-begin"))
    assert largest <= 4 * subject.settings.chunk_bytes, f"a message has {largest} bytes"


@check("csv-slow-reader", rule="flow", reference="CONTRACT flow", slow=True)
def test_csv_slow_reader(subject: Subject) -> None:
    answer = subject.client.request("GET", "/csv/endless", headers=_IDENTITY, receive_buffer=4096)
    assert answer.status == 200
    record = subject.record(answer)
    record.wait_for_quiet()
    assert record.body_bytes_offered < 16 * _MEBIBYTE


@check("csv-slow-reader-goes-on", rule="flow", reference="CONTRACT flow", slow=True)
def test_csv_slow_reader_goes_on(subject: Subject) -> None:
    answer = subject.client.request("GET", "/csv/endless", headers=_IDENTITY, receive_buffer=65536)
    record = subject.record(answer)
    record.wait_for("send-end")
    record.wait_for_quiet()
    content = _read_at_least(answer, record.body_bytes_offered + _MEBIBYTE)
    expected = write_numbers_csv(len(content) // 20)
    assert content == expected[: len(content)], "rows are missing, twice, or out of order"


@check("csv-client-resets", rule="cancel", reference="CONTRACT cancel")
def test_csv_client_resets(subject: Subject) -> None:
    answer = subject.client.request("GET", "/csv/endless", receive_buffer=4096)
    assert answer.read_chunk()
    answer.connection.reset()
    subject.record(answer).wait_for_end()


@check("csv-client-leaves-blocked", rule="cancel", reference="CONTRACT cancel", slow=True)
def test_csv_client_leaves_blocked(subject: Subject) -> None:
    answer = subject.client.request("GET", "/csv/endless", headers=_IDENTITY, receive_buffer=4096)
    record = subject.record(answer)
    record.wait_for("send-end")
    record.wait_for_quiet()
    answer.connection.reset()
    record.wait_for_end()


@check("csv-client-leaves-silence", rule="cancel", reference="CONTRACT cancel")
def test_csv_client_leaves_silence(subject: Subject) -> None:
    answer = subject.client.request("GET", "/csv/trickle?rows=2&delay=3600")
    answer.read_until(b"0.0\r\n")
    answer.connection.close()
    subject.record(answer).wait_for_end()


@check("csv-leaving-is-no-error", rule="cancel", reference="CONTRACT cancel")
def test_csv_leaving_is_no_error(subject: Subject) -> None:
    for target in ("/csv/endless", "/csv/trickle?rows=2&delay=3600"):
        answer = subject.client.request("GET", target, receive_buffer=4096)
        assert answer.read_chunk()
        answer.connection.reset()
        outcome = subject.record(answer).wait_for_end()
        assert outcome.how != "raised", f"{target}: the application raised {outcome.error}"
    assert "Traceback" not in subject.output()


@check("csv-head-media-type", rule="head", reference="RFC 9110 §9.3.2")
def test_csv_head_media_type(subject: Subject) -> None:
    target = "/csv/people?bom=1&columns=id"
    got, asked = subject.client.get(target), subject.client.head(target)
    assert (asked.status, asked.body) == (200, b"")
    for name in ("content-type", "content-disposition"):
        assert asked.header(name) == got.header(name), name


@check("csv-head", rule="head", reference="CONTRACT Gzip: HEAD shows the headers of GET")
def test_csv_head(subject: Subject) -> None:
    got, asked = subject.client.get("/csv/numbers"), subject.client.head("/csv/numbers")
    for name in ("content-encoding", "vary"):
        assert asked.header(name) == got.header(name), name


@check("csv-head-length", rule="head", reference="RFC 9110 §8.6")
def test_csv_head_length(subject: Subject) -> None:
    length = subject.client.head("/csv/numbers?rows=3").header("content-length")
    got = subject.client.get("/csv/numbers?rows=3").header("content-length")
    assert length in (None, got), f"Content-Length: {length} is not that of GET"


@check("csv-head-endless", rule="head", reference="CONTRACT head")
def test_csv_head_endless(subject: Subject) -> None:
    answer = subject.client.head("/csv/endless")
    assert (answer.status, answer.ending) == (200, Ending.CLEAN)
    assert answer.excess == b""
    subject.record(answer).wait_for_end()


@check("csv-head-starts-nothing", rule="head", reference="CONTRACT head: starts no producer")
def test_csv_head_starts_nothing(subject: Subject) -> None:
    answer = subject.client.head("/csv/fails-first")
    assert answer.status == 200, "the source was asked for its first row"
    assert answer.excess == b""


@check("csv-head-parameters", rule="head", reference="CONTRACT head: parameters are checked")
def test_csv_head_parameters(subject: Subject) -> None:
    wrong = ("limit=x", "columns=none", "columns=", "bom=2", "guard=x", "rows=-1")
    for target, status in [("none", 404), *((f"numbers?{query}", 422) for query in wrong)]:
        answer = subject.client.head(f"/csv/{target}")
        assert answer.status == status, f"{target} is {answer.status}"
        assert answer.header("content-type") == "application/problem+json", target
        assert answer.excess == b"", target
