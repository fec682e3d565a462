"""Tables: which there are, under which names (CONTRACT.md, Tables)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending
from asgi_conformance.hosting import Subject
from asgi_conformance.problems import expect_problem

_FAMILIES = ("/csv", "/jsonl")


def _expect_missing(subject: Subject, *names: str) -> None:
    for family in _FAMILIES:
        for name in names:
            expect_problem(subject.client.get(f"{family}/{name}"), 404, f"{family}/{name}")


@check("tables-view", reference="CONTRACT Tables: every table and view of the database")
def test_tables_view(subject: Subject) -> None:
    query = "people_names?limit=1"
    assert subject.client.get(f"/csv/{query}").body == b"id,name\r\n1,Ada\r\n"
    assert subject.client.get(f"/jsonl/{query}").body == b'{"id":1,"name":"Ada"}\n'


@check("tables-odd-name", reference="CONTRACT Tables: every table and view of the database")
def test_tables_odd_name(subject: Subject) -> None:
    for family in _FAMILIES:
        answer = subject.client.get(f"{family}/odd%20%22name%22%20%C3%BC")
        assert (answer.status, answer.ending) == (200, Ending.CLEAN), family
        assert answer.body.endswith((b"1,2,3\r\n", ':1,"c\\"d":2,"é":3}\n'.encode())), family


@check("tables-unknown", reference="CONTRACT Rules: a path that names nothing is 404")
def test_tables_unknown(subject: Subject) -> None:
    _expect_missing(subject, "none", "people%20", "%20people", "people%3B", "odd", "numbers.csv")


@check("tables-sqlites-own", reference="CONTRACT Tables: every table but SQLite's own")
def test_tables_sqlites_own(subject: Subject) -> None:
    own = ("sqlite_master", "sqlite_schema", "sqlite_temp_master", "SQLite_Master")
    _expect_missing(subject, *own, "pragma_table_info", "main.people")


@check("tables-injected-name", reference="CONTRACT Rules: a path that names nothing is 404")
def test_tables_injected_name(subject: Subject) -> None:
    injected = ("people%22--", "people%22%20UNION%20SELECT%201--", "%27%20OR%201=1--")
    _expect_missing(subject, *injected, "(SELECT%201)")


@check("tables-unusual-characters", reference="CONTRACT Rules: a path that names nothing is 404")
def test_tables_unusual_characters(subject: Subject) -> None:
    _expect_missing(subject, "%00", "people%00", "%FF", "people%0A", "numbers%0A", "%ED%A0%80")


@check("tables-path-exact", reference="CONTRACT Rules: a path that names nothing is 404")
def test_tables_path_exact(subject: Subject) -> None:
    _expect_missing(subject, "", "numbers/", "/numbers", "numbers/more", "people/")
    for target in _FAMILIES:
        expect_problem(subject.client.get(target), 404, target)


@check("tables-faults-off", reference="CONTRACT Configuration, MORE_BODY_FAULTS", own=True)
def test_tables_faults_off(start_subject: Callable[..., Subject]) -> None:
    own = start_subject(environment={"MORE_BODY_FAULTS": "0"})
    _expect_missing(own, "fails-first", "fails-after", "endless", "trickle")
    assert own.client.get("/csv/numbers?rows=0").body == b"id,name,value\r\n"


@check("tables-no-database", reference="CONTRACT Configuration, MORE_BODY_DATABASE", own=True)
def test_tables_no_database(start_subject: Callable[..., Subject]) -> None:
    own = start_subject(environment={"MORE_BODY_DATABASE": ""})
    _expect_missing(own, "people", "empty")
    assert own.client.get("/csv/numbers?rows=0").body == b"id,name,value\r\n"


@check(
    "tables-earlier-names", reference="CONTRACT Tables: later names hide no earlier ones", own=True
)
def test_tables_earlier_names(start_subject: Callable[..., Subject], tmp_path: Path) -> None:
    database = tmp_path / "hiding.sqlite"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE numbers (hidden)")
        connection.execute('CREATE TABLE "fails-first" (stored)')
    own = start_subject(environment={"MORE_BODY_DATABASE": str(database)})
    numbers = own.client.get("/csv/numbers?rows=0")
    assert numbers.body == b"id,name,value\r\n", "the database's table hides numbers"
    stored = own.client.get("/csv/fails-first")
    assert stored.body == b"stored\r\n", "a source for tests hides the database's table"


@check(
    "tables-database-breaks", rule="first-item", reference="CONTRACT first-item, problem", own=True
)
def test_tables_database_breaks(start_subject: Callable[..., Subject], tmp_path: Path) -> None:
    database = tmp_path / "breaking.sqlite"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE found (id)")
    own = start_subject(environment={"MORE_BODY_DATABASE": str(database)})
    database.write_bytes(b"this is no database any more. " * 400)
    for family in _FAMILIES:
        text = expect_problem(own.client.get(f"{family}/found"), 500, family)
        assert str(database) not in text, f"{family}: the problem tells the server's path"
