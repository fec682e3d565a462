"""The smoke test, which admits a subject: it starts, and one request is answered.

Of the suite's own applications one certain answer is demanded. Any other is admitted by whatever
complete answer it gives, for it may have a part of the contract only.
"""

from __future__ import annotations

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.hosting import Subject
from asgi_conformance.process import DoesNotStart
from asgi_conformance.server.http2 import Http2Connection
from asgi_conformance.server.script import HEADER, body, start, write

_SCRIPT = [start(), body(b"smoke")]
_TARGET = "/csv/numbers?rows=1"
_ROWS = b"id,name,value\r\n0,item_0,0.0\r\n"


def try_one_request(subject: Subject) -> None:
    """Make the request. Raises `DoesNotStart` where the answer is not what admits the subject."""
    of_probe = subject.cell.layer == "server"
    target, expected = ("/", b"smoke") if of_probe else (_TARGET, _ROWS)
    headers = [(HEADER, write(_SCRIPT))] if of_probe else []
    try:
        answer = _request(subject, target, headers)
        seen = (answer.status, answer.ending, answer.body)
    except (AssertionError, OSError) as error:
        raise DoesNotStart(f"GET {target}: {error}\n{subject.output()}") from None
    if not subject.cell.shipped and seen[1] is Ending.CLEAN:
        return
    # What a middleware makes of the body is for the checks to say.
    if seen[:2] != (200, Ending.CLEAN) or (seen[2] != expected and not subject.cell.middleware):
        status, ending, content = seen
        shown = f"{status}, {content[:200]!r}, {ending}"
        wanted = f"200, {expected!r}" if subject.cell.shipped else "a complete answer"
        raise DoesNotStart(f"GET {target}: {shown}, not {wanted}\n{subject.output()}")


def _request(subject: Subject, target: str, headers: list[tuple[str, str]]) -> Answer:
    # Identity, whatever the cell: a middleware that compresses badly is for the checks, too.
    fields = [*headers, ("Accept-Encoding", "identity")]
    if subject.http == "1.1":
        return subject.client.request("GET", target, headers=fields).read_all()
    connection = Http2Connection(subject.process.address)
    try:
        return connection.request("GET", target, headers=fields, request_id="smoke").read_all()
    finally:
        connection.close()
