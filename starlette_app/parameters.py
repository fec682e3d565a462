"""What the endpoints read of a request: parameters of the query, the table, the media type."""

from __future__ import annotations

import re
from typing import overload

from starlette.exceptions import HTTPException
from starlette.requests import Request

from raw_asgi.backends.catalog import Catalog
from raw_asgi.backends.tables import RowSource

_LARGEST = 2**63 - 1
_MAX_FIELDS = 100

# `int` and `float` also take signs, underscores, exponents and the digits of other scripts.
_INTEGER = re.compile(r"[0-9]{1,19}")
_DECIMAL = re.compile(r"[0-9]{1,99}(?:\.[0-9]{1,99})?")


def read_text(request: Request, name: str) -> str | None:
    """A parameter as it is; None without it. Raises HTTPException 422 where there are too many."""
    if len(request.query_params.multi_items()) > _MAX_FIELDS:
        raise HTTPException(422, f"a query has at most {_MAX_FIELDS} fields")
    return request.query_params.get(name)


@overload
def read_integer(
    request: Request, name: str, default: int, *, least: int = 0, most: int = _LARGEST
) -> int: ...


@overload
def read_integer(
    request: Request, name: str, default: None, *, least: int = 0, most: int = _LARGEST
) -> int | None: ...


def read_integer(
    request: Request, name: str, default: int | None, *, least: int = 0, most: int = _LARGEST
) -> int | None:
    """A whole number from `least` to `most`. Raises HTTPException 422."""
    value = read_text(request, name)
    if value is None:
        return default
    if not _INTEGER.fullmatch(value) or not least <= int(value) <= most:
        raise HTTPException(422, f"{name} must be a whole number from {least} to {most}")
    return int(value)


def read_decimal(request: Request, name: str, default: float, *, positive: bool = False) -> float:
    """A number in which a fraction is allowed; `positive`: above 0. Raises HTTPException 422."""
    value = read_text(request, name)
    if value is None:
        return default
    if not _DECIMAL.fullmatch(value) or float(value) > _LARGEST:
        raise HTTPException(422, f"{name} must be a decimal number up to {_LARGEST}")
    if positive and float(value) == 0:
        raise HTTPException(422, f"{name} must be above 0")
    return float(value)


def read_switch(request: Request, name: str) -> bool:
    """Whether a switch is on. Raises HTTPException 422."""
    value = read_text(request, name)
    if value not in (None, "0", "1"):
        raise HTTPException(422, f"{name} must be 0 or 1")
    return value == "1"


async def select_rows(request: Request) -> tuple[RowSource, tuple[str, ...]]:
    """A reading of the table in the path, not opened yet, and its columns.

    By `columns`, `limit`, `rows` and `delay`. Raises HTTPException 404 for an unknown table, 422
    for a parameter that does not fit.
    """
    catalog: Catalog = request.app.state.catalog
    limit = read_integer(request, "limit", None)
    rows = read_integer(request, "rows", 1000)
    delay = read_decimal(request, "delay", 1.0)
    table = await catalog.find(request.path_params["table"], rows=rows, delay=delay)
    if table is None:
        raise HTTPException(404, "there is no such table")
    columns = _read_columns(request, table.columns)
    return table.select(columns, limit), columns


def read_media_type(request: Request) -> str:
    """The request's `Content-Type` in lower case, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _read_columns(request: Request, known: tuple[str, ...]) -> tuple[str, ...]:
    value = read_text(request, "columns")
    if value is None:
        return known
    columns = tuple(value.split(","))
    if not set(columns) <= set(known) or len(set(columns)) < len(columns):
        raise HTTPException(422, f"columns must be among {', '.join(known)}, each once")
    return columns
