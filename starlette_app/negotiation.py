"""Content negotiation by `Accept` (RFC 9110 §12.5.1), which Starlette leaves to the application."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.request import parse_http_list

from starlette.requests import Request

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 (of a grammar, no secret)
# media-range = "*/*" / type "/*" / type "/" subtype
_MEDIA_RANGE = re.compile(rf"\*/\*|(?!\*){_TOKEN}/{_TOKEN}")
# qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3( "0" ) ] )
_QVALUE = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


def choose_media_type(request: Request, offered: Sequence[str]) -> str | None:
    """What the client likes best of `offered`, the first of equals; None where it takes none."""
    accept = ", ".join(request.headers.getlist("accept"))
    # Empty elements of the list are read over (RFC 9110 §5.6.1).
    members = filter(None, (member.strip() for member in parse_http_list(accept)))
    ranges = dict(filter(None, map(_parse_range, members)))
    if not ranges:
        return offered[0]

    def rate(media_type: str) -> float:
        # The most specific range decides, also where it says less than a wider one.
        any_subtype = media_type.partition("/")[0] + "/*"
        for media_range in (media_type, any_subtype, "*/*"):
            if media_range in ranges:
                return ranges[media_range]
        return 0.0

    best = max(offered, key=rate)
    return best if rate(best) > 0 else None


def _parse_range(member: str) -> tuple[str, float] | None:
    """A range and its quality. With parameters it is another range, none that we offer."""
    media_range, *rest = (part.strip() for part in member.split(";"))
    parameters = list(filter(None, rest))
    weights = [parameter[2:] for parameter in parameters if parameter[:2].lower() == "q="]
    others = [parameter for parameter in parameters if parameter[:2].lower() != "q="]
    quality = weights[0] if weights else "1"
    if not _MEDIA_RANGE.fullmatch(media_range) or not _QVALUE.fullmatch(quality):
        return None
    return ";".join([media_range.lower(), *others]), float(quality)
