"""Holding: an answer that is stopped in its midst, whoever it is that sends it.

An application that sends messages is held before its second one. Where it has the server send
a file by itself (extensions.rst, *Path Send*) there is but one; such a server is stopped by a
client that takes no more, of a file that is larger than what lies between.
"""

from __future__ import annotations

from collections.abc import Sequence

from asgi_conformance.exchange import Exchange
from asgi_conformance.hosting import Subject
from asgi_conformance.record import Event

SAYS_WHY = "the server sends the file by itself (Path Send): the application has no part in it"
"""The reason why a check does not apply that looks at how the application sends a file."""

# Small, so that a server has to wait in the midst of some hundred kilobytes.
_RECEIVE_BUFFER = 16384


def hold_in_midst(
    subject: Subject, target: str, headers: Sequence[tuple[str, str]] = ()
) -> Exchange:
    """`GET` the target; returns with the answer begun, and not all of it sent.

    What is held goes on with the record's `release`, and where the client reads on.
    """
    answer = subject.client.request(
        "GET", target, headers=headers, hold=2, receive_buffer=_RECEIVE_BUFFER
    )
    subject.record(answer).wait_for(lambda event: event.name == "hold" or _is_path_sent(event))
    if is_path_sent(subject, answer):
        # Once some of it has come the server has opened the file.
        answer.read_chunk()
    return answer


def is_path_sent(subject: Subject, answer: Exchange) -> bool:
    """Whether the application has the server send the file by itself."""
    return any(map(_is_path_sent, subject.record(answer).events))


def _is_path_sent(event: Event) -> bool:
    return event.name == "send-end" and event.type == "http.response.pathsend"
