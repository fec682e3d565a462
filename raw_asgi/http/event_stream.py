"""Server-sent events (WHATWG HTML §9.2)."""

from __future__ import annotations

import re

# end-of-line = ( cr lf / cr / lf )
_END_OF_LINE = re.compile(r"\r\n|\r|\n")
_FORBIDDEN = re.compile(r"[\r\n\0]")
# An event's id here is 1*19DIGIT.
_EVENT_ID = re.compile(r"[0-9]{1,19}")

HEARTBEAT = b":\n\n"
"""A comment: keeps a connection in use, and dispatches nothing (§9.2.7)."""


def encode_event(
    data: str,
    *,
    event: str | None = None,
    id: str | None = None,  # noqa: A002 -- the field's own name
) -> bytes:
    """Write one event in UTF-8 (WHATWG HTML §9.2.5), with a `data` field for each line.

    Raises `ValueError` when `event` or `id` has CR, LF or NUL (a line end
    would begin another field, and §9.2.6 ignores an id with NUL), or when a text
    has a lone surrogate.
    """
    lines: list[str] = []
    for name, value in (("id", id), ("event", event)):
        if value is None:
            continue
        if _FORBIDDEN.search(value):
            raise ValueError(f"the field {name} has CR, LF or NUL")
        lines.append(f"{name}: {value}\n")
    lines += [f"data: {line}\n" for line in _END_OF_LINE.split(data)]
    lines.append("\n")
    return "".join(lines).encode()


def encode_retry(milliseconds: int) -> bytes:
    """Write how long a client waits before it reconnects (WHATWG HTML §9.2.6).

    Raises `ValueError` when `milliseconds` is negative.
    """
    if milliseconds < 0:
        raise ValueError("retry must not be negative")
    return b"retry: %d\n\n" % milliseconds


def parse_last_event_id(value: str | None) -> int | None:
    """Read `Last-Event-ID` (WHATWG HTML §9.2.4) as a number; None when it is not one.

    A number is at most 19 decimal digits.
    """
    return int(value) if value is not None and _EVENT_ID.fullmatch(value) else None
