"""What the path operations take: the application's state, numbers, names, tables."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, HTTPException, Path, Query, Request
from pydantic import BeforeValidator
from starlette.convertors import Convertor, PathConvertor, StringConvertor, register_url_convertor

from raw_asgi.backends.catalog import Catalog
from raw_asgi.backends.event_log import Channels
from raw_asgi.backends.tables import RowSource
from raw_asgi.backends.upload_store import UploadStore
from raw_asgi.settings import Settings

LARGEST = 2**63 - 1
_MAX_FIELDS = 100

# What pydantic takes for a number besides (`1_0`, `+1`, `1e3`, other scripts' digits) is none.
_DIGITS = re.compile(r"[0-9]{1,19}")
_DECIMAL = re.compile(r"[0-9]{1,99}(?:\.[0-9]{1,99})?")


class _RestConvertor(PathConvertor):
    """Starlette's `path` matches no line feed but a last one, which it drops: another's name."""

    regex = "(?s:.*)"


class _TableConvertor(StringConvertor):
    """`/csv/totals` is no table, so that `GET` there is 405."""

    regex = r"(?!totals\Z)[^/]+"


class _ChannelConvertor(StringConvertor):
    """A channel's name; any other path is 404, and `POST /events/clock` is 405."""

    regex = r"(?!clock\Z)[A-Za-z0-9._-]{1,64}(?!\n)"


_CONVERTORS: dict[str, Convertor[str]] = {
    "rest": _RestConvertor(),
    "table": _TableConvertor(),
    "channel": _ChannelConvertor(),
}
for _name, _convertor in _CONVERTORS.items():
    register_url_convertor(_name, _convertor)


@dataclass(frozen=True, slots=True)
class State:
    """What the requests to one application share."""

    settings: Settings
    catalog: Catalog
    channels: Channels
    uploads: UploadStore


async def _get_state(request: Request) -> State:
    state: State = request.app.state.shared
    return state


async def limit_query(request: Request) -> None:
    """Refuse, with 422, a query that is there to make work."""
    if len(request.query_params.multi_items()) > _MAX_FIELDS:
        raise HTTPException(422, f"A query has at most {_MAX_FIELDS} fields.")


SharedState = Annotated[State, Depends(_get_state)]


def _read_whole(value: object) -> int:
    if not _DIGITS.fullmatch(str(value)):
        raise ValueError("a whole number in plain decimal digits is wanted")
    return int(str(value))


def _read_decimal(value: object) -> float:
    whole, _, _ = str(value).partition(".")
    if not _DECIMAL.fullmatch(str(value)) or int(whole) > LARGEST:
        raise ValueError(f"a number up to {LARGEST} in plain decimal digits is wanted")
    return float(str(value))


def parse_whole(name: str, value: str) -> int:
    """A whole number that FastAPI did not read. Raises HTTPException 422."""
    try:
        return _read_whole(value)
    except ValueError as error:
        raise HTTPException(422, f"{name}: {error}") from error


Whole = Annotated[int, BeforeValidator(_read_whole)]
Decimal = Annotated[float, BeforeValidator(_read_decimal)]
Switch = Literal["0", "1"]


@dataclass(frozen=True, slots=True)
class Selection:
    """The columns of a table that were asked for, and a reading of them that is not yet open."""

    table: str
    columns: tuple[str, ...]
    rows: RowSource


async def _select(
    state: SharedState,
    table: Annotated[str, Path(description="`numbers`, or a table or view of the database.")],
    columns: Annotated[
        str | None, Query(description="Names of columns, separated by commas, in order.")
    ] = None,
    limit: Annotated[Whole | None, Query(le=LARGEST, description="At most so many rows.")] = None,
    rows: Annotated[Whole, Query(le=LARGEST, description="How many rows `numbers` has.")] = 1000,
    delay: Annotated[Decimal, Query(description="Seconds between two rows of `trickle`.")] = 1.0,
) -> Selection:
    found = await state.catalog.find(table, rows=rows, delay=delay)
    if found is None:
        raise HTTPException(404, "There is no such table.")
    wanted = found.columns if columns is None else tuple(columns.split(","))
    if len(set(wanted)) < len(wanted) or not set(wanted) <= set(found.columns):
        raise HTTPException(422, "columns: names of the table's columns are wanted, each once")
    return Selection(table, wanted, found.select(wanted, limit))


SelectedTable = Annotated[Selection, Depends(_select)]


def require_media_type(wanted: str) -> Callable[[Request], Awaitable[None]]:
    """A dependency that refuses, with 415, a body of another media type than `wanted`."""

    async def check(request: Request) -> None:
        media_type = request.headers.get("content-type", "").partition(";")[0]
        if media_type.strip(" \t").lower() != wanted:
            raise HTTPException(415, f"The body must be {wanted}.")

    return check
