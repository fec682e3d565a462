"""That what had to wait, for a slow reader or a slow application, arrives whole."""

from __future__ import annotations

import hashlib

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Large, Probe
from asgi_conformance.server.script import Step, body, note, receive_body, start, wait
from asgi_conformance.server.streaming import require_streaming

_BODY = "www.rst, Response Body: concatenated onto any previous body values"
_REQUEST = "www.rst, Request - receive event"
_PIECE_BYTES = 65536
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _write_alphabet() -> list[Step]:
    """A letter a piece, three alphabets of them: 4.9 MiB in which each piece has its place."""
    return [body({"$repeat": [each, _PIECE_BYTES]}, more=True) for each in _LETTERS * 3]


@check("flow-resumed-response", requirement="RS-20", reference=_BODY, slow=True)
def test_flow_resumed_response(probe: Probe) -> None:
    answer = probe.request(
        [start(), *_write_alphabet(), body(), note("through")], receive_buffer=65536
    )
    probe.record(answer).wait_for_quiet()
    expected = b"".join(each.encode() * _PIECE_BYTES for each in _LETTERS * 3)
    assert len(answer.body) == len(expected), f"{len(answer.body)} bytes of {len(expected)}"
    assert hashlib.sha256(answer.body).digest() == hashlib.sha256(expected).digest()
    assert answer.ending is Ending.CLEAN
    probe.record(answer).wait_for("note")


@check("flow-resumed-response-with-length", requirement="RS-20", reference=_BODY, slow=True)
def test_flow_resumed_response_with_length(probe: Probe) -> None:
    length = ("content-length", str(78 * _PIECE_BYTES))
    answer = probe.request([start(200, length), *_write_alphabet(), body()], receive_buffer=65536)
    probe.record(answer).wait_for_quiet()
    expected = b"".join(each.encode() * _PIECE_BYTES for each in _LETTERS * 3)
    assert len(answer.body) == len(expected), f"{len(answer.body)} bytes of {len(expected)}"
    assert hashlib.sha256(answer.body).digest() == hashlib.sha256(expected).digest()
    assert answer.ending is Ending.CLEAN


@check("flow-resumed-upload", requirement="RX-06", reference=_REQUEST, slow=True)
def test_flow_resumed_upload(probe: Probe) -> None:
    # The application receives only when the server has stopped to take.
    require_streaming(probe)
    script = [wait(), receive_body(), start(), body("done")]
    content = bytes(range(251)) * 167111  # 40 MiB, in which each byte differs from its neighbours
    answer = probe.request(script, "POST", upload=len(content))
    sent = answer.send_until_full(content)
    probe.record(answer).release(1)
    answer.send_body(content[sent:])
    answer.finish_body()
    assert answer.body == b"done"
    position = 0
    for message in probe.messages(answer):
        data = message.get("body", b"")
        size = data.size if isinstance(data, Large) else len(data)
        digest = data.sha256 if isinstance(data, Large) else hashlib.sha256(data).hexdigest()
        expected = content[position : position + size]
        assert digest == hashlib.sha256(expected).hexdigest(), f"wrong from byte {position} on"
        position += size
    assert position == len(content), f"{position} bytes of {len(content)}"
