"""Range requests for the unit `bytes` (RFC 9110 §14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MAX_RANGES = 100

# ranges-specifier = range-unit "=" range-set ; the only unit here is bytes-unit = "bytes"
_RANGES_SPECIFIER = re.compile(r"bytes=(?P<set>.*)", re.IGNORECASE | re.ASCII)

# int-range = first-pos "-" [ last-pos ] ; first-pos = 1*DIGIT ; last-pos = 1*DIGIT
# suffix-range = "-" suffix-length       ; suffix-length = 1*DIGIT
# A hundred digits are beyond every file, and few enough to convert at once.
_RANGE_SPEC = re.compile(
    r"(?P<first>[0-9]{1,100})-(?P<last>[0-9]{1,100})?|-(?P<suffix>[0-9]{1,100})"
)

_OWS = " \t"


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes from `start` up to, not including, `stop`."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.stop - self.start

    def content_range(self, total: int) -> str:
        """The value of `Content-Range` (RFC 9110 §14.4) in a content of `total` bytes."""
        return f"bytes {self.start}-{self.stop - 1}/{total}"


def parse_range(value: str, size: int) -> list[ByteRange] | None:
    """Read the value of `Range` (RFC 9110 §14.2) for a content of `size` bytes.

    Returns the satisfiable ranges in the order asked; an empty list when none is
    satisfiable (416); None when the field is to be ignored: another unit, a set
    that is malformed, has more than 100 ranges, or has several that add up to
    more than `size` (§14.2 and §17.15 allow to refuse such sets), or a suffix
    of an empty content, which is satisfiable but has no `Content-Range`.
    """
    specifier = _RANGES_SPECIFIER.fullmatch(value.strip(_OWS))
    if specifier is None:
        return None
    # §5.6.1.2: a recipient reads over empty list elements.
    members = [text for member in specifier["set"].split(",") if (text := member.strip(_OWS))]
    if not 1 <= len(members) <= _MAX_RANGES:
        return None
    ranges: list[ByteRange] = []
    for member in members:
        spec = _RANGE_SPEC.fullmatch(member)
        bounds = None if spec is None else _bounds(spec, size)
        if bounds is None:
            return None
        if bounds.start < size and bounds.size > 0:
            ranges.append(bounds)
    if len(ranges) > 1 and sum(each.size for each in ranges) > size:
        return None
    return ranges


def _bounds(spec: re.Match[str], size: int) -> ByteRange | None:
    """The range that `spec` means, cut at `size`; None where the set must be ignored."""
    if (suffix := spec["suffix"]) is not None:
        length = int(suffix)
        return None if length and not size else ByteRange(max(size - length, 0), size)
    first = int(spec["first"])
    if (last := spec["last"]) is None:
        return ByteRange(first, max(first, size))
    # §14.1.1: an int-range whose last-pos is less than its first-pos is invalid.
    return None if int(last) < first else ByteRange(first, min(int(last) + 1, max(first, size)))


@dataclass(frozen=True, slots=True)
class MultipartByteRanges:
    """The framing of a `multipart/byteranges` content (RFC 9110 §14.6).

    The content is, for each range, `head(range)` and the range's bytes, then
    `tail`. `boundary` must be a token that does not occur in the bytes,
    `part_type` is the `Content-Type` of the whole, `total` its size in bytes.
    """

    boundary: str
    part_type: str
    total: int
    ranges: tuple[ByteRange, ...]

    @property
    def content_type(self) -> str:
        """The response's own `Content-Type`."""
        return f"multipart/byteranges; boundary={self.boundary}"

    @property
    def content_length(self) -> int:
        """The size of the whole content in bytes, framing included."""
        framed = sum(len(self.head(each)) + each.size for each in self.ranges)
        return framed + len(self.tail)

    @property
    def tail(self) -> bytes:
        """What follows the last part's bytes: the closing delimiter."""
        return f"\r\n--{self.boundary}--\r\n".encode("latin-1")

    def head(self, part: ByteRange) -> bytes:
        """What precedes a part's bytes: its delimiter and header section.

        `part` must be one of the very objects in `ranges`, since the first
        part has no CRLF before its delimiter and equal ranges may be asked twice.
        """
        start = "" if part is self.ranges[0] else "\r\n"
        return (
            f"{start}--{self.boundary}\r\n"
            f"Content-Type: {self.part_type}\r\n"
            f"Content-Range: {part.content_range(self.total)}\r\n"
            "\r\n"
        ).encode("latin-1")
