"""Conditional requests (RFC 9110 §8.8 and §13)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from raw_asgi.http.dates import parse_http_date

# entity-tag = [ weak ] opaque-tag       ; weak = %s"W/"
# opaque-tag = DQUOTE *etagc DQUOTE      ; etagc = %x21 / %x23-7E / obs-text
_ENTITY_TAG = r'(?P<weak>W/)?"(?P<opaque>[\x21\x23-\x7e\x80-\xff]*)"'

# A list element, empty or not, up to its comma (RFC 9110 §5.6.1.2): OWS [ entity-tag ] OWS
_LIST_ELEMENT = re.compile(rf"[ \t]*(?:{_ENTITY_TAG}[ \t]*)?(?:,|\Z)")


@dataclass(frozen=True, slots=True)
class EntityTag:
    """An entity tag (RFC 9110 §8.8.3); `opaque` is without its quotes."""

    opaque: str
    weak: bool = False

    def __str__(self) -> str:
        return f'W/"{self.opaque}"' if self.weak else f'"{self.opaque}"'

    def matches_strongly(self, other: EntityTag) -> bool:
        """The strong comparison of RFC 9110 §8.8.3.2: equal, and neither is weak."""
        return not self.weak and not other.weak and self.opaque == other.opaque

    def matches_weakly(self, other: EntityTag) -> bool:
        """The weak comparison of RFC 9110 §8.8.3.2: equal but for weakness."""
        return self.opaque == other.opaque


@dataclass(frozen=True, slots=True)
class Validators:
    """What the selected representation is told apart by; times in POSIX seconds."""

    etag: EntityTag | None = None
    last_modified: int | None = None


class Outcome(Enum):
    """What the preconditions of a request come to (RFC 9110 §13.2.2)."""

    PROCEED = auto()
    NOT_MODIFIED = auto()
    PRECONDITION_FAILED = auto()


def parse_entity_tags(value: str) -> Literal["*"] | list[EntityTag] | None:
    """Read `If-Match` or `If-None-Match`: `"*" / #entity-tag` (RFC 9110 §13.1).

    Returns `"*"`, the tags in order, or None when the value is malformed.
    """
    if value.strip(" \t") == "*":
        return "*"
    tags: list[EntityTag] = []
    position = 0
    while position < len(value):
        element = _LIST_ELEMENT.match(value, position)
        if element is None:
            return None
        if (opaque := element["opaque"]) is not None:
            tags.append(EntityTag(opaque, weak=element["weak"] is not None))
        position = element.end()
    return tags


def evaluate(method: str, headers: Mapping[str, str], current: Validators | None) -> Outcome:
    """Evaluate a request's preconditions in the order of RFC 9110 §13.2.2.

    `headers` has lower-case names. `current` is None where the resource has
    no representation. A malformed list of tags matches nothing, so `If-Match`
    fails by it and `If-None-Match` passes; a date that is no HTTP-date is
    ignored. `Range` and `If-Range` are left to `range_applies`.
    """
    retrieves = method in ("GET", "HEAD")
    if (if_match := headers.get("if-match")) is not None:
        if not _any_matches(if_match, current, strongly=True):
            return Outcome.PRECONDITION_FAILED
    elif _modified_since(headers.get("if-unmodified-since"), current) is True:
        return Outcome.PRECONDITION_FAILED

    if (if_none_match := headers.get("if-none-match")) is not None:
        if _any_matches(if_none_match, current, strongly=False):
            return Outcome.NOT_MODIFIED if retrieves else Outcome.PRECONDITION_FAILED
    elif retrieves and _modified_since(headers.get("if-modified-since"), current) is False:
        return Outcome.NOT_MODIFIED
    return Outcome.PROCEED


def range_applies(if_range: str | None, current: Validators, now: int) -> bool:
    """Whether `Range` is to be honoured (RFC 9110 §13.1.5).

    `now` is the response's date in POSIX seconds: a modification time is a
    strong validator only once it is at least a second old (§8.8.2.2).
    """
    if if_range is None:
        return True
    value = if_range.strip(" \t")
    if tag := re.fullmatch(_ENTITY_TAG, value):
        asked = EntityTag(tag["opaque"], weak=tag["weak"] is not None)
        return current.etag is not None and current.etag.matches_strongly(asked)
    modified = current.last_modified
    return modified is not None and parse_http_date(value) == modified and modified + 1 <= now


def _any_matches(field: str, current: Validators | None, *, strongly: bool) -> bool:
    tags = parse_entity_tags(field)
    if current is None or tags is None:
        return False
    if tags == "*":
        return True
    etag = current.etag
    if etag is None:
        return False
    matches = etag.matches_strongly if strongly else etag.matches_weakly
    return any(matches(tag) for tag in tags)


def _modified_since(field: str | None, current: Validators | None) -> bool | None:
    """None where §13.1.3 and §13.1.4 have the field ignored: no date asked for or none known."""
    if field is None or current is None or current.last_modified is None:
        return None
    date = parse_http_date(field.strip(" \t"))
    return None if date is None else current.last_modified > date
