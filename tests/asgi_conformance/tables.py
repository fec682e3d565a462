"""Tables: what the checks of CSV and JSON Lines expect of them, beyond `material`.

`add_tables` puts these into a subject's database:

* `vast`: a view: 25 million rows of the table `wide`.
* `formulas`: `id`, `=text`, `-5`: what a spreadsheet would run, and what it would not; see
  `FORMULAS`.
* `integers`: `value`: the largest and the smallest of SQLite's integers.
* `stuck`: a view: `id`: no row, but only after computing for some twenty seconds.
* `stuck_after`: a view: `id`: 1, 2, 3, and then the same.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from asgi_conformance.hosting import Subject

FORMULAS: tuple[tuple[int, str | bytes | None, str | int | float | None], ...] = (
    (1, "=1+1", "=2"),
    (2, "+cmd", "@SUM(A1)"),
    (3, "-cmd", "\tx"),
    (4, "\rx", "=1,2"),
    (5, b"\xfb\xef", "-1_0"),
    (6, "-5", "+5"),
    (7, "-1.5", -0.25),
    (8, "a=b", " =1"),
    (9, "'kept", -7),
    (10, None, ""),
)

# The limit bounds what a subject computes that does not stop when it should.
_SCHEMA = """
BEGIN;
CREATE VIEW vast AS SELECT one.id, one.text FROM wide AS one, wide AS other;
CREATE TABLE formulas (id INTEGER, "=text", "-5");
CREATE TABLE integers (value INTEGER);
INSERT INTO integers VALUES (9223372036854775807), (-9223372036854775808);
CREATE VIEW stuck_after AS
    WITH RECURSIVE counted(id) AS
        (SELECT 1 UNION ALL SELECT id + 1 FROM counted LIMIT 200000000)
    SELECT id FROM counted WHERE id <= 3;
CREATE VIEW stuck AS SELECT id FROM stuck_after WHERE id < 0;
"""


def add_tables(subject: Subject) -> None:
    """Add the tables of this module to a subject's database, where they are not yet."""
    with closing(sqlite3.connect(subject.settings.database)) as connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'vast'").fetchone():
            return
        connection.executescript(_SCHEMA)
        connection.executemany("INSERT INTO formulas VALUES (?, ?, ?)", FORMULAS)
        connection.commit()


def write_numbers_csv(rows: int) -> bytes:
    """The table `numbers` as CSV, header row included."""
    lines = [f"{number},item_{number},{number * 1.5!r}\r\n" for number in range(rows)]
    return "".join(["id,name,value\r\n", *lines]).encode()


def write_numbers_jsonl(rows: int) -> bytes:
    """The table `numbers` as JSON Lines."""
    lines = [
        f'{{"id":{number},"name":"item_{number}","value":{number * 1.5!r}}}\n'
        for number in range(rows)
    ]
    return "".join(lines).encode()
