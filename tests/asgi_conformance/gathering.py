"""Gathering: some servers keep a request to themselves until the whole of it is there.

ASGI leaves it to the server when the application is called (www.rst, *Request - receive event*).
Under one that gathers no check can catch an application in the midst of a request's body; what
a client sees of a request that rests, or breaks off, can be judged all the same. What CONTRACT.md
asks for while a body arrives, such a server makes impossible: those checks fail.
"""

from __future__ import annotations

from asgi_conformance.cells import Cell
from asgi_conformance.exchange import Exchange
from asgi_conformance.hosting import Subject

NOT_CALLED = "not called"
"""What `wait_until_left` says of a request that the application was never told of."""

SAYS_WHY = "the server calls the application only when the whole request is there"
"""The reason why a check does not apply that must catch the application in the midst of one."""

# Long enough for a server that is only slow; a longer delay would not be taken for gathering.
_PATIENCE = 2.0

_found: dict[Cell, bool] = {}


def gathers(subject: Subject) -> bool:
    """Whether the cell's server calls the application only when the whole request is there.

    Found out once for each cell, by a request that leaves nothing.
    """
    if subject.cell not in _found:
        _found[subject.cell] = _find_out(subject)
    return _found[subject.cell]


def wait_for_bytes(subject: Subject, answer: Exchange, size: int) -> None:
    """Wait until the application has taken so many bytes of a body, unless the server gathers."""
    if gathers(subject):
        return
    record = subject.record(answer)
    messages = 0
    while record.body_bytes_received < size:
        messages += 1
        record.wait_for(lambda event: bool(event.name == "receive" and event.size), count=messages)


def wait_until_left(subject: Subject, answer: Exchange) -> str:
    """Wait until the application has left a request whose client is gone; how, or `NOT_CALLED`.

    Fails where the server gathers, and calls it for half a request.
    """
    record = subject.record(answer)
    if not gathers(subject):
        return record.wait_for_end().how
    # When this is answered the server has come to see the client leave.
    subject.client.get("/nothing").read_all()
    assert not record.events, "the application is called for half a request"
    return NOT_CALLED


def _find_out(subject: Subject) -> bool:
    answer = subject.client.request("POST", "/nothing", upload=1)
    record = subject.record(answer)
    try:
        record.wait_for("call", timeout=_PATIENCE)
    except AssertionError:
        answer.send_body(b"x")
        record.wait_for("call")
        return True
    finally:
        answer.close()
    return False
