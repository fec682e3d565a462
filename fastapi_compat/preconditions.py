"""Preconditions (RFC 9110 §13), which neither FastAPI nor FileResponse knows."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from starlette.datastructures import Headers

# entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE
_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = re.compile(rf"[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG})*[ \t,]*")

# HTTP-date (RFC 9110 §5.6.7): IMF-fixdate, and the obsolete ones of RFC 850 and of asctime.
_DATES = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")


def is_refused(headers: Headers, etag: str | None, modified: int | None = None) -> bool:
    """Whether `If-Match` or, without it, `If-Unmodified-Since` fails (RFC 9110 §13.2.2).

    `etag` is the strong tag of what is there, None where nothing is; `modified` is in seconds
    since 1970.
    """
    wanted = _read_tags(headers, "if-match")
    if wanted is not None:
        return etag is None or not {"*", etag} & wanted
    since = _read_date(headers, "if-unmodified-since")
    return since is not None and modified is not None and modified > since


def is_known(headers: Headers, etag: str | None, modified: int | None = None) -> bool:
    """Whether the client has what is there, by `If-None-Match` or else `If-Modified-Since`.

    That is 304 for `GET` and `HEAD`, 412 for other methods (RFC 9110 §13.2.2).
    """
    known = _read_tags(headers, "if-none-match")
    if known is not None:
        return etag is not None and bool({"*", etag, f"W/{etag}"} & known)
    since = _read_date(headers, "if-modified-since")
    return since is not None and modified is not None and modified <= since


def _read_tags(headers: Headers, name: str) -> set[str] | None:
    if name not in headers:
        return None
    field = ",".join(headers.getlist(name))
    if field.strip() == "*":
        return {"*"}
    return set(re.findall(_TAG, field)) if _TAGS.fullmatch(field) else set()


def _read_date(headers: Headers, name: str) -> int | None:
    for form in _DATES if name in headers else ():
        try:
            date = datetime.strptime(headers[name], form)
        except ValueError:
            continue
        return int(date.replace(tzinfo=UTC).timestamp())
    return None
