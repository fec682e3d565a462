"""Mistakes in CSV: `/csv`."""

from __future__ import annotations

import re

from broken.messages import (
    change_body,
    change_field,
    change_query,
    change_type,
    drop_field,
    refuse,
)
from raw_asgi.asgi.types import ASGIApp

_MARK = b"\xef\xbb\xbf"


def ends_lines_with_lf(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.replace(b"\r\n", b"\n"))


def never_quotes(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.replace(b'"', b""))


def quotes_with_backslashes(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb'(?<=[^,\r\n])""(?=[^,\r\n])', rb'\\"', body))


def plain_content_type(app: ASGIApp) -> ASGIApp:
    return change_field(app, b"content-type", lambda _: b"text/csv")


def without_disposition(app: ASGIApp) -> ASGIApp:
    return drop_field(app, b"content-disposition")


def null_is_written_out(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb",(?=[,\r])", b",None", body))


def blobs_in_hexadecimal(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.replace(b"AAH/", b"0001ff"))


def floats_without_exponent(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.replace(b"1e-07", b"0.0000001"))


def infinity_is_empty(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"-?inf(?=\r)", b"", body))


def integers_as_floats(app: ASGIApp) -> ASGIApp:
    return change_body(
        app, lambda body: re.sub(rb"\d{16,}", lambda it: b"%d" % int(float(it[0])), body)
    )


def writes_latin_1(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.decode().encode("latin-1", "replace"))


def one_row_too_few(app: ASGIApp) -> ASGIApp:
    def lower(query: bytes) -> bytes:
        return re.sub(rb"rows=(\d+)", lambda it: b"rows=%d" % max(int(it[1]) - 1, 0), query)

    return change_query(app, lower)


def a_hundred_rows_by_default(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: query or b"rows=100")


def nothing_without_rows(app: ASGIApp) -> ASGIApp:
    """Takes the header from the first row, and so has none where there are no rows."""
    return change_body(app, lambda body: b"" if body.count(b"\r\n") == 1 else body)


def ignores_bom(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: query.replace(b"bom=1", b"bom=0"))


def bom_always(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: query.replace(b"bom=0", b"bom=1"))


def bom_on_each_piece(app: ASGIApp) -> ASGIApp:
    """Encodes every piece as `utf-8-sig`."""
    return change_body(app, lambda body: _MARK + body.removeprefix(_MARK) if body else body)


def ignores_guard(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: query.replace(b"guard=1", b"guard=0"))


def guards_always(app: ASGIApp) -> ASGIApp:
    def guard(query: bytes) -> bytes:
        return query.replace(b"guard=0", b"guard=1") if b"guard" in query else query + b"&guard=1"

    return change_query(app, guard)


def guards_numbers(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"(?m)(^|,)([+-][0-9])", rb"\1'\2", body))


def guards_equals_signs_only(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"'(?=[-+@\t\r])", b"", body))


def guards_outside_the_quotes(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.replace(b"\"'", b"'\""))


def guards_rows_only(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.replace(b",'=text", b",=text"))


def guards_anywhere_in_a_cell(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"(?<=[a ])=", b"'=", body))


def any_switch_is_on(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: re.sub(rb"(bom|guard)=[^&]*", rb"\1=1", query))


def unknown_tables_are_empty(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: "/nothing" in scope["path"], 200)


def any_type_will_do(app: ASGIApp) -> ASGIApp:
    return change_type(app, lambda _: b"text/csv")


def compares_types_exactly(app: ASGIApp) -> ASGIApp:
    return change_type(app, lambda it: it if it in (b"", b"text/csv") else b"text/plain")


def column_n_by_default(app: ASGIApp) -> ASGIApp:
    return change_query(app, lambda query: re.sub(rb"^(column=.*)?$", b"column=n", query))


def adds_floats(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.replace(b",0.3\r", b",0.30000000000000004\r"))


def keeps_zeros(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: re.sub(rb"(,[0-9]+)(?=\r)", rb"\1.00", body))


def writes_exponents(app: ASGIApp) -> ASGIApp:
    return change_body(app, lambda body: body.replace(b"0.0000001", b"1E-7"))
