"""Mistakes with malformed lines of an HTTP/1.1 head: each is read as what it might have meant."""

from __future__ import annotations

from reference.errors import BadRequest
from reference.policy import Policy


class Rereading(Policy):
    """Reads some bytes as others, one pair after the other."""

    pairs: tuple[tuple[bytes, bytes], ...] = ()

    def incoming(self, data: bytes) -> bytes:
        for written, read in self.pairs:
            data = data.replace(written, read)
        return data


class TakesOneWord(Rereading):
    """One word is a request of the root."""

    pairs = ((b"NONSENSE\r\n", b"GET / HTTP/1.1\r\n"),)


class TakesAnyMethod(Rereading):
    """A method is whatever is there."""

    pairs = ((b"G(E)T ", b"GET "),)


class AssumesTarget(Rereading):
    """Without a target it is the root."""

    pairs = ((b"GET HTTP/1.1", b"GET / HTTP/1.1"),)


class TakesFirstTarget(Rereading):
    """Of two targets the first is taken."""

    pairs = ((b" /one two ", b" /one "),)


class AddsSlash(Rereading):
    """A target that is no path is below the root."""

    pairs = ((b"GET one ", b"GET /one "),)


class DropsControls(Rereading):
    """Control characters are left out."""

    pairs = ((b"\x01", b""),)


class RefusesLetters(Rereading):
    """A target is of ASCII."""

    pairs = ((b"\xc3\xbc", b"\x01"),)


class AssumesMinor(Rereading):
    """A minor version that is no number is 1."""

    pairs = ((b"HTTP/1.x", b"HTTP/1.1"),)


class TakesSmallLetters(Rereading):
    """The version may be in small letters."""

    pairs = ((b"http/1.1", b"HTTP/1.1"),)


class TakesAnyMajor(Rereading):
    """A version is a number."""

    pairs = ((b"HTTP/3.0", b"HTTP/1.1"),)


class AddsColon(Rereading):
    """A line without a colon is a field without a value."""

    pairs = ((b"\r\nX-One\r\n", b"\r\nX-One: \r\n"),)


class DropsSpaces(Rereading):
    """Spaces in names are left out."""

    pairs = ((b"X One", b"X-One"),)


class AssumesName(Rereading):
    """A field without a name has one."""

    pairs = ((b"\r\n: 1", b"\r\nx: 1"),)


class RefusesEmptyLine(Rereading):
    """A request begins with its request line."""

    pairs = ((b"\r\nGET /", b"\r\n\x01GET /"),)


class TakesLineFeeds(Rereading):
    """LF ends a line."""

    pairs = ((b"\r\n", b"\n"), (b"\n", b"\r\n"))


class DropsBareCr(Rereading):
    """A CR that ends no line is left out."""

    pairs = ((b"/\rone", b"/one"), (b"1\r2", b"12"))


class TakesBareCr(Rereading):
    """CR ends a line."""

    pairs = ((b"1\rContent", b"1\r\nContent"),)


class DropsNul(Rereading):
    """NUL is left out."""

    pairs = ((b"\x00", b""),)


class TakesTabBeforeColon(Rereading):
    """A field name may have a tab after it."""

    pairs = ((b"\t:", b":"),)


class JoinsFolds(Rereading):
    """A folded line is joined without a space."""

    pairs = ((b"\r\n 2", b"2"),)


class JoinsTabbedFolds(Rereading):
    """A folded line is joined without a space."""

    pairs = ((b"\r\n\t", b""),)


class StripsLines(Rereading):
    """Space before a field is no part of it."""

    pairs = ((b"\r\n ", b"\r\n"),)


class AssumesHost(Rereading):
    """Without Host it is this one."""

    pairs = ((b"GET / HTTP/1.1\r\nasgi", b"GET / HTTP/1.1\r\nHost: x\r\nasgi"),)


class TakesFirstHost(Rereading):
    """Of several hosts the first is taken."""

    pairs = (
        (b"Host: example.org\r\n", b""),
        (b"Host: 127.0.0.1\r\nHost: 127.0.0.1\r\n", b"Host: 127.0.0.1\r\n"),
    )


class TakesAnyHost(Rereading):
    """A host is whatever is there."""

    pairs = ((b"Host: one two", b"Host: one-two"),)


class WantsHost(Rereading):
    """HTTP/1.0 has a host, too."""

    pairs = ((b"HTTP/1.0\r\nasgi", b"HTTP/1.0\r\nHost: \x01\r\nasgi"),)


# How a request is refused.


class RefusesSilently(Policy):
    """What is malformed is not answered."""

    def answer_malformed(self, error: BadRequest) -> int | None:
        del error
        return None


class RefusesAllAlike(Policy):
    """What is malformed is a 400."""

    def answer_malformed(self, error: BadRequest) -> int | None:
        del error
        return 400
