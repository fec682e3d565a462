"""Holding: an answer that is stopped in its midst, whoever it is that sends it.

An application that sends messages is held before its second one. Where it has the server send
a file by itself (extensions.rst, *Path Send*) there is but one; such a server is stopped by a
client that takes no more, of a file that is larger than what lies between.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

from asgi_conformance.connection import DEADLINE, Hung
from asgi_conformance.exchange import Exchange
from asgi_conformance.hosting import Subject

SAYS_WHY = "the server sends the file by itself (Path Send): the application has no part in it"
"""The reason why a check does not apply that looks at how the application sends a file."""

# Small, so that a server has to wait in the midst of some hundred kilobytes.
_RECEIVE_BUFFER = 16384


def hold_in_midst(
    subject: Subject, target: str, headers: Sequence[tuple[str, str]] = ()
) -> Exchange:
    """`GET` the target; returns with some of the answer there, and not all of it sent.

    What is held goes on with the record's `release`, and where the client reads on.
    """
    answer = subject.client.request(
        "GET", target, headers=headers, hold=2, receive_buffer=_RECEIVE_BUFFER
    )
    record = subject.record(answer)
    deadline = time.monotonic() + DEADLINE
    # A server may hand all of a message to the connection before the next may come.
    while not (answer.pieces and (record.select("hold") or is_path_sent(subject, answer))):
        with suppress(Hung):
            assert answer.read_chunk(timeout=0.05), "the answer ended before it could be held"
        if time.monotonic() > deadline:
            missing = "the first message" if record.select("hold") else "a second message"
            raise AssertionError(f"{missing} does not come")
    return answer


def is_path_sent(subject: Subject, answer: Exchange) -> bool:
    """Whether the application has the server send the file by itself."""
    return bool(subject.record(answer).select("send-end", "http.response.pathsend"))
