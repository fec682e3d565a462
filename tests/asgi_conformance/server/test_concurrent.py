"""Several tasks of one application, and several applications at once."""

from __future__ import annotations

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.connection import Hung
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import (
    beside,
    body,
    receive_until,
    repeat,
    start,
    wait,
)

_SENDING = "RFC 9110 §2.2; ASGI does not say"
_BLOCK = 65536


def _read_bytes(answer: Answer, size: int) -> bytes:
    """Read on until so many bytes of content have come; those bytes."""
    content = b""
    while len(content) < size:
        try:
            piece = answer.read_chunk()
        except Hung:
            raise AssertionError(f"nothing comes after {len(content)} bytes") from None
        assert piece, f"the answer ended after {len(content)} bytes"
        content += piece
    return content


@check("concurrent-send", severity="should", requirement="CC-01", reference=_SENDING)
def test_concurrent_send(probe: Probe) -> None:
    # In whatever order: each byte comes once, and the framing is right.
    others = beside(repeat(50, body("b" * 100, more=True)))
    answer = probe.request(
        [start(), others, repeat(50, body("a" * 100, more=True)), wait(), body("end")]
    )
    content = _read_bytes(answer, 10_000)
    assert (content.count(b"a"), content.count(b"b")) == (5000, 5000)
    probe.record(answer).release(1)
    assert answer.ending is Ending.CLEAN, f"the answer is {answer.ending} {answer.problem}"
    assert answer.body == content + b"end"


@check(
    "concurrent-send-blocked",
    severity="should",
    requirement="CC-01",
    reference=_SENDING,
    slow=True,
)
def test_concurrent_send_blocked(probe: Probe) -> None:
    # Several tasks that wait for the client are all woken when it reads.
    block = {"$repeat": ["b", _BLOCK]}
    others = [beside(repeat(16, body(block, more=True))) for _ in range(3)]
    script = [start(), *others, repeat(16, body(block, more=True)), wait(), body("end")]
    answer = probe.request(script, receive_buffer=4096)
    probe.record(answer).wait_for_quiet(0.2)
    content = _read_bytes(answer, 64 * _BLOCK)
    assert content == b"b" * (64 * _BLOCK), "bytes were lost or added"
    probe.record(answer).release(1)
    assert answer.ending is Ending.CLEAN, f"the answer is {answer.ending} {answer.problem}"


@check("concurrent-send-whole", severity="observe", requirement="CC-01", reference=_SENDING)
def test_concurrent_send_whole(probe: Probe) -> None:
    size = 4096
    others = beside(repeat(8, body({"$repeat": ["b", size]}, more=True)))
    mine = repeat(8, body({"$repeat": ["a", size]}, more=True))
    answer = probe.request([start(), others, mine, wait(), body()])
    content = _read_bytes(answer, 16 * size)
    probe.record(answer).release(1)
    pieces = {content[at : at + size] for at in range(0, len(content), size)}
    whole = pieces <= {b"a" * size, b"b" * size}
    probe.observe("messages arrive whole" if whole else "messages are mixed")


@check(
    "concurrent-send-and-receive",
    requirement="RS-08",
    reference="www.rst, Response Body: must flush; Disconnect: highly concurrent code",
)
def test_concurrent_send_and_receive(probe: Probe) -> None:
    # The way to watch for the client's leaving; it must not keep the answer back.
    watch = beside(receive_until("http.disconnect"))
    script = [watch, start(), body("one", more=True), wait(), body("two")]
    answer = probe.request(script)
    assert answer.read_until(b"one") == b"one"
    probe.record(answer).release(1)
    assert (answer.body, answer.ending) == (b"onetwo", Ending.CLEAN)


@check(
    "concurrent-requests",
    severity="should",
    requirement="RX-04",
    reference="www.rst, HTTP Connection Scope: called at the start of the request",
)
def test_concurrent_requests(probe: Probe) -> None:
    # The second is answered while the first is in the middle of its answer.
    first = probe.request([start(), body("one", more=True), wait(), body("two")])
    assert first.read_until(b"one") == b"one"
    assert probe.get().body == b"done"
    probe.record(first).release(1)
    assert (first.body, first.ending) == (b"onetwo", Ending.CLEAN)
