"""`Accept` (RFC 9110 §12.5.1): FastAPI reads the field, and leaves the choice to the endpoint."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 (of a grammar, no secret)
# media-range [ weight ]; a range with parameters is kept with them, and is none of ours.
_MEMBER = re.compile(
    rf"\s*(?P<range>(?:\*/\*|(?!\*/){_TOKEN}/{_TOKEN})(?:\s*;(?!\s*q=)[^;]*)*?)"
    r"\s*(?:;\s*q=(?P<quality>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?",
    re.IGNORECASE,
)


def choose_media_type(accept: Sequence[str], offered: Sequence[str]) -> str | None:
    """The media type that the lines of `Accept` prefer; of equals the first offered.

    Returns None where none is acceptable. No line, or none that is well-formed, accepts all.
    """
    members = filter(None, map(_MEMBER.fullmatch, ",".join(accept).split(",")))
    qualities = {member["range"].lower(): float(member["quality"] or 1) for member in members}

    def rate(media_type: str) -> float:
        # The most specific range decides, whatever the wider ones say.
        of_its_type = media_type.partition("/")[0] + "/*"
        ranges = (media_type, of_its_type, "*/*")
        return next((qualities[each] for each in ranges if each in qualities), 0.0)

    best = max(offered, key=rate)
    return best if rate(best) or not qualities else None
