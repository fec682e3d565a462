"""Media types (RFC 9110 §8.3) and content negotiation (§12.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

# token = 1*tchar
# tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|"
#       / "~" / DIGIT / ALPHA
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 -- of a grammar, no secret
# quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE
# qdtext = HTAB / SP / %x21 / %x23-5B / %x5D-7E / obs-text
# quoted-pair = "\" ( HTAB / SP / VCHAR / obs-text )
_QUOTED_STRING = r'"(?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"'

# media-type = type "/" subtype parameters ; type = token ; subtype = token
_MEDIA_TYPE = re.compile(
    rf"(?P<essence>{_TOKEN}/{_TOKEN})(?P<parameters>[ \t]*(?:;.*)?)", re.DOTALL
)
# parameters = *( OWS ";" OWS [ parameter ] ) ; parameter = token "=" ( token / quoted-string )
_PARAMETER = re.compile(
    rf"[ \t]*;[ \t]*(?:(?P<name>{_TOKEN})=(?P<value>{_TOKEN}|{_QUOTED_STRING}))?"
)
_QUOTED_PAIR = re.compile(r"\\(.)")
# weight's qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3( "0" ) ] )
_QVALUE = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
# codings = content-coding / "identity" / "*" ; each a token, then its weight
_CODING = re.compile(rf"(?P<coding>{_TOKEN})(?P<parameters>[ \t]*(?:;.*)?)", re.DOTALL)
# A list element, commas in quoted-strings included. A quote that nothing closes takes
# the rest with it: looking further from each such quote would cost quadratic time.
_LIST_ELEMENT = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*+(?:"|\\?\Z))+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class MediaRange:
    """A member of `Accept`: names in lower case, `quality` in thousandths (0 to 1000)."""

    type: str
    subtype: str
    parameters: dict[str, str]
    quality: int

    @property
    def specificity(self) -> tuple[bool, bool, int]:
        """Orders ranges by the precedence of RFC 9110 §12.5.1, the most specific last."""
        return self.type != "*", self.subtype != "*", len(self.parameters)

    def covers(self, essence: str, parameters: dict[str, str]) -> bool:
        """Whether a media type, as `parse_media_type` gives it, is within the range."""
        type_, _, subtype = essence.partition("/")
        return (
            self.type in ("*", type_)
            and self.subtype in ("*", subtype)
            and self.parameters.items() <= parameters.items()
        )


def scan_parameters(text: str) -> list[tuple[str, str]] | None:
    """Read `parameters` (RFC 9110 §5.6.6), which begin with their semicolon.

    Returns lower-case names with values as written, quotes included; None when
    `text` is malformed or has a name twice.
    """
    pairs: list[tuple[str, str]] = []
    text = text.rstrip(" \t")
    position = 0
    while position < len(text):
        parameter = _PARAMETER.match(text, position)
        if parameter is None:
            return None
        if parameter["name"] is not None:
            pairs.append((parameter["name"].lower(), parameter["value"]))
        position = parameter.end()
    return pairs if len(dict(pairs)) == len(pairs) else None


def parse_parameters(text: str) -> dict[str, str] | None:
    """Read `parameters` (RFC 9110 §5.6.6) as `scan_parameters`, quoted values unquoted."""
    pairs = scan_parameters(text)
    return None if pairs is None else {name: _unquote(value) for name, value in pairs}


def parse_media_type(value: str) -> tuple[str, dict[str, str]] | None:
    """Read a media type (RFC 9110 §8.3.1).

    Returns `type/subtype` in lower case and the parameters, names in lower case;
    None when it is malformed or has a parameter twice.
    """
    match = _MEDIA_TYPE.fullmatch(value.strip(" \t"))
    parameters = None if match is None else parse_parameters(match["parameters"])
    if match is None or parameters is None:
        return None
    return match["essence"].lower(), parameters


def media_type_essence(value: str) -> str:
    """`type/subtype` in lower case, whatever its parameters; empty when it is none."""
    match = _MEDIA_TYPE.fullmatch(value.strip(" \t"))
    return "" if match is None else match["essence"].lower()


def parse_accept(value: str) -> list[MediaRange]:
    """Read `Accept` (RFC 9110 §12.5.1) in the order written, without malformed members."""
    return [each for member in _members(value) if (each := _parse_media_range(member))]


def choose_media_type(accept: str | None, offered: Sequence[str]) -> str | None:
    """Choose from `offered`, best first, what `Accept` prefers (RFC 9110 §12.5.1).

    For each media type the most specific range that covers it gives its quality;
    of equals the first offered is chosen. A field that is missing, empty or has
    no well-formed member accepts everything. Returns None when nothing offered
    is acceptable (406). Raises `ValueError` when an offered type is malformed.
    """
    if not accept:
        return offered[0]
    # Clients send the same few values again and again, none of them long, and to work one out
    # took a tenth of all that a small request takes.
    choose = _choose_again if len(accept) <= _MAX_REMEMBERED else _choose_best
    return choose(accept, tuple(offered))


def _choose_best(accept: str, offered: tuple[str, ...]) -> str | None:
    ranges = parse_accept(accept)
    if not ranges:
        return offered[0]
    qualities = [_quality(media_type, ranges) for media_type in offered]
    best = max(qualities)
    return offered[qualities.index(best)] if best > 0 else None


_MAX_REMEMBERED = 256
_choose_again = lru_cache(maxsize=256)(_choose_best)


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether gzip is acceptable and not behind `identity` (RFC 9110 §12.5.3).

    `x-gzip` counts as `gzip` (§8.4.1.3). A field that is missing or empty
    asks for no coding. Malformed members are skipped.
    """
    qualities: dict[str, int] = {}
    for member in _members(accept_encoding or ""):
        match = _CODING.fullmatch(member)
        weight = None if match is None else _parse_weight(match["parameters"])
        if match is None or weight is None:
            continue
        name = match["coding"].lower()
        name = "gzip" if name == "x-gzip" else name
        qualities[name] = max(weight, qualities.get(name, 0))
    gzip = qualities.get("gzip", qualities.get("*", 0))
    return gzip > 0 and gzip >= qualities.get("identity", 0)


def _members(value: str) -> Iterator[str]:
    # RFC 9110 §5.6.1.2: a recipient reads over empty list elements.
    return filter(None, (element.strip(" \t") for element in _LIST_ELEMENT.findall(value)))


def _parse_media_range(member: str) -> MediaRange | None:
    parsed = parse_media_type(member)
    if parsed is None:
        return None
    essence, parameters = parsed
    type_, _, subtype = essence.partition("/")
    # media-range = ( "*/*" / ( type "/" "*" ) / ( type "/" subtype ) ) parameters
    quality = _parse_quality(parameters.pop("q", "1"))
    if quality is None or (type_ == "*" and subtype != "*"):
        return None
    return MediaRange(type_, subtype, parameters, quality)


def _parse_weight(text: str) -> int | None:
    """Read `OWS ";" OWS "q=" qvalue`, in thousandths: 1000 without one, None when malformed."""
    pairs = scan_parameters(text)
    match pairs:
        case []:
            return 1000
        case [("q", value)]:
            return _parse_quality(value)
        case _:
            return None


def _parse_quality(value: str) -> int | None:
    if not _QVALUE.fullmatch(value):
        return None
    whole, _, fraction = value.partition(".")
    return int(whole) * 1000 + int(fraction.ljust(3, "0"))


def _quality(media_type: str, ranges: Sequence[MediaRange]) -> int:
    parsed = parse_media_type(media_type)
    if parsed is None:
        raise ValueError(f"{media_type!r} is not a media type")
    covering = [each for each in ranges if each.covers(*parsed)]
    if not covering:
        return 0
    precedence = max(each.specificity for each in covering)
    return max(each.quality for each in covering if each.specificity == precedence)


def _unquote(value: str) -> str:
    return _QUOTED_PAIR.sub(r"\1", value[1:-1]) if value.startswith('"') else value
