"""The extension Zero Copy Send: the content of an open file, as a body or as a part of it."""

from __future__ import annotations

import pytest

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.exchange import Exchange
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.refusal import check_raises
from asgi_conformance.server.script import (
    Script,
    Step,
    Value,
    body,
    catching,
    receive,
    send,
    start,
    wait,
)

_NAME = "http.response.zerocopysend"
_ZERO_COPY = "extensions.rst, Zero Copy Send"
_INVALID = f"{_ZERO_COPY}; asgi.rst, Error Handling"


def _send_file(content: Value = "abcdef", **more: Value) -> Step:
    """Send a file of that content, opened at its beginning."""
    return send({"type": _NAME, "file": {"$open": content}, **more})


def _check_content(probe: Probe, script: Script, content: bytes) -> None:
    """Check that an answer of these messages has that content, with and without its length."""
    probe.require(_NAME)
    for fields in ([], [("content-length", str(len(content)))]):
        answer = probe.get([start(200, *fields), *script])
        assert (answer.status, answer.body, answer.ending) == (200, content, Ending.CLEAN)


@check("zerocopysend-sends-file", severity="should", requirement="EX-04", reference=_ZERO_COPY)
def test_zerocopysend_sends_file(probe: Probe) -> None:
    _check_content(probe, [_send_file()], b"abcdef")


@check("zerocopysend-empty-file", severity="should", requirement="EX-04", reference=_ZERO_COPY)
def test_zerocopysend_empty_file(probe: Probe) -> None:
    _check_content(probe, [_send_file("")], b"")


@check("zerocopysend-large-file", severity="should", requirement="EX-04", reference=_ZERO_COPY)
def test_zerocopysend_large_file(probe: Probe) -> None:
    _check_content(
        probe, [_send_file({"$repeat": ["0123456789", 500_000]})], b"0123456789" * 500_000
    )


@check("zerocopysend-mixed", requirement="EX-06", reference=_ZERO_COPY)
def test_zerocopysend_mixed(probe: Probe) -> None:
    script = [body("1", more=True), _send_file(more_body=True), body("2")]
    _check_content(probe, script, b"1abcdef2")


@check("zerocopysend-several", requirement="EX-06", reference=_ZERO_COPY)
def test_zerocopysend_several(probe: Probe) -> None:
    script = [_send_file("abc", more_body=True), _send_file("def", more_body=True), _send_file("g")]
    _check_content(probe, script, b"abcdefg")


@check("zerocopysend-offset", requirement="EX-07", reference=_ZERO_COPY)
def test_zerocopysend_offset(probe: Probe) -> None:
    _check_content(probe, [_send_file(offset=2)], b"cdef")


@check("zerocopysend-offset-zero", requirement="EX-07", reference=_ZERO_COPY)
def test_zerocopysend_offset_zero(probe: Probe) -> None:
    # Told, though it is nothing: not the file's position, which is behind the beginning.
    script = [send({"type": _NAME, "file": {"$open_at": ["abcdef", 3]}, "offset": 0})]
    _check_content(probe, script, b"abcdef")


@check("zerocopysend-position", requirement="EX-07", reference=_ZERO_COPY)
def test_zerocopysend_position(probe: Probe) -> None:
    script = [send({"type": _NAME, "file": {"$open_at": ["abcdef", 3]}})]
    _check_content(probe, script, b"def")


@check("zerocopysend-count", requirement="EX-08", reference=_ZERO_COPY)
def test_zerocopysend_count(probe: Probe) -> None:
    _check_content(probe, [_send_file(count=4)], b"abcd")


@check("zerocopysend-offset-and-count", requirement="EX-08", reference=_ZERO_COPY)
def test_zerocopysend_offset_and_count(probe: Probe) -> None:
    _check_content(probe, [_send_file(offset=1, count=2)], b"bc")


@check("zerocopysend-count-beyond", severity="observe", requirement="EX-08", reference=_ZERO_COPY)
def test_zerocopysend_count_beyond(probe: Probe) -> None:
    # More bytes than the file has.
    probe.require(_NAME)
    answer = probe.get([start(), catching(_send_file(count=10))])
    whole = answer.ending is Ending.CLEAN
    probe.observe(f"a whole {answer.status}" if whole else f"the answer is {answer.ending}")


@check("zerocopysend-more-body", requirement="EX-09", reference=_ZERO_COPY)
def test_zerocopysend_more_body(probe: Probe) -> None:
    # The client holds the file before the application says that this was all.
    probe.require(_NAME)
    answer = probe.request([start(), _send_file(more_body=True), wait(), body("g")])
    assert answer.read_until(b"abcdef") == b"abcdef"
    probe.record(answer).release(1)
    assert (answer.body, answer.ending) == (b"abcdefg", Ending.CLEAN)


@check("zerocopysend-ends-response", requirement="EX-09", reference=_ZERO_COPY)
def test_zerocopysend_ends_response(probe: Probe) -> None:
    # Without more_body nothing more is to come.
    probe.require(_NAME)
    late = [catching(_send_file("ghi")), catching(body("jkl"))]
    answer = probe.request([receive(), start(), _send_file(), *late, receive()])
    assert (answer.body, answer.ending) == (b"abcdef", Ending.CLEAN)
    assert probe.record(answer).wait_for_end().how == "returned"
    assert probe.messages(answer)[-1] == {"type": "http.disconnect"}
    after = probe.request(connection=answer.connection)
    assert (after.ending, after.status, after.body) == (Ending.CLEAN, 200, b"done")


@check("zerocopysend-head", severity="should", requirement="EX-04", reference="RFC 9110 §9.3.2")
def test_zerocopysend_head(probe: Probe) -> None:
    probe.require(_NAME)
    answer = probe.request([start(200, ("content-length", "6")), _send_file()], "HEAD")
    assert (answer.status, answer.body, answer.ending) == (200, b"", Ending.CLEAN)
    after = probe.request(connection=answer.connection)
    assert (after.status, after.body) == (200, b"done"), "something is left on the connection"


@check("zerocopysend-beyond-length", severity="should", requirement="EX-04", reference=_ZERO_COPY)
def test_zerocopysend_beyond_length(probe: Probe) -> None:
    # A body is held to its Content-Length, and so is a file: any byte more would be taken for the
    # next answer. Shortened, refused or broken off is all the same.
    probe.require(_NAME)
    closing = [("connection", "close")] if probe.http == "1.1" else []
    script = [start(200, ("content-length", "3")), catching(_send_file())]
    answer = probe.request(script, headers=closing)
    assert answer.ending is not Ending.MALFORMED, f"what was sent: {answer.problem}"
    if isinstance(answer, Exchange):
        assert answer.excess == b"", f"after the content came {answer.excess!r}"


@check("zerocopysend-first", severity="should", requirement="EX-06", reference=_INVALID)
def test_zerocopysend_first(probe: Probe) -> None:
    probe.require(_NAME)
    check_raises(probe, _send_file())


@check("zerocopysend-without-file", severity="should", requirement="EX-25", reference=_INVALID)
def test_zerocopysend_without_file(probe: Probe) -> None:
    probe.require(_NAME)
    check_raises(probe, send({"type": _NAME}), [start()])


@check("zerocopysend-no-file", severity="should", requirement="EX-25", reference=_INVALID)
def test_zerocopysend_no_file(probe: Probe) -> None:
    probe.require(_NAME)
    check_raises(probe, send({"type": _NAME, "file": "abc"}), [start()])


@check("zerocopysend-not-offered", severity="should", requirement="EX-18", reference=_INVALID)
def test_zerocopysend_not_offered(probe: Probe) -> None:
    if probe.offers(_NAME):
        pytest.skip(f"the server offers {_NAME}")
    check_raises(probe, _send_file(), [start()])
