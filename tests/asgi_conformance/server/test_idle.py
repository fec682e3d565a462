"""What becomes of connections on which nothing happens for eight seconds (see `idling`)."""

from __future__ import annotations

from collections.abc import Sequence

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.server.idling import Closing, Idle, find_watch
from asgi_conformance.server.probing import Probe

_TIMEOUTS = "RFC 9112 §9.5"
_SCOPE = "www.rst, HTTP Connection Scope"


def _look(probe: Probe) -> Idle:
    return find_watch(probe.process).look(probe)


def _tell(probe: Probe, what: str, closings: Sequence[Closing]) -> None:
    """Report when the server closed, and what it said before."""
    times = [closing.seconds for closing in closings if closing.seconds is not None]
    if times:
        probe.measure(f"{what} is closed after", times, "s")
    for closing in dict.fromkeys(_describe(closing) for closing in closings):
        probe.observe(closing)


def _describe(closing: Closing) -> str:
    status = closing.said.partition(b"\r\n")[0].decode("latin-1")
    end = "still open after 8 s" if closing.seconds is None else "closed"
    return f"{end}, with {status}" if status else end


@check(
    "idle-kept-connection", severity="observe", requirement="KA-01", http="1.1",
    reference=_TIMEOUTS, slow=True,
)  # fmt: skip
def test_idle_kept_connection(probe: Probe) -> None:
    _tell(probe, "a kept connection", _look(probe).kept)


@check(
    "idle-fresh-connection", severity="observe", requirement="KA-01", http="1.1",
    reference=_TIMEOUTS, slow=True,
)  # fmt: skip
def test_idle_fresh_connection(probe: Probe) -> None:
    # The client has connected, and says nothing.
    _tell(probe, "a fresh connection", _look(probe).fresh)


@check(
    "idle-half-head", severity="observe", requirement="KA-01", http="1.1",
    reference=_TIMEOUTS, slow=True,
)  # fmt: skip
def test_idle_half_head(probe: Probe) -> None:
    # Part of a request's head has come, and no more.
    _tell(probe, "a connection with half a head", _look(probe).half)


@check("silent-stream-not-cut", severity="should", requirement="KA-02", reference=_SCOPE, slow=True)
def test_silent_stream_not_cut(probe: Probe) -> None:
    seen = _look(probe).stream
    assert seen.kept, f"the stream ended while it was silent: {seen.answer.ending}"
    assert (seen.answer.body, seen.answer.ending) == (b"openlate", Ending.CLEAN)


@check(
    "silent-stream-not-told-gone",
    severity="should",
    requirement="KA-02",
    reference=f"{_SCOPE}; Disconnect - receive event",
    slow=True,
)
def test_silent_stream_not_told_gone(probe: Probe) -> None:
    seen = _look(probe).stream
    assert not seen.told_gone, "the application is told that the client is gone, which is there"


@check(
    "silent-poll-not-cut",
    severity="should",
    requirement="KA-02",
    reference=f"{_SCOPE}: long-polling",
    slow=True,
)
def test_silent_poll_not_cut(probe: Probe) -> None:
    # The application has not begun to answer.
    seen = _look(probe).poll
    assert seen.kept, f"the exchange ended while it was silent: {seen.answer.ending}"
    assert (seen.answer.body, seen.answer.ending) == (b"late", Ending.CLEAN)


@check(
    "silent-upload", severity="observe", requirement="KA-03", http="1.1",
    reference="RFC 9110 §15.5.9", slow=True,
)  # fmt: skip
def test_silent_upload(probe: Probe) -> None:
    # Half the body has come; the other half comes after the silence.
    seen = _look(probe).upload
    if seen.answer.ending is not Ending.CLEAN:
        probe.observe(f"the connection ended: {seen.answer.ending}")
    elif seen.answer.status == 200:
        probe.observe("it may go on")
    else:
        probe.observe(f"answered {seen.answer.status}")
