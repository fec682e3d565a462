"""Preconditions (RFC 9110 §13): those that StaticFiles does not know."""

from __future__ import annotations

import re
from datetime import datetime

from starlette.requests import Request

# A list of entity tags (RFC 9110 §8.8.3), in which elements may be empty (§5.6.1). Ours have no
# commas and no blanks in them.
_TAGS = re.compile(r'[ \t,]*(?:(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"[ \t]*(?:,[ \t,]*|\Z))+')

# HTTP-date (RFC 9110 §5.6.7): IMF-fixdate, and the obsolete ones of RFC 850 and of asctime.
_DATES = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")


def if_match_fails(request: Request, etag: str | None) -> bool:
    """Whether `If-Match` is there and does not name the file; `etag` is None where none is.

    The comparison is the strong one: a weak tag is equal to none of ours.
    """
    field = _join(request, "if-match")
    return field is not None and not _is_named(field, etag)


def if_none_match_fails(request: Request, etag: str | None) -> bool:
    """Whether `If-None-Match` is there and names the file, compared weakly."""
    field = _join(request, "if-none-match")
    return field is not None and _is_named(field.replace("W/", ""), etag)


def if_unmodified_since_fails(request: Request, last_modified: str) -> bool:
    """Whether the file has changed since `If-Unmodified-Since`, which `If-Match` overrules."""
    if "if-match" in request.headers or "if-unmodified-since" not in request.headers:
        return False
    since = _read_date(request.headers["if-unmodified-since"])
    modified = _read_date(last_modified)
    return since is not None and modified is not None and modified > since


def _join(request: Request, name: str) -> str | None:
    return ", ".join(request.headers.getlist(name)) or None


def _is_named(field: str, etag: str | None) -> bool:
    if field.strip() == "*":
        return etag is not None
    # A list that is malformed names nothing.
    return _TAGS.fullmatch(field) is not None and etag in re.split(r"[ \t,]+", field)


def _read_date(text: str) -> datetime | None:
    for form in _DATES:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None
