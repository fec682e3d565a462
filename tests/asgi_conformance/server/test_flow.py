"""How much a server takes that nobody wants yet, in bytes.

ASGI demands no bound; that there is one is what keeps a slow client from filling the memory.
The system's own buffers take their part, on the client's side too, and more than a server's: it
is given apart where the system tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from asgi_conformance.answer import Answer
from asgi_conformance.checks import check
from asgi_conformance.server.buffers import count_incoming, count_outgoing
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import Step, body, note, repeat, start, wait
from asgi_conformance.server.streaming import require_streaming

_UPLOAD = "www.rst, Request - receive event; ASGI does not say how much"
_SEND = "asgi.rst, Applications: send; ASGI does not say how much"
_CAP = 64 * 1024 * 1024
_REPETITIONS = 3
_SMALL_BUFFER = 4096


def _tell(probe: Probe, what: str, totals: list[int], held: list[int | None], offered: int) -> None:
    """Report what was taken of the bytes that were offered, and what the system has not of that."""
    probe.measure(f"{what}, with the system's buffers", totals, "bytes")
    pairs = zip(totals, held, strict=True)
    # What HTTP/2 adds is in the system's count alone, hence not less than nothing.
    own = [max(total - system, 0) for total, system in pairs if system is not None]
    if own:
        probe.measure(what, own, "bytes")
    bounded = max(totals) < offered or (own and max(own) < offered // 2)
    probe.observe("there is a bound" if bounded else "no bound is seen: all is taken")


def _upload(probe: Probe, send: Callable[[Answer], int], what: str, offered: int) -> None:
    """Measure what is taken of an upload whose application does not receive."""
    require_streaming(probe)
    totals, held = [], []
    for _ in range(_REPETITIONS):
        answer = probe.request([wait()], "POST", upload="chunked")
        probe.record(answer).wait_for("pause")
        totals.append(send(answer))
        held.append(count_outgoing(answer.connection))
        answer.reset()
    _tell(probe, what, totals, held, offered)


def _stream(probe: Probe, step: Step) -> Iterator[Answer]:
    """Answers that no client reads, when the application has sent what is taken of it."""
    for _ in range(_REPETITIONS):
        answer = probe.request([start(), step, note("through")], receive_buffer=_SMALL_BUFFER)
        probe.record(answer).wait_for_quiet(timeout=20.0)
        yield answer
        answer.reset()
        with suppress(AssertionError):  # that it stays is for another check
            # The next one should not be slowed down by what is left of this one.
            probe.record(answer).wait_for_end()


def _pour(probe: Probe, size: int, what: str, offered: int = _CAP) -> None:
    """Measure what is taken of a response in pieces of that size."""
    piece = body({"$repeat": ["x", size]}, more=True)
    totals, held = [], []
    for answer in _stream(probe, repeat(offered // size, piece)):
        totals.append(probe.record(answer).body_bytes_sent)
        held.append(count_incoming(answer.connection))
    _tell(probe, what, totals, held, offered)


@check("flow-unread-upload", severity="observe", requirement="BP-01", reference=_UPLOAD, slow=True)
def test_flow_unread_upload(probe: Probe) -> None:
    _upload(
        probe,
        lambda answer: answer.send_until_full(bytes(_CAP)),
        "bytes taken from a client whose application does not receive",
        _CAP,
    )


@check(
    "flow-unread-upload-of-small-chunks",
    severity="observe",
    requirement="BP-01",
    http="1.1",
    reference=_UPLOAD,
    slow=True,
)
def test_flow_unread_upload_of_small_chunks(probe: Probe) -> None:
    # Of one byte each, in six on the wire: a bound on messages shows here, one on bytes above.
    chunks = b"1\r\nx\r\n" * 2_000_000
    _upload(
        probe,
        lambda answer: answer.connection.send_until_full(chunks),
        "bytes taken, in chunks of one, from a client whose application does not receive",
        len(chunks),
    )


@check("flow-unread-response", severity="observe", requirement="BP-02", reference=_SEND, slow=True)
def test_flow_unread_response(probe: Probe) -> None:
    _pour(probe, 16384, "bytes taken from an application whose client does not read")


@check(
    "flow-unread-response-of-large-pieces",
    severity="observe",
    requirement="BP-04",
    reference=_SEND,
    slow=True,
)
def test_flow_unread_response_of_large_pieces(probe: Probe) -> None:
    what = "bytes taken, 4 MiB at a time, from an application whose client does not read"
    _pour(probe, 4 * 1024 * 1024, what)


@check(
    "flow-unread-response-of-small-pieces",
    severity="observe",
    requirement="BP-04",
    reference=_SEND,
    slow=True,
)
def test_flow_unread_response_of_small_pieces(probe: Probe) -> None:
    # A bound on messages shows in another number than with large ones.
    what = "bytes taken, 256 at a time, from an application whose client does not read"
    _pour(probe, 256, what, 2 * 1024 * 1024)


@check(
    "flow-unread-response-in-one-piece",
    severity="observe",
    requirement="BP-03",
    reference=_SEND,
    slow=True,
)
def test_flow_unread_response_in_one_piece(probe: Probe) -> None:
    piece = body({"$repeat": ["x", 32 * 1024 * 1024]}, more=True)
    back = [bool(probe.notes(answer)) for answer in _stream(probe, piece)]
    probe.observe(
        "send comes back at once"
        if all(back)
        else "send waits for the client"
        if not any(back)
        else "send waits for the client at times"
    )
