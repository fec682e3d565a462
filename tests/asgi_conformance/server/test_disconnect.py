"""How the application is told that the client is gone (ASGI, Disconnect event)."""

from __future__ import annotations

import pytest

from asgi_conformance.answer import Answer, Ending
from asgi_conformance.checks import check
from asgi_conformance.server.departure import (
    LISTENING,
    check_told,
    is_cancelled,
    wait_for_listening,
)
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import (
    Script,
    beside,
    body,
    catching,
    note,
    receive,
    receive_body,
    repeat,
    sleep,
    start,
    wait,
)

_DISCONNECT = "www.rst, Disconnect - receive event"
_GONE = {"type": "http.disconnect"}


def _listen(probe: Probe, script: Script = LISTENING, method: str = "GET") -> Answer:
    """A request whose application receives; of a request without a body that is soon done."""
    answer = probe.request(script, method)
    wait_for_listening(probe, answer)
    return answer


@check("disconnect-after-close", requirement="DC-01", reference=_DISCONNECT)
def test_disconnect_after_close(probe: Probe) -> None:
    answer = _listen(probe)
    answer.close()
    check_told(probe, answer)


@check("disconnect-after-reset", requirement="DC-01", reference=_DISCONNECT)
def test_disconnect_after_reset(probe: Probe) -> None:
    answer = _listen(probe)
    answer.reset()
    check_told(probe, answer)


@check("disconnect-before-receive", requirement="DC-01", reference=_DISCONNECT)
def test_disconnect_before_receive(probe: Probe) -> None:
    # The client leaves while nobody receives; who asks later is told.
    answer = probe.request([wait(), *LISTENING])
    record = probe.record(answer)
    record.wait_for("pause")
    answer.reset()
    record.release(1)
    check_told(probe, answer)


@check("disconnect-during-response", requirement="DC-01", reference=_DISCONNECT)
def test_disconnect_during_response(probe: Probe) -> None:
    answer = _listen(probe, [start(), body("begun", more=True), *LISTENING])
    assert answer.read_until(b"begun") == b"begun"
    answer.close()
    check_told(probe, answer)


@check("disconnect-during-response-reset", requirement="DC-01", reference=_DISCONNECT)
def test_disconnect_during_response_reset(probe: Probe) -> None:
    answer = _listen(probe, [start(), body("begun", more=True), *LISTENING])
    assert answer.read_until(b"begun") == b"begun"
    answer.reset()
    check_told(probe, answer)


@check("disconnect-during-response-with-length", requirement="DC-01", reference=_DISCONNECT)
def test_disconnect_during_response_with_length(probe: Probe) -> None:
    length = ("content-length", "10")
    answer = _listen(probe, [start(200, length), body("begun", more=True), *LISTENING])
    assert answer.read_until(b"begun") == b"begun"
    answer.reset()
    check_told(probe, answer)


@check("disconnect-beside-sending", requirement="DC-01", reference=_DISCONNECT, slow=True)
def test_disconnect_beside_sending(probe: Probe) -> None:
    # One task receives while another sends, every 20 ms for a second, whatever send says.
    sending = repeat(50, catching(body("x", more=True)), sleep(0.02))
    script = [beside(*LISTENING), start(), body("begun", more=True), sending]
    answer = _listen(probe, script)
    # The second was sent while the application received.
    answer.read_until(b"begunxx")
    answer.reset()
    check_told(probe, answer)


@check("disconnect-after-upload", requirement="DC-01", reference=_DISCONNECT)
def test_disconnect_after_upload(probe: Probe) -> None:
    script = [receive_body(), note("received"), receive()]
    answer = probe.request(script, "POST", body=b"hello")
    probe.record(answer).wait_for("note")
    answer.reset()
    check_told(probe, answer)


@check("disconnect-of-head", requirement="DC-01", reference=_DISCONNECT)
def test_disconnect_of_head(probe: Probe) -> None:
    answer = _listen(probe, method="HEAD")
    answer.reset()
    check_told(probe, answer)


@check("disconnect-second-request", requirement="DC-01", http="1.1", reference=_DISCONNECT)
def test_disconnect_second_request(probe: Probe) -> None:
    # What a server watches the first request of a connection with, it must watch the next, too.
    connection = probe.connect()
    assert probe.request(connection=connection).body == b"done"
    answer = probe.request(LISTENING, connection=connection)
    wait_for_listening(probe, answer)
    answer.reset()
    check_told(probe, answer)


@check("disconnect-of-connection", requirement="DC-01", http="2", reference=_DISCONNECT)
def test_disconnect_of_connection(probe: Probe) -> None:
    # With the connection, every stream of it is closed.
    connection = probe.connect()
    answers = [probe.request(LISTENING, connection=connection) for _ in range(2)]
    for answer in answers:
        wait_for_listening(probe, answer)
    connection.reset()
    for answer in answers:
        check_told(probe, answer)


@check("disconnect-of-one-stream", requirement="DC-01", http="2", reference=_DISCONNECT)
def test_disconnect_of_one_stream(probe: Probe) -> None:
    connection = probe.connect()
    leaving = probe.request(LISTENING, connection=connection)
    staying = probe.request(
        [beside(*LISTENING), wait(), start(), body("done")], connection=connection
    )
    for answer in (leaving, staying):
        wait_for_listening(probe, answer)
    leaving.reset()
    check_told(probe, leaving)
    record = probe.record(staying)
    assert not record.select("receive", "http.disconnect"), "the wrong stream is told, too"
    record.release(1)
    assert (staying.body, staying.ending) == (b"done", Ending.CLEAN)


@check("disconnect-again", requirement="DC-02", reference=_DISCONNECT)
def test_disconnect_again(probe: Probe) -> None:
    # Whoever asks is told, however often: several parts of an application may ask.
    answer = _listen(probe, [*LISTENING, receive(2), note("told")])
    answer.reset()
    record = probe.record(answer)
    check_told(probe, answer)
    if is_cancelled(probe, answer):
        pytest.skip("not applicable: the application is cancelled when the client leaves")
    try:
        record.wait_for("end")
    except AssertionError:
        raise AssertionError("told once, the application waits in the next receive") from None
    assert probe.messages(answer)[-3:] == [_GONE, _GONE, _GONE]


@check("disconnect-again-after-response", requirement="DC-02", reference=_DISCONNECT)
def test_disconnect_again_after_response(probe: Probe) -> None:
    script = [start(), body("done"), *LISTENING, receive(2), note("told")]
    answer = probe.get(script)
    assert answer.body == b"done"
    record = probe.record(answer)
    try:
        record.wait_for("end")
    except AssertionError:
        raise AssertionError("after the response, receive does not come back") from None
    assert probe.messages(answer)[-3:] == [_GONE, _GONE, _GONE]
