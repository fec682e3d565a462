"""Rows as bytes: CSV and JSON.

An encoder turns rows into bytes a batch at a time, in a worker thread. What it has taken
and not yet given is asked for with `rest`. Its `encode` raises before it changes anything,
so that a batch with a row that cannot be encoded can be tried again row by row.
"""

from __future__ import annotations

import csv
import functools
import io
import itertools
import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Literal, Protocol

import msgspec

from raw_asgi.backends.tables import Row

_PLAIN_TYPES = frozenset({str, int, float, bool, type(None)})
_BLOB_TYPES = (bytes, bytearray, memoryview)


# What begins like this a spreadsheet would run, unless it is a number.
_RUN = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class Encoder(Protocol):
    """Rows in, bytes out."""

    @property
    def head(self) -> bytes:
        """What stands before the first row."""

    @property
    def tail(self) -> bytes:
        """What stands after the last row, when the rows came to their end."""

    def encode(self, rows: Sequence[Row]) -> bytes:
        """The bytes of some rows. Raises what the encoding of a cell raises."""

    def rest(self) -> bytes:
        """What was held back, at the end of the rows or at their failure."""


class CSVEncoder:
    """RFC 4180: CRLF after each row, a cell quoted where it must be, UTF-8.

    `bom` puts a byte order mark first, for Excel. `guard` puts `'` before a cell that a
    spreadsheet would run as a formula.
    """

    tail = b""

    def __init__(self, columns: Sequence[str], *, bom: bool = False, guard: bool = False) -> None:
        self._guard = guard
        self._width = len(columns)
        self.head = ("\ufeff" if bom else "").encode() + self.encode([tuple(columns)])

    def encode(self, rows: Sequence[Row]) -> bytes:
        # RFC 4180 §2: each line has the same number of fields. A row cut short would not show.
        if set(map(len, rows)) - {self._width}:
            raise ValueError(f"a row does not have {self._width} cells")
        # One pass in C over the types of a batch costs a fifth of a look at each cell.
        types = set(map(type, itertools.chain.from_iterable(rows)))
        if self._guard:
            rows = [[_guard_cell(_plain_cell(cell)) for cell in row] for row in rows]
        elif not types <= _PLAIN_TYPES:
            rows = [[_plain_cell(cell) for cell in row] for row in rows]
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        return text.getvalue().encode()

    def rest(self) -> bytes:
        return b""


class JSONEncoder:
    """RFC 8259: an object a row, its members in the order of the columns, UTF-8.

    `layout` is `lines` (a text a line), `array` (one array of all rows) or the number of rows
    that each line holds as an array. NaN and infinities are null, blobs base64.
    """

    def __init__(self, columns: Sequence[str], layout: Literal["lines", "array"] | int) -> None:
        self._make_object = _object_maker(tuple(columns))
        self.head = b"[" if layout == "array" else b""
        self.tail = b"]" if layout == "array" else b""
        self._separator = b""
        self._held = 0
        self._layout = layout

    def encode(self, rows: Sequence[Row]) -> bytes:
        if not rows:
            return b""
        objects = list(itertools.starmap(self._make_object, rows))
        if self._layout == "array":
            text = _JSON.encode(objects)[1:-1]
            separator, self._separator = self._separator, b","
            return separator + text
        lines = _JSON.encode_lines(objects)
        return lines if self._layout == "lines" else self._group(lines, self._layout)

    def rest(self) -> bytes:
        held, self._held = self._held, 0
        return b"]\n" if held else b""

    def _group(self, lines: bytes, size: int) -> bytes:
        # A line leaves as it grows: held until it is whole, it could be of any size.
        parts: list[bytes] = []
        for text in lines.splitlines():
            parts += (b"," if self._held else b"[", text)
            self._held = (self._held + 1) % size
            if not self._held:
                parts.append(b"]\n")
        return b"".join(parts)


@functools.lru_cache(maxsize=256)
def _object_maker(columns: tuple[str, ...]) -> Callable[..., object]:
    """What makes an object of the cells of a row. It raises TypeError for too many or too few."""
    names = [f"cell_{number}" for number in range(len(columns))]
    # A structure is made in a tenth of the time of a `dict`, and its members' names are
    # checked once. `gc=False`: the collector would look at each again and again, for nothing.
    try:
        return msgspec.defstruct(
            "Object",
            [(name, object) for name in names],
            rename=dict(zip(names, columns, strict=True)),
            gc=False,
        )
    except ValueError:  # a name with a quote, a backslash or a control character
        return lambda *cells: dict(zip(columns, cells, strict=True))


def _plain_cell(cell: object) -> object:
    return b64encode(cell).decode() if isinstance(cell, _BLOB_TYPES) else cell


def _guard_cell(cell: object) -> object:
    if cell is None or isinstance(cell, int):
        return cell
    text = str(cell)  # whatever its type was: a spreadsheet sees only this
    return "'" + text if text.startswith(_RUN) and not _NUMBER.fullmatch(text) else cell


def _plain_value(value: object) -> object:
    """What a subclass of a type that JSON has a form for holds."""
    if isinstance(value, _BLOB_TYPES):
        return bytes(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    raise TypeError(f"a value of type {type(value).__name__} has no JSON form")


# Blobs become base64, decimals texts, NaN and infinities null.
_JSON = msgspec.json.Encoder(enc_hook=_plain_value, decimal_format="string")
