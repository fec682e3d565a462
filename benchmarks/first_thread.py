"""`python -m benchmarks.first_thread`: what the first thread of a process costs all that it does.

The C library spares a process without threads what makes its locks safe, and SQLite takes one for
each cell. The limit of the rows' scenarios has no thread; an ASGI application that does not block
its event loop has. Goes to `report/profiles/first-thread.txt`, beside what it explains.
"""

from __future__ import annotations

import itertools
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.documents import describe_machine
from benchmarks.material import build_material
from benchmarks.units import TIMES
from raw_asgi.backends.database import DatabaseTable, find_table
from raw_asgi.backends.encoding import CSVEncoder, Encoder, JSONEncoder

PATH = Path("report/profiles/first-thread.txt")
TABLE = "readings"
_BATCH = 256
_REPETITIONS = 5


def main() -> int:
    """Measure, and write what was measured. Returns the exit status."""
    if threading.active_count() > 1:
        print("first_thread: this process has threads already", file=sys.stderr)
        return 1
    table = find_table(build_material().database, TABLE)
    assert table is not None, "the material has the table"
    PATH.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(compare(table))
    PATH.write_text(text + "\n", "utf-8")
    print(text)
    return 0


def compare(table: DatabaseTable) -> Iterator[str]:
    """The lines of a text: seconds before and after the first thread, and their ratio.

    To be called in a process that has had none.
    """
    loops = {
        "JSON Lines": lambda: encode(table, JSONEncoder(table.columns, "lines")),
        "CSV": lambda: encode(table, CSVEncoder(table.columns)),
    }
    before = {name: _measure(loop) for name, loop in loops.items()}
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
    after = {name: _measure(loop) for name, loop in loops.items()}
    yield (
        f"The rows of {table.name}, fetched and encoded without an event loop, before and after"
        " another thread had begun and ended in the process"
    )
    yield (
        f"python -m benchmarks.first_thread, {datetime.now(UTC):%Y-%m-%d};"
        f" {describe_machine()['python']}; the quickest of {_REPETITIONS}"
    )
    yield ""
    yield f"{'':10}   before     after"
    for name in loops:
        ratio = after[name] / before[name]
        yield f"{name:10}  {before[name]:.3f} s   {after[name]:.3f} s   {TIMES} {ratio:.2f}"


def encode(table: DatabaseTable, encoder: Encoder) -> int:
    """Fetch and encode all rows of a table; how many bytes they are."""
    source = table.select(table.columns, None)
    with closing(source):
        rows = source.open()
        assert isinstance(rows, Iterator), "SQLite's rows are no asynchronous source"
        return sum(len(encoder.encode(batch)) for batch in _batch(rows))


def _batch(rows: Iterator[Sequence[object]]) -> Iterator[list[Sequence[object]]]:
    while batch := list(itertools.islice(rows, _BATCH)):
        yield batch


def _measure(loop: Callable[[], object]) -> float:
    taken = []
    for _ in range(_REPETITIONS):
        began = time.perf_counter()
        loop()
        taken.append(time.perf_counter() - began)
    return min(taken)


if __name__ == "__main__":
    sys.exit(main())
