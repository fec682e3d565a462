"""What `receive` gives of a request's body (ASGI, Request event)."""

from __future__ import annotations

import hashlib

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.client import eventually
from asgi_conformance.server.buffers import count_outgoing
from asgi_conformance.server.probing import Large, Probe
from asgi_conformance.server.script import body, receive, receive_body, start

_REQUEST = "www.rst, Request - receive event"
_MIB = 1024 * 1024
_UPLOADED = [receive_body(), start(), body("done")]


@check("request-without-body", requirement="RX-01", reference=_REQUEST)
def test_request_without_body(probe: Probe) -> None:
    answer = probe.get([receive(), start(), body()])
    messages = probe.messages(answer)
    assert [message["type"] for message in messages] == ["http.request"], f"{answer.ending}"
    assert messages[0].get("body", b"") == b""
    assert messages[0].get("more_body", False) is False


@check("request-without-body-post", requirement="RX-01", reference=_REQUEST)
def test_request_without_body_post(probe: Probe) -> None:
    answer = probe.request(_UPLOADED, "POST", body=b"").read_all()
    messages = probe.messages(answer)
    assert {message["type"] for message in messages} == {"http.request"}, f"{answer.ending}"
    assert probe.content(answer) == b""
    assert messages[-1].get("more_body", False) is False


@check("request-message-type", requirement="RX-13", reference=_REQUEST)
def test_request_message_type(probe: Probe) -> None:
    answer = probe.request(_UPLOADED, "POST", body=b"hello").read_all()
    assert {message["type"] for message in probe.messages(answer)} == {"http.request"}


@check("request-body", requirement="RX-14", reference=_REQUEST)
def test_request_body(probe: Probe) -> None:
    answer = probe.request(_UPLOADED, "POST", body=b"hello").read_all()
    bodies = [message.get("body", b"") for message in probe.messages(answer)]
    assert all(isinstance(data, bytes) for data in bodies), f"not bytes alone: {bodies}"
    assert b"".join(bodies) == b"hello"


@check("request-body-of-get", requirement="RX-14", reference=f"{_REQUEST}; RFC 9110 §9.3.1")
def test_request_body_of_get(probe: Probe) -> None:
    # HTTP gives the content of a GET no meaning, but its framing is that of every request.
    answer = probe.request(_UPLOADED, "GET", body=b"hello").read_all()
    if answer.status < 400:
        assert probe.content(answer) == b"hello"


@check("request-more-body", requirement="RX-15", reference=_REQUEST)
def test_request_more_body(probe: Probe) -> None:
    answer = probe.request(_UPLOADED, "POST", body=b"hello").read_all()
    more = [message.get("more_body", False) for message in probe.messages(answer)]
    assert all(isinstance(value, bool) for value in more), f"more_body is {more}"
    assert more == [True] * (len(more) - 1) + [False]


@check(
    "request-body-given-as-it-arrives", severity="should", requirement="RX-04", reference=_REQUEST
)
def test_request_body_given_as_it_arrives(probe: Probe) -> None:
    answer = probe.request(_UPLOADED, "POST", upload=10)
    answer.send_body(b"01234")
    assert eventually(lambda: probe.content(answer) == b"01234"), "what has come is held back"
    assert probe.messages(answer)[-1]["more_body"] is True
    answer.send_body(b"56789")
    answer.finish_body()
    assert answer.body == b"done"
    assert probe.content(answer) == b"0123456789"


@check(
    "request-body-of-unknown-length-given-as-it-arrives",
    severity="should",
    requirement="RX-04",
    reference=_REQUEST,
)
def test_request_body_of_unknown_length_given_as_it_arrives(probe: Probe) -> None:
    answer = probe.request(_UPLOADED, "POST", upload="chunked")
    answer.send_body(b"01234")
    assert eventually(lambda: probe.content(answer) == b"01234"), "what has come is held back"
    answer.send_body(b"56789")
    answer.finish_body()
    assert answer.body == b"done"
    assert probe.content(answer) == b"0123456789"


@check(
    "request-called-before-body-complete",
    severity="should",
    requirement="RX-04",
    reference=_REQUEST,
)
def test_request_called_before_body_complete(probe: Probe) -> None:
    script = [start(), body("early", more=True), receive_body(), body()]
    answer = probe.request(script, "POST", upload=5)
    assert answer.read_until(b"early") == b"early", "the application waits for the body"
    answer.send_body(b"hello")
    answer.finish_body()
    assert answer.ending is Ending.CLEAN
    assert probe.content(answer) == b"hello"


@check("request-chunked-decoded", requirement="RX-05", http="1.1", reference=_REQUEST)
def test_request_chunked_decoded(probe: Probe) -> None:
    answer = probe.request(_UPLOADED, "POST", upload="chunked")
    answer.connection.send(b"5;extension=x\r\nhello\r\n00a\r\n, world, h\r\n1\r\ni\r\n0\r\n\r\n")
    assert answer.body == b"done"
    assert probe.content(answer) == b"hello, world, hi"


@check("request-chunked-empty", requirement="RX-05", http="1.1", reference=_REQUEST)
def test_request_chunked_empty(probe: Probe) -> None:
    answer = probe.request(_UPLOADED, "POST", upload="chunked")
    answer.finish_body()
    assert answer.body == b"done"
    assert probe.content(answer) == b""


@check("request-chunked-trailers", requirement="RX-05", http="1.1", reference="RFC 9112 §7.1.2")
def test_request_chunked_trailers(probe: Probe) -> None:
    connection = probe.connect()
    answer = probe.request(_UPLOADED, "POST", upload="chunked", connection=connection)
    answer.connection.send(b"5\r\nhello\r\n0\r\nx-trailer: 1\r\n\r\n")
    assert answer.body == b"done"
    assert probe.content(answer) == b"hello"
    assert probe.request(connection=connection).body == b"done", "the trailers were left over"


@check("request-chunked-byte-by-byte", requirement="RX-05", http="1.1", reference=_REQUEST)
def test_request_chunked_byte_by_byte(probe: Probe) -> None:
    answer = probe.request(_UPLOADED, "POST", upload="chunked")
    for byte in b"5\r\nhello\r\n0\r\n\r\n":
        # Else the system puts them together again. Where it does not tell, they may be so.
        assert eventually(lambda: not count_outgoing(answer.connection)), "the server stops reading"
        answer.connection.send(bytes([byte]))
    assert answer.body == b"done"
    assert probe.content(answer) == b"hello"


@check("request-large-body", requirement="RX-06", reference=_REQUEST)
def test_request_large_body(probe: Probe) -> None:
    content = bytes(range(256)) * 4096
    answer = probe.request(_UPLOADED, "POST", upload=_MIB)
    answer.send_body(content)
    answer.finish_body()
    assert answer.body == b"done"
    received = probe.record(answer).body_bytes_received
    assert received == _MIB, f"{received} bytes arrived"


@check("request-large-body-pieces", severity="observe", requirement="RX-06", reference=_REQUEST)
def test_request_large_body_pieces(probe: Probe) -> None:
    sizes = []
    for _ in range(3):
        answer = probe.request(_UPLOADED, "POST", upload=_MIB)
        answer.send_body(bytes(_MIB))
        answer.finish_body()
        answer.read_all()
        sizes.append(max(event.size or 0 for event in probe.record(answer).select("receive")))
    probe.measure("largest piece of a request's body", sizes, "bytes")


@check("request-large-body-intact", requirement="RX-06", reference=_REQUEST)
def test_request_large_body_intact(probe: Probe) -> None:
    # Each byte can be told from its neighbours, so that pieces in a wrong order are noticed.
    content = bytes(range(251)) * 400
    _check_intact(probe, content, content)


@check("request-large-chunked-body-intact", requirement="RX-06", reference=_REQUEST)
def test_request_large_chunked_body_intact(probe: Probe) -> None:
    # On HTTP/2 it is a body without a content-length.
    content = bytes(range(251)) * 400
    pieces = (content[:1], content[1:5000], content[5000:70000], content[70000:])
    _check_intact(probe, content, pieces)


def _check_intact(probe: Probe, content: bytes, body: bytes | tuple[bytes, ...]) -> None:
    """Check that a body of this content, however it is sent, arrives piece by piece."""
    answer = probe.request(_UPLOADED, "POST", body=body).read_all()
    position = 0
    for message in probe.messages(answer):
        data = message.get("body", b"")
        size = data.size if isinstance(data, Large) else len(data)
        expected = content[position : position + size]
        digest = data.sha256 if isinstance(data, Large) else hashlib.sha256(data).hexdigest()
        assert digest == hashlib.sha256(expected).hexdigest(), f"wrong from byte {position} on"
        position += size
    assert position == len(content), f"{position} of {len(content)} bytes arrived"
