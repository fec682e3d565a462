"""Running totals of a CSV column, while the CSV arrives."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow

MAX_RECORD_BYTES = 1 << 20
"""A record longer than this is refused: it would have to be held in memory."""

_BOM = b"\xef\xbb\xbf"

# decimal = [sign] (digits ["." [digits]] / "." digits) [("e" / "E") [sign] digits]
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")

# A total is exact or refused: `1e999999999` would be a gigabyte of zeros.
_EXACT = Context(prec=100, Emin=-100, Emax=100, traps=[Inexact, InvalidOperation, Overflow])


class TotalsError(ValueError):
    """The CSV is not what a total can be made of; the message says why in one line."""


class RunningTotals:
    """Takes CSV with a header row and gives the same rows with a column `running_total`.

    RFC 4180, UTF-8; a byte order mark is dropped. `column` names the column to add up.
    """

    def __init__(self, column: str) -> None:
        self._column = column
        self._buffer = bytearray()
        self._line = 0
        self._searched = 0
        self._quotes = 0
        self._index: int | None = None
        self._width = 0
        self._total = Decimal(0)

    @property
    def started(self) -> bool:
        """Whether the header row has come."""
        return self._index is not None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give the rows that are complete with `data`. Raises TotalsError after those before."""
        self._buffer += data
        end = self._find_end_of_records()
        if end:
            records = bytes(self._buffer[:end])
            del self._buffer[:end]
            self._line -= end
            self._searched -= end
            yield from self._total_records(records)
        if len(self._buffer) > MAX_RECORD_BYTES:
            raise TotalsError(f"a row is longer than {MAX_RECORD_BYTES} bytes")

    def finish(self) -> Iterator[bytes]:
        """Give the last row, if it had no line end. Raises TotalsError, also without a header."""
        records = bytes(self._buffer)
        self._buffer.clear()
        yield from self._total_records(records)
        if not self.started:
            raise TotalsError("there is no header row")

    def _find_end_of_records(self) -> int:
        """After the last line end outside quotes, before a record that is too long.

        Each byte is looked at once.
        """
        end = 0
        buffer = self._buffer
        while (line_end := buffer.find(b"\n", self._searched)) >= 0:
            if line_end + 1 - end > MAX_RECORD_BYTES:
                return end
            self._quotes += buffer.count(b'"', self._line, line_end)
            self._line = self._searched = line_end + 1
            # A doubled quote counts twice, so that an odd count is an open quote.
            if self._quotes % 2 == 0:
                end = self._line
        self._searched = len(buffer)
        return end

    def _total_records(self, records: bytes) -> Iterator[bytes]:
        if not self.started:
            records = records.removeprefix(_BOM)
        try:
            text = records.decode()
        except UnicodeDecodeError as error:
            # The rows before the broken one are still good.
            good = records.rfind(b"\n", 0, error.start) + 1
            yield from self._total_records(records[:good])
            raise TotalsError("the text is not UTF-8") from None
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        try:
            for row in csv.reader(io.StringIO(text, newline=""), strict=True):
                if row:
                    writer.writerow([*row, self._total_row(row)])
        except (csv.Error, TotalsError) as error:
            if out.tell():
                yield out.getvalue().encode()
            raise TotalsError(str(error)) from error
        if out.tell():
            yield out.getvalue().encode()

    def _total_row(self, row: list[str]) -> str:
        if self._index is None:
            self._read_header(row)
            return "running_total"
        if len(row) != self._width:
            raise TotalsError(f"a row has {len(row)} cells, the header has {self._width}")
        cell = row[self._index]
        if not _DECIMAL.fullmatch(cell):
            raise TotalsError(f"a cell of {self._column!r} is no number")
        try:
            self._total = _EXACT.add(self._total, _EXACT.create_decimal(cell))
        except DecimalException:
            raise TotalsError(f"a total of {self._column!r} has too many digits") from None
        return format_decimal(self._total)

    def _read_header(self, row: list[str]) -> None:
        if self._column not in row:
            raise TotalsError(f"the header has no column {self._column!r}")
        self._index = row.index(self._column)
        self._width = len(row)


def format_decimal(value: Decimal) -> str:
    """The shortest decimal without an exponent: `0.30` is `0.3`, `1E+2` is `100`."""
    return format(value.normalize(_EXACT), "f") if value else "0"
