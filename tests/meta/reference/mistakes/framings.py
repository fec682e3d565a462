"""Mistakes with malformed lengths, codings and chunks of HTTP/1.1 requests."""

from __future__ import annotations

import re

from reference.mistakes.lines import Rereading
from reference.policy import Policy

_NUMBER = re.compile(rb"(: |\r\n)([+ ]|0_|0x)(5\r\n)")


class ReadsLikePython(Policy):
    """A number is what int() takes for one, at any base."""

    def incoming(self, data: bytes) -> bytes:
        return _NUMBER.sub(rb"\1\3", data)


class TakesFirstLength(Rereading):
    """Of two lengths the first is taken."""

    pairs = (
        (b"Content-Length: 6\r\n", b""),
        (b": 5, 6", b": 5"),
        (b"Content-Length: 0\r\nContent-Length: 5", b"Content-Length: 0"),
    )


class TakesWordsForNumbers(Rereading):
    """Five is 5."""

    pairs = ((b": five", b": 5"),)


class TakesNoLength(Rereading):
    """A length that is empty is none."""

    pairs = ((b"Content-Length: \r\n", b""),)


class TakesSize(Rereading):
    """A length has no sign."""

    pairs = ((b": -5", b": 5"), (b"\r\n-5\r\n", b"\r\n5\r\n"))


class TakesPrefix(Rereading):
    """A number with 0x before it is hexadecimal."""

    pairs = ((b"0x5", b"5"),)


class TakesFractions(Rereading):
    """A fraction is a number."""

    pairs = ((b": 5.0", b": 5"),)


class TakesFirstNumber(Rereading):
    """Of two numbers the first is taken."""

    pairs = ((b"5 5", b"5"),)


class Overflows(Rereading):
    """A number is of 64 bits."""

    pairs = ((b"18446744073709551621", b"5"), (b"10000000000000005", b"5"))


class MistakesRepeated(Rereading):
    """A length that is told twice is another one."""

    pairs = ((b"Content-Length: 5\r\nContent-Length: 5", b"Content-Length: 3"),)


class PrefersLength(Rereading):
    """A length counts more than chunks do."""

    pairs = (
        (b"Transfer-Encoding: chunked\r\nContent", b"Content"),
        (b"3\r\nTransfer-Encoding: chunked\r\n", b"3\r\n"),
    )


class ForgetsLength(Rereading):
    """Chunks count, and the length never was."""

    pairs = ((b"Content-Length: 15\r\n", b""),)


class TakesOldForNew(Rereading):
    """HTTP/1.0 is an older name of HTTP/1.1."""

    pairs = ((b" HTTP/1.0\r\n", b" HTTP/1.1\r\nHost: x\r\n"),)


class FindsChunked(Rereading):
    """Chunked is wherever the word is."""

    pairs = (
        (b"chunked, gzip", b"chunked"),
        (b"chunked\r\nTransfer-Encoding: gzip", b"chunked"),
        (b"chunked;q=1", b"chunked"),
        (b"chunked, chunked", b"chunked"),
        (b"xchunked", b"chunked"),
        (b"gzip, chunked", b"chunked"),
    )


class AssumesChunked(Rereading):
    """A coding is chunked, whatever its name."""

    pairs = ((b": gzip\r\n", b": chunked\r\n"), (b": identity\r\n", b": chunked\r\n"))


class TakesNoCoding(Rereading):
    """A coding without a name is none."""

    pairs = ((b"Transfer-Encoding: \r\n", b""),)


class WantsSmallLetters(Rereading):
    """A coding is in small letters."""

    pairs = ((b": Chunked", b": xchunked"),)


class TakesAnySize(Rereading):
    """A size that is no number is that of what comes."""

    pairs = ((b"xyz\r\n", b"5\r\n"),)


class AssumesSize(Rereading):
    """A size that is missing is that of what comes."""

    pairs = ((b"\r\n\r\n\r\nhello", b"\r\n\r\n5\r\nhello"),)


class EndsChunksBySize(Rereading):
    """After a chunk no line end is needed."""

    pairs = ((b"hello0\r\n", b"hello\r\n0\r\n"),)


class SkipsChunkEnd(Rereading):
    """After a chunk come two bytes."""

    pairs = ((b"helloxx", b"hello\r\n"),)


class TakesLineFeedAfterSize(Rereading):
    """LF ends the line of a size."""

    pairs = ((b"5\nhello", b"5\r\nhello"),)


class TakesLineFeedAfterChunk(Rereading):
    """LF ends a chunk."""

    pairs = ((b"hello\n0", b"hello\r\n0"),)


class SkipsExtensions(Rereading):
    """An extension goes on to CRLF, whatever is in it."""

    pairs = ((b";a=1\nb", b""),)


class SkipsTrailers(Rereading):
    """Trailers are whatever comes."""

    pairs = ((b"no field", b"no: field"),)


class RefusesExtensions(Rereading):
    """A chunk has no extensions."""

    pairs = ((b"5;one=1", b"5!one=1"),)


class RefusesQuotes(Rereading):
    """An extension has no quoted string."""

    pairs = ((b'5;one="', b'5!one="'),)


class WantsDigits(Rereading):
    """A size is of digits."""

    pairs = ((b"\r\na\r\n", b"\r\n!\r\n"),)


class RefusesZeros(Rereading):
    """A size does not begin with 0."""

    pairs = ((b"0005", b"!005"),)
