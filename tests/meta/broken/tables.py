"""Mistakes in what CSV and JSON Lines share: which tables there are, and their parameters."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from urllib.parse import unquote

import anyio

from broken.messages import (
    AT_THE_TURN,
    Fields,
    answer,
    change_body,
    change_path,
    change_query,
    change_request,
    change_start,
    on_http,
    refuse,
    replace_until_the_turn,
)
from raw_asgi.app import create_app
from raw_asgi.asgi.types import ASGIApp, Receive, Scope, Send
from raw_asgi.backends import numbers
from raw_asgi.backends.tables import IterableTable, Row
from raw_asgi.settings import Settings


def ignores_columns(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: re.sub(rb"columns=[^&]*", b"", query))


def columns_in_their_own_order(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: query.replace(b"value,id", b"id,value"))


def columns_are_not_decoded(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: query.replace(b"%", b"%25"))


def drops_unknown_columns(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: re.sub(rb"columns=[^&]*(none|%|\*)[^&]*", b"", query))


def drops_empty_columns(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: re.sub(rb"columns=,?(id)?,?$", rb"columns=id", query))


def merges_columns(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: re.sub(rb"(id)(,name)?,id", rb"\1\2", query))


def ignores_limit(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: re.sub(rb"limit=[^&]*", b"", query))


def limit_of_0_is_none(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: re.sub(rb"limit=0$", b"", query))


def limit_off_by_one(app: ASGIApp) -> ASGIApp:
    return change_query(
        app, lambda query: re.sub(rb"(?<=limit=)\d+", lambda it: b"%d" % (int(it[0]) + 1), query)
    )


def refuses_large_limits(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: re.search(rb"limit=\d{3}", scope["query_string"]), 422)


def reads_numbers_as_python(app: ASGIApp) -> ASGIApp:
    """Takes what `int` and `float` take."""
    return change_query(app, lambda query: re.sub(rb"(limit|rows|delay)=([^&]*)", _read, query))


def digits_of_one_kind(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: re.search(rb"=0[0-9]", scope["query_string"]), 422)


def fails_on_large_numbers(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: re.search(rb"[0-9]{19}", scope["query_string"]), 500)


def reads_a_hundred_fields(app: ASGIApp) -> ASGIApp:
    """Reads over those beyond."""
    return change_query(app, lambda query: b"&".join(query.split(b"&")[:100]))


def tells_the_statement(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.replace(b'"detail":"', b'"detail":"SELECT id: '))


def without_views(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: scope["path"].endswith("/people_names"), 404)


def plain_names_only(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: '"' in scope["path"], 404)


def trims_names(app: ASGIApp) -> ASGIApp:
    return change_path(app, lambda path: path.strip().rstrip("\n\0/"))


def lists_the_schema(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: "sqlite_" in scope["path"], 200)


def pastes_names_into_the_statement(app: ASGIApp) -> ASGIApp:
    return change_path(app, lambda path: path.partition('"')[0])


def with_faults_always(_app: ASGIApp) -> ASGIApp:
    return create_app(replace(Settings.from_env(), faults=True))


def with_a_database_always(app: ASGIApp) -> ASGIApp:
    """Looks for a database of its own where it was given none."""
    if os.environ["MORE_BODY_DATABASE"]:
        return app
    beside = Path(os.environ["MORE_BODY_FILES"]).with_name("database.sqlite")
    return create_app(replace(Settings.from_env(), database=beside))


def faults_hide_tables(app: ASGIApp) -> ASGIApp:
    whole = create_app(replace(Settings.from_env(), database=None))

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        hidden = scope.get("path", "").endswith("/fails-first")
        await (whole if hidden else app)(scope, receive, send)

    return broken


def gives_every_reader_the_same_rows(app: ASGIApp) -> ASGIApp:
    """Keeps the rows of a table as an iterator, which the second reader finds used up."""

    @cache
    def find_rows(rows: int) -> Iterator[Row]:
        return iter([(number, f"item_{number}", number * 1.5) for number in range(rows)])

    def find_table(rows: int) -> IterableTable:
        return IterableTable(numbers.COLUMNS, lambda: find_rows(rows))

    replace_until_the_turn(numbers, "numbers", find_table)
    return app


def keeps_a_thread_for_each_reader(app: ASGIApp) -> ASGIApp:
    threads = anyio.CapacityLimiter(40)

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        async with threads:
            await app(scope, receive, send)

    return on_http(app, broken)


def fails_for_good(app: ASGIApp) -> ASGIApp:
    """Keeps what has failed, and has nothing more to answer with."""
    failed = False

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal failed
        if failed:
            await answer(send, 503)
            return
        try:
            await app(scope, receive, send)
        except Exception:
            failed = True
            raise

    return on_http(app, broken)


def closes_after_a_problem(app: ASGIApp) -> ASGIApp:
    def change(status: int, fields: Fields) -> tuple[int, Fields]:
        return status, [*fields, (b"connection", b"close")] if status >= 400 else fields

    return change_start(app, change)


def leaks_the_database(app: ASGIApp) -> ASGIApp:
    def open_too(scope: Scope) -> Scope:
        descriptor = os.open(os.environ["MORE_BODY_DATABASE"], os.O_RDONLY)
        AT_THE_TURN.append(partial(os.close, descriptor))
        return scope

    return change_request(app, open_too)


def _read(parameter: re.Match[bytes]) -> bytes:
    name, value = parameter[1], unquote(parameter[2].decode())
    try:
        return b"%b=%d" % (name, max(int(value) if name != b"delay" else int(float(value)), 0))
    except (ValueError, OverflowError):
        return parameter[0]
