"""The parameters of a request's query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import overload
from urllib.parse import parse_qsl

from raw_asgi.http.problem import Problem

_MAX_FIELDS = 100
_LARGEST = 2**63 - 1

# 1*19DIGIT: enough for 2**63 - 1
_INTEGER = re.compile(r"[0-9]{1,19}")
# 1*99DIGIT [ "." 1*99DIGIT ]: finite as a float, and zero only where every digit is
_DECIMAL = re.compile(r"[0-9]{1,99}(?:\.[0-9]{1,99})?")


@dataclass(frozen=True, slots=True)
class Query:
    """A query's fields by name. Every reader raises `Problem` 422 for what does not fit."""

    fields: Mapping[str, str]

    @classmethod
    def parse(cls, query_string: bytes) -> Query:
        """Read `application/x-www-form-urlencoded` bytes (WHATWG URL §5.1).

        Bytes that are not UTF-8 become U+FFFD; of fields with one name the last
        counts. Raises `Problem` 422 for more than 100 fields.
        """
        if not query_string:
            return _EMPTY
        try:
            pairs = parse_qsl(
                query_string.decode("utf-8", "replace"),
                keep_blank_values=True,
                errors="replace",
                max_num_fields=_MAX_FIELDS,
            )
        except ValueError as error:
            raise Problem(422, f"the query has more than {_MAX_FIELDS} fields") from error
        return cls(dict(pairs))

    def text(self, name: str) -> str | None:
        """The value as it is, or None when missing."""
        return self.fields.get(name)

    @overload
    def integer(
        self, name: str, default: int, *, minimum: int = 0, maximum: int = _LARGEST
    ) -> int: ...

    @overload
    def integer(
        self, name: str, default: None, *, minimum: int = 0, maximum: int = _LARGEST
    ) -> int | None: ...

    def integer(
        self, name: str, default: int | None, *, minimum: int = 0, maximum: int = _LARGEST
    ) -> int | None:
        """A whole number in plain decimal digits, from `minimum` to `maximum`."""
        value = self.fields.get(name)
        if value is None:
            return default
        if not _INTEGER.fullmatch(value) or not minimum <= int(value) <= maximum:
            raise Problem(422, f"{name} must be a whole number from {minimum} to {maximum}")
        return int(value)

    def decimal(self, name: str, default: float, *, positive: bool = False) -> float:
        """A number to 2**63 in decimal digits, a fraction allowed; `positive`: above zero."""
        value = self.fields.get(name)
        if value is None:
            return default
        if (
            not _DECIMAL.fullmatch(value)
            or float(value) > _LARGEST
            or (positive and not float(value))
        ):
            bound = " above zero" if positive else ""
            raise Problem(422, f"{name} must be a decimal number{bound}")
        return float(value)

    def switch(self, name: str) -> bool:
        """True for `1`; False for `0` and when missing."""
        value = self.fields.get(name, "0")
        if value not in ("0", "1"):
            raise Problem(422, f"{name} must be 0 or 1")
        return value == "1"

    def names(self, name: str) -> tuple[str, ...] | None:
        """Names separated by commas, each once; None when missing."""
        value = self.fields.get(name)
        if value is None:
            return None
        names = tuple(value.split(","))
        if "" in names or len(set(names)) < len(names):
            raise Problem(422, f"{name} must be names separated by commas, each once")
        return names


_EMPTY = Query({})
