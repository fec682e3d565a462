"""What is refused, and how that shows: messages of the application, and requests of HTTP/1.1."""

from __future__ import annotations

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.client import Headers
from asgi_conformance.connection import Connection, Hung, Reset
from asgi_conformance.server.probing import OK, Probe
from asgi_conformance.server.script import (
    Script,
    Step,
    body,
    catching,
    leave,
    receive_body,
    start,
)

GET = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
HOST = b"Host: 127.0.0.1\r\n"
POST = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"
UPLOADED: Script = (receive_body(), start(), body("done"))
_SENT = ("send-end", "send-failed")


def check_raises(
    probe: Probe,
    invalid: Step,
    before: Script = (),
    *,
    headers: Headers = (),
    connection: Connection | None = None,
) -> None:
    """Check that `send` raises for this message, and for none of those before it.

    It must be that very call: by the next one, the application has gone on with what it meant to
    do after it. The application swallows the exception and leaves. `headers` are the request's,
    which is made on `connection`, else on one of its own.
    """
    script = [*before, catching(invalid), leave()]
    answer = probe.request(script, headers=headers, connection=connection)
    record = probe.record(answer)
    record.wait_for_end()
    sends = [event.name for event in record.events if event.name in _SENT]
    wanted = len([step for step in before if "send" in step]) + 1
    assert len(sends) == wanted, f"of {wanted} messages {len(sends)} came back from send()"
    assert "send-failed" not in sends[:-1], "send() raises for a message before it"
    assert sends[-1] == "send-failed", "send() takes it without an exception"


def describe_last_send(probe: Probe, answer: Answer) -> str:
    """How the application's last call of `send` went, as an observation."""
    record = probe.record(answer)
    record.wait_for_end()
    sends = [event for event in record.events if event.name in _SENT]
    return "send() raises" if sends and sends[-1].name == "send-failed" else "send() returns"


def check_answered_with_error(answer: Answer) -> None:
    """Check that the client is told of a failure: by an error, or by an answer broken off."""
    assert answer.ending is not Ending.HUNG, "no answer, and no end"
    assert answer.ending is not Ending.MALFORMED, f"what was sent is not HTTP: {answer.problem}"
    if answer.ending is Ending.CLEAN:
        assert answer.status >= 500, f"the client got a whole {answer.status}"


def read_refusal(answer: Answer) -> int | None:
    """The status that an answer has; None where the connection was closed without one."""
    assert answer.ending is not Ending.HUNG, "no answer, and no end"
    assert answer.ending is not Ending.MALFORMED, f"what was sent is not HTTP: {answer.problem}"
    return answer.status if answer.ending is Ending.CLEAN else None


def check_refused(probe: Probe, head: bytes, content: bytes = b"", script: Script = OK) -> None:
    """Check that a request is refused: no application answers it, or gets all of its body.

    How the client is told is the server's choice: by an error, or by closing the connection. An
    application may have been called for it, before the server came to what is malformed. The
    script and the end of the head are added to `head`.
    """
    probe.hurry()
    answer = probe.send_literally(head, script, content)
    status = read_refusal(answer)
    assert status is None or status >= 400, f"the client got {status}"
    _check_incomplete(probe, answer)


def check_answer(probe: Probe, status: int, *heads: bytes) -> None:
    """Check that each of these requests is answered with that status, and the connection closed."""
    probe.hurry()
    for head in heads:
        answer = probe.send_literally(head)
        assert read_refusal(answer) == status, f"{head!r} is answered {read_refusal(answer)}"
        assert answer.excess == b"", f"after the answer to {head!r} came {answer.excess!r}"


def check_never_complete(probe: Probe, content: bytes, head: bytes = CHUNKED) -> None:
    """Check that the application is never told that a body is complete.

    The server may refuse it, or wait for more of it; then the client leaves.
    """
    probe.hurry()
    answer = probe.send_literally(head, UPLOADED, content)
    if answer.is_silent(0.3):
        answer.close()
    else:
        answer.read_all()
    _check_incomplete(probe, answer)


def check_next_not_served(probe: Probe, head: bytes, content: bytes) -> None:
    """Check that the connection is closed after such a request, and what follows is no request.

    Nobody knows where it ends.
    """
    probe.hurry()
    answer = probe.send_literally(head, UPLOADED, content)
    after = probe.request(connection=answer.connection)
    answer.read_all()
    closed = True
    try:
        answer.connection.receive_until_closed()
    except Reset:
        pass  # closed with the next request unread
    except Hung:
        closed = False
    assert not probe.record(after).select("call"), f"after {head!r} the next request is served"
    assert closed, f"after {head!r} the connection stays open"


def _check_incomplete(probe: Probe, answer: Answer) -> None:
    """Check that the application was not told that the request's body is complete."""
    record = probe.record(answer)
    if record.select("call"):
        record.wait_for_quiet(0.1)
    told = [message for message in probe.messages(answer) if message["type"] == "http.request"]
    complete = told and not told[-1].get("more_body")
    received = b"".join(message.get("body", b"") for message in told)
    assert not complete, f"the body is told to be complete, as {received!r}"
