"""The benchmarks themselves: what they take for an answer, what they refuse, how they judge."""

from __future__ import annotations

import fcntl
import hashlib
import re
import socket
import sqlite3
import struct
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import first_thread
from benchmarks.client import Mismatch
from benchmarks.documents import Document, make_section, read_document, write_document
from benchmarks.hosting import Host
from benchmarks.judging import judge
from benchmarks.loads.download import Download
from benchmarks.loads.load import Figures, Target
from benchmarks.loads.recording import Tape, record, take_apart
from benchmarks.material import Content, Material
from benchmarks.measuring import Pace, Result, measure
from benchmarks.peers import nginx
from benchmarks.pool import Pool
from benchmarks.report.page import write_page
from benchmarks.report.sources import count_code
from benchmarks.scenario import Entry, Figure, Goal, Scenario
from benchmarks.subjects import Subject
from benchmarks.units import TIMES
from raw_asgi.backends.database import find_table
from raw_asgi.backends.encoding import CSVEncoder

HELLO = Content(5, hashlib.sha256(b"hello").digest())

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"


@contextmanager
def answering(*pieces: bytes) -> Iterator[tuple[str, int]]:
    """A server that sends the pieces to each client, whatever it asks for, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(4096)
                    for piece in pieces:
                        connection.sendall(piece)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield listener.getsockname()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _record(*pieces: bytes) -> memoryview:
    with answering(*pieces) as address, socket.create_connection(address, 10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        return record(connection, Tape(4096), 10).answer


@pytest.mark.parametrize("answer", [WHOLE, CHUNKED])
def test_an_answer_is_recorded_to_its_end_and_taken_apart(answer: bytes) -> None:
    body = take_apart(_record(answer))
    assert (body.status, body.sent, body.size, body.sha256) == (200, 5, 5, HELLO.sha256)


def test_a_head_that_comes_by_itself_is_no_end() -> None:
    head, end, rest = CHUNKED.partition(b"\r\n\r\n")
    left, right = socket.socketpair()
    with left, right:
        right.sendall(head + end)

        def send_rest() -> None:
            # Once the head alone was received.
            while right.fileno() >= 0 and not _is_drained(right):
                pass
            right.sendall(rest)

        thread = threading.Thread(target=send_rest)
        thread.start()
        assert take_apart(record(left, Tape(4096), 10).answer).size == 5
        thread.join(10)


def _is_drained(end: socket.socket) -> bool:
    unsent = fcntl.ioctl(end.fileno(), termios.TIOCOUTQ, bytes(4))
    return bool(struct.unpack("i", unsent)[0] == 0)


def test_content_that_looks_like_the_last_chunk_is_not_taken_for_the_end() -> None:
    answer = memoryview(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab\r\n0\r\n\r\n"
    )
    with pytest.raises(Mismatch, match="does not end where it seemed to"):
        take_apart(answer)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (WHOLE[:-1], "broke off"),
        (CHUNKED[:-5], "broke off"),
        (WHOLE.replace(b"hello", b"HELLO"), "other content"),
        (WHOLE.replace(b"5", b"4"), "does not end"),
        (WHOLE.replace(b"200", b"404"), "status 404"),
        (b"nonsense\r\n\r\n", "broke off"),
    ],
)
def test_what_sends_anything_else_is_not_timed(answer: bytes, problem: str, tmp_path: Path) -> None:
    with answering(answer) as address:
        results = measure(_scenario(), _FakePool(address, tmp_path), Pace(3), _admit, _ignore)
    assert results["tried"].rounds == {}
    assert problem in (results["tried"].problem or "")


def test_what_sends_what_it_has_to_is_timed_in_each_round(tmp_path: Path) -> None:
    with answering(CHUNKED) as address:
        results = measure(_scenario(), _FakePool(address, tmp_path), Pace(3), _admit, _ignore)
    assert results["tried"].problem is None
    assert list(results["tried"].rounds) == [0, 1, 2]
    assert results["tried"].values("bytes") == [5, 5, 5]


def test_what_fails_its_checks_is_not_even_asked(tmp_path: Path) -> None:
    pool = _FakePool(("127.0.0.1", 1), tmp_path)
    results = measure(_scenario(), pool, Pace(3), lambda *_: "fails 2 checks", _ignore)
    assert (results["tried"].rounds, results["tried"].problem) == ({}, "fails 2 checks")


def test_what_breaks_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    with answering(CHUNKED) as address:
        scenario = _scenario("broken", "sound")
        broken, sound = scenario.entries
        scenario = replace(scenario, entries=(replace(broken, load=_BrokenLoad()), sound))
        results = measure(scenario, _FakePool(address, tmp_path), Pace(2), _admit, _ignore)
    assert (results["broken"].rounds, results["broken"].problem) == ({}, "KeyError: ''")
    assert list(results["sound"].rounds) == [0, 1]


class _BrokenLoad:
    """A mistake of the benchmarks' own, after a check that passes."""

    def check(self, target: Target) -> None: ...

    def measure(self, target: Target) -> Figures:
        raise KeyError(target.prefix)


def test_what_is_not_installed_is_absent_and_what_does_not_start_is_not(tmp_path: Path) -> None:
    absent = Host("absent", lambda _: [], needs="nginx")
    ends = Host("ends", lambda _: [sys.executable, "-c", "raise SystemExit('no way')"])
    gone = Host("gone", lambda _: [str(tmp_path / "gone")])
    scenario = _scenario("absent", "ends", "gone")
    entries = [
        replace(entry, subject=replace(entry.subject, host=host))
        for entry, host in zip(scenario.entries, (absent, ends, gone), strict=True)
    ]
    scenario = replace(scenario, entries=tuple(entries))
    (tmp_path / "files").mkdir()
    pool = Pool(Material(tmp_path / "files", tmp_path / "bench.db"), tmp_path / "scratch")
    results = measure(scenario, pool, Pace(1), _admit, _ignore)
    if nginx.find() is None:
        assert (results["absent"].problem, results["absent"].absent) == ("not installed", True)
    assert results["ends"].problem == "ends gives no answer\nno way"
    assert (results["gone"].problem or "").startswith("FileNotFoundError: ")
    assert not results["ends"].absent
    assert not results["gone"].absent


def _admit(_entry: Entry, _scenario: Scenario) -> str | None:
    return None


def _ignore(_: str) -> None: ...


class _FakePool(Pool):
    """Knows one subject, which runs already."""

    def __init__(self, address: tuple[str, int], files: Path) -> None:
        super().__init__(Material(files, files), files)
        self._address, self._files = address, files

    def find(self, subject: Subject) -> Target:
        return Target(self._address, subject.prefix, 0, self._files)


def _scenario(*labels: str, goals: tuple[Goal, ...] = ()) -> Scenario:
    subject = Subject("tried", "application", Host("tried", lambda _: []))
    load = Download("/", lambda: HELLO, "/", lambda: HELLO)
    return Scenario(
        "trial",
        "five bytes",
        ("files",),
        tuple(Entry(subject, load, label) for label in labels or ("tried",)),
        (Figure("rate", "delivered", "MB/s"),),
        goals,
    )


def _result(*rates: float) -> Result:
    rounds: dict[int, Figures] = {turn: {"rate": rate} for turn, rate in enumerate(rates)}
    return Result(rounds)


@pytest.mark.parametrize(
    ("goal", "met", "value"),
    [
        (Goal("rate", 4, ("other",), of="own"), True, 4),
        (Goal("rate", 5, ("other",), of="own"), False, 4),
        (Goal("rate", 5, ("other",), at_most=True, of="own"), True, 4),
        (Goal("rate", 2, ("other", "better"), of="own"), True, 2),
        (Goal("rate", 20, of="own"), True, 20),
        (Goal("rate", 1, ("missing",), of="own"), None, None),
        (Goal("rate", 2, ("missing",), of="own", instead="better"), True, 2),
    ],
)
def test_a_goal_is_judged_by_the_median_of_the_rounds_ratios(
    goal: Goal, met: bool | None, value: float | None
) -> None:
    results = {
        "own": _result(10, 20, 40),
        "other": _result(5, 5, 8),
        "better": _result(5, 10, 20),
        "missing": Result(problem="it is not installed"),
    }
    (verdict,) = judge(_scenario(*results, goals=(goal,)), results)
    assert (verdict.met, verdict.value) == (met, value)
    assert ("not installed" in verdict.note) == ("missing" in goal.against)


def test_the_page_is_made_of_what_was_written(tmp_path: Path) -> None:
    scenario = _scenario("own", "other", goals=(Goal("rate", 2, ("other",), of="own"),))
    results = {"own": _result(1e6, 2e6), "other": Result(problem="it is <not> installed")}
    document = Document("python -m benchmarks", "quick")
    document.sections.append(make_section(scenario, results, judge(scenario, results)))
    write_document(document, tmp_path / "bench.json")
    assert read_document(tmp_path / "bench.json") == document
    page = write_page(tmp_path).read_text("utf-8")
    assert page.count("<svg") == 1
    assert "it is &lt;not&gt; installed" in page
    assert "src=" not in page, "the page needs another file"


def test_lines_of_code_are_counted_without_comments_and_docstrings() -> None:
    source = (
        '"""A module."""\n\n# why\nx = 1\n\n\ndef f():\n    """Two\n    lines."""\n    return x\n'
    )
    assert count_code(source) == 3


def test_what_a_first_thread_costs_is_told_as_a_ratio(tmp_path: Path) -> None:
    database = tmp_path / "rows.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE two (id, name)")
        connection.execute("INSERT INTO two VALUES (1, 'a'), (2, 'b')")
    table = find_table(database, "two")
    assert table is not None
    assert first_thread.encode(table, CSVEncoder(table.columns)) == len("1,a\r\n2,b\r\n")
    *_, json_lines, csv = first_thread.compare(table)
    figures = rf"\d+\.\d{{3}} s   \d+\.\d{{3}} s   {TIMES} \d+\.\d\d"
    assert re.fullmatch(f"JSON Lines  {figures}", json_lines)
    assert re.fullmatch(f"CSV         {figures}", csv)
