"""Requests whose chunks are malformed, and some that look as if they were."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.refusal import CHUNKED, UPLOADED, check_never_complete

_SIZE = "RFC 9112 §7.1: 1*HEXDIG"
_CHUNK = "RFC 9112 §7.1"
_LAST = b"0\r\n\r\n"


def _check_size(probe: Probe, size: bytes) -> None:
    """Check that this is no size of a chunk of five bytes."""
    check_never_complete(probe, size + b"\r\nhello\r\n" + _LAST)


@check("malformed-chunk-size", requirement="SM-09", http="1.1", reference=_SIZE)
def test_malformed_chunk_size(probe: Probe) -> None:
    _check_size(probe, b"xyz")


@check("malformed-chunk-size-empty", requirement="SM-09", http="1.1", reference=_SIZE)
def test_malformed_chunk_size_empty(probe: Probe) -> None:
    _check_size(probe, b"")


@check("malformed-chunk-size-negative", requirement="SM-09", http="1.1", reference=_SIZE)
def test_malformed_chunk_size_negative(probe: Probe) -> None:
    _check_size(probe, b"-5")


@check("malformed-chunk-size-plus", requirement="SM-09", http="1.1", reference=_SIZE)
def test_malformed_chunk_size_plus(probe: Probe) -> None:
    # What int(…, 16) of Python takes, as the next two.
    _check_size(probe, b"+5")


@check("malformed-chunk-size-prefix", requirement="SM-09", http="1.1", reference=_SIZE)
def test_malformed_chunk_size_prefix(probe: Probe) -> None:
    _check_size(probe, b"0x5")


@check("malformed-chunk-size-underscore", requirement="SM-09", http="1.1", reference=_SIZE)
def test_malformed_chunk_size_underscore(probe: Probe) -> None:
    _check_size(probe, b"0_5")


@check(
    "malformed-chunk-size-space-first",
    severity="should",
    requirement="SM-09",
    http="1.1",
    reference=_SIZE,
)
def test_malformed_chunk_size_space_first(probe: Probe) -> None:
    _check_size(probe, b" 5")


@check("malformed-chunk-size-two-words", requirement="SM-09", http="1.1", reference=_SIZE)
def test_malformed_chunk_size_two_words(probe: Probe) -> None:
    _check_size(probe, b"5 5")


@check(
    "malformed-chunk-size-overflow",
    requirement="SM-09",
    http="1.1",
    reference=f"{_CHUNK}: must anticipate",
)
def test_malformed_chunk_size_overflow(probe: Probe) -> None:
    # 2 to the power of 64, and 5 more; refused, or a chunk of which most is to come.
    _check_size(probe, b"10000000000000005")


@check("malformed-chunk-end", requirement="SM-09", http="1.1", reference=_CHUNK)
def test_malformed_chunk_end(probe: Probe) -> None:
    # After its data comes no line end.
    check_never_complete(probe, b"5\r\nhello" + _LAST)


@check("malformed-chunk-end-other", requirement="SM-09", http="1.1", reference=_CHUNK)
def test_malformed_chunk_end_other(probe: Probe) -> None:
    # Two bytes that are not CR and LF.
    check_never_complete(probe, b"5\r\nhelloxx" + _LAST)


@check(
    "malformed-chunk-line-end",
    severity="should",
    requirement="SM-09",
    http="1.1",
    reference=f"{_CHUNK}; §2.2 lets LF alone end the start line and fields, no others",
)
def test_malformed_chunk_line_end(probe: Probe) -> None:
    check_never_complete(probe, b"5\nhello\r\n" + _LAST)


@check(
    "malformed-chunk-data-line-end",
    severity="should",
    requirement="SM-09",
    http="1.1",
    reference=_CHUNK,
)
def test_malformed_chunk_data_line_end(probe: Probe) -> None:
    check_never_complete(probe, b"5\r\nhello\n" + _LAST)


@check(
    "malformed-chunk-extension",
    severity="should",
    requirement="SM-09",
    http="1.1",
    reference="RFC 9112 §7.1.1",
)
def test_malformed_chunk_extension(probe: Probe) -> None:
    # With a line end of its own, where others see the end of the line.
    check_never_complete(probe, b"5;a=1\nb\r\nhello\r\n" + _LAST)


@check(
    "malformed-chunk-trailer",
    severity="should",
    requirement="SM-09",
    http="1.1",
    reference="RFC 9112 §7.1.2",
)
def test_malformed_chunk_trailer(probe: Probe) -> None:
    check_never_complete(probe, b"5\r\nhello\r\n0\r\nno field\r\n\r\n")


def _check_received(probe: Probe, content: bytes, body: bytes) -> None:
    """Check that chunks are decoded to this body."""
    answer = probe.send_literally(CHUNKED, UPLOADED, content)
    assert (answer.status, answer.body) == (200, b"done")
    received = b"".join(message.get("body", b"") for message in probe.messages(answer))
    assert received == body


@check(
    "request-chunk-extension",
    requirement="SM-09",
    http="1.1",
    reference="RFC 9112 §7.1.1: must ignore",
)
def test_request_chunk_extension(probe: Probe) -> None:
    _check_received(probe, b'5;one=1;two;three="3"\r\nhello\r\n0;four\r\n\r\n', b"hello")


@check(
    "request-chunk-extension-quoted",
    severity="should",
    requirement="SM-09",
    http="1.1",
    reference="RFC 9112 §7.1.1, RFC 9110 §5.6.4",
)
def test_request_chunk_extension_quoted(probe: Probe) -> None:
    # A quoted string has a semicolon in it, and a pair that stands for a quote.
    _check_received(probe, b'5;one="1;\\""\r\nhello\r\n' + _LAST, b"hello")


@check("request-chunk-size-letters", requirement="SM-09", http="1.1", reference=_SIZE)
def test_request_chunk_size_letters(probe: Probe) -> None:
    # Hexadecimal, in either case.
    _check_received(
        probe, b"a\r\n0123456789\r\nB\r\n01234567890\r\n" + _LAST, b"012345678901234567890"
    )


@check("request-chunk-size-zeros", requirement="SM-09", http="1.1", reference=_SIZE)
def test_request_chunk_size_zeros(probe: Probe) -> None:
    _check_received(probe, b"0005\r\nhello\r\n000\r\n\r\n", b"hello")


@check(
    "request-encoding-upper-case",
    requirement="SM-05",
    http="1.1",
    reference="RFC 9112 §7: case-insensitive",
)
def test_request_encoding_upper_case(probe: Probe) -> None:
    head = CHUNKED.replace(b"chunked", b"Chunked")
    answer = probe.send_literally(head, UPLOADED, b"5\r\nhello\r\n" + _LAST)
    assert (answer.status, answer.body) == (200, b"done")
    received = b"".join(message.get("body", b"") for message in probe.messages(answer))
    assert received == b"hello"
