"""Tables: cursors, threads and the event loop while rows are read (CONTRACT.md, Rules)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from asgi_conformance.checks import check
from asgi_conformance.client import eventually
from asgi_conformance.exchange import Ending, Exchange
from asgi_conformance.hosting import Subject
from asgi_conformance.tables import add_tables

_MEBIBYTE = 1024 * 1024
_FAMILIES = ("/csv", "/jsonl")
_IDENTITY = [("Accept-Encoding", "identity")]


@contextmanager
def _reading_on(answer: Exchange) -> Iterator[threading.Thread]:
    """Read an endless answer as fast as it comes, in a thread, as long as the block lasts."""
    enough = threading.Event()

    def read() -> None:
        while not enough.is_set() and answer.read_chunk():
            pass

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield reader
    finally:
        enough.set()
        reader.join()


def _expect_closed(subject: Subject, what: str) -> None:
    assert subject.releases(subject.settings.database), f"the database is open after {what}"


@check("tables-others-are-answered", rule="coalesce", reference="CONTRACT coalesce", slow=True)
def test_tables_others_are_answered(subject: Subject) -> None:
    for family in _FAMILIES:
        export = subject.client.request("GET", f"{family}/endless")
        export.read_until(b"item_1")
        with _reading_on(export) as reader:
            for _ in range(5):
                assert subject.client.get("/csv/numbers?rows=0").body == b"id,name,value\r\n"
            assert reader.is_alive(), f"{family}/endless ended"
        export.connection.reset()


@check("tables-many-readers", severity="should", rule="flow", reference="CONTRACT flow", slow=True)
def test_tables_many_readers(subject: Subject) -> None:
    readers = [subject.client.request("GET", "/csv/endless", hold=1) for _ in range(60)]
    for reader in readers:
        subject.record(reader).wait_for("hold")
    answer = subject.client.get("/csv/people_names?limit=1")
    assert answer.body == b"id,name\r\n1,Ada\r\n", "readers that wait keep others from their rows"
    for reader in readers:
        reader.connection.reset()


@check("tables-readers-apart", reference="CONTRACT Tables")
def test_tables_readers_apart(subject: Subject) -> None:
    first = subject.client.request("GET", "/csv/numbers?rows=20000", hold=2)
    subject.record(first).wait_for("hold")
    second = subject.client.get("/csv/numbers?rows=20000")
    subject.record(first).release()
    assert second.body.endswith(b"\r\n19999,item_19999,29998.5\r\n")
    assert first.body == second.body, "two readers of a table share its rows"


@check("tables-row-before-stuck-query", rule="coalesce", reference="CONTRACT coalesce")
def test_tables_row_before_stuck_query(subject: Subject) -> None:
    add_tables(subject)
    answer = subject.client.request("GET", "/csv/stuck_after")
    assert answer.read_until(b"1\r\n").startswith(b"id\r\n1\r\n")
    assert subject.open_files(subject.settings.database), "the query is over"


@check("tables-client-leaves-stuck-query", rule="cancel", reference="CONTRACT cancel")
def test_tables_client_leaves_stuck_query(subject: Subject) -> None:
    add_tables(subject)
    database = subject.settings.database
    for family in _FAMILIES:
        # What another check left is not taken for this one's query.
        assert subject.releases(database), "the database is still open from before"
        answer = subject.client.request("GET", f"{family}/stuck")
        subject.record(answer).wait_for("call")
        assert eventually(lambda: subject.open_files(database)), f"{family}: no query runs"
        answer.connection.reset()
        subject.record(answer).wait_for_end()
        _expect_closed(subject, f"the client of {family}/stuck left")


@check("tables-head-starts-no-query", rule="head", reference="CONTRACT head: starts no producer")
def test_tables_head_starts_no_query(subject: Subject) -> None:
    add_tables(subject)
    for family in _FAMILIES:
        answer = subject.client.head(f"{family}/stuck")
        assert (answer.status, answer.ending) == (200, Ending.CLEAN), family
        assert answer.excess == b"", family
        _expect_closed(subject, f"HEAD {family}/stuck")


@check("tables-client-resets", rule="cancel", reference="CONTRACT cancel")
def test_tables_client_resets(subject: Subject) -> None:
    add_tables(subject)
    for family in _FAMILIES:
        answer = subject.client.request("GET", f"{family}/vast", receive_buffer=4096)
        assert answer.read_chunk()
        assert subject.open_files(subject.settings.database), f"{family}: no query runs"
        answer.connection.reset()
        subject.record(answer).wait_for_end()
        _expect_closed(subject, f"the client of {family}/vast left")


@check("tables-client-leaves-held", rule="cancel", reference="CONTRACT cancel")
def test_tables_client_leaves_held(subject: Subject) -> None:
    add_tables(subject)
    for family in _FAMILIES:
        answer = subject.client.request("GET", f"{family}/vast", hold=2)
        record = subject.record(answer)
        record.wait_for("hold")
        answer.connection.close()
        record.wait_for_end()
        _expect_closed(subject, f"the client of {family}/vast left")


@check("tables-database-slow-reader", rule="flow", reference="CONTRACT flow", slow=True)
def test_tables_database_slow_reader(subject: Subject) -> None:
    add_tables(subject)
    answer = subject.client.request("GET", "/csv/vast", headers=_IDENTITY, receive_buffer=4096)
    assert answer.status == 200
    record = subject.record(answer)
    record.wait_for_quiet()
    assert record.body_bytes_offered < 16 * _MEBIBYTE


@check("tables-closed-after-answer", rule="cancel", reference="CONTRACT cancel: finished")
def test_tables_closed_after_answer(subject: Subject) -> None:
    for target in ("/csv/wide", "/jsonl/wide", "/csv/wide?limit=2", "/csv/empty", "/jsonl/people"):
        assert subject.client.get(target).ending is Ending.CLEAN, target
        _expect_closed(subject, target)


@check("tables-closed-after-failure", rule="cancel", reference="CONTRACT cancel: failed")
def test_tables_closed_after_failure(subject: Subject) -> None:
    for family in _FAMILIES:
        assert subject.client.get(f"{family}/broken_text").ending is not Ending.CLEAN
        _expect_closed(subject, f"{family}/broken_text")


@check("tables-closed-never-started", rule="cancel", reference="CONTRACT cancel: never started")
def test_tables_closed_never_started(subject: Subject) -> None:
    accept = [("Accept", "text/html")]
    assert subject.client.get("/jsonl/people", headers=accept).status == 406
    assert subject.client.get("/jsonl/people?columns=none").status == 422
    assert subject.client.get("/csv/people?bom=2").status == 422
    assert subject.client.get("/csv/none").status == 404
    assert subject.client.head("/csv/people").status == 200
    _expect_closed(subject, "requests that read no row")


@check("tables-after-a-failure", reference="CONTRACT no-clean-end")
def test_tables_after_a_failure(subject: Subject) -> None:
    for target in ("/csv/fails-first", "/csv/fails-after?rows=1", "/jsonl/broken_text"):
        subject.client.get(target)
        answer = subject.client.get("/csv/numbers?rows=0")
        assert answer.body == b"id,name,value\r\n", f"after {target}"


@check("tables-connection-goes-on", reference="RFC 9112 §9.3")
def test_tables_connection_goes_on(subject: Subject) -> None:
    connection = subject.client.connect()
    for target in ("/csv/numbers?rows=0", "/csv/none", "/csv/numbers?rows=0&limit=x"):
        first = subject.client.request("GET", target, connection=connection)
        assert first.ending is Ending.CLEAN, target
        answer = subject.client.request("GET", "/csv/empty", connection=connection)
        assert answer.body == b"id,name\r\n", f"after {target}"
