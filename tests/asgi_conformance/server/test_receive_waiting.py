"""When `receive` waits, and what it gives in the end (ASGI, Disconnect event)."""

from __future__ import annotations

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import (
    beside,
    body,
    note,
    receive,
    receive_body,
    receive_until,
    receive_within,
    start,
    wait,
)
from asgi_conformance.server.streaming import require_streaming

_DISCONNECT = "www.rst, Disconnect - receive event"


@check("receive-waits-after-body", requirement="RX-02", reference=_DISCONNECT, slow=True)
def test_receive_waits_after_body(probe: Probe) -> None:
    # 0.3 s are far more than any server takes to say what it has to say; that it says nothing
    # afterwards is not claimed.
    script = [receive_body(), receive_within(0.3), start(), body()]
    answer = probe.request(script, "POST", body=b"hello").read_all()
    assert probe.notes(answer) == ["gave up"], f"told {probe.messages(answer)}"


@check("receive-waits-after-empty-body", requirement="RX-02", reference=_DISCONNECT, slow=True)
def test_receive_waits_after_empty_body(probe: Probe) -> None:
    answer = probe.get([receive(), receive_within(0.3), start(), body()])
    assert probe.notes(answer) == ["gave up"], f"told {probe.messages(answer)}"


@check("receive-waits-during-response", requirement="RX-02", reference=_DISCONNECT, slow=True)
def test_receive_waits_during_response(probe: Probe) -> None:
    script = [receive(), start(), body("part", more=True), receive_within(0.3), body()]
    answer = probe.get(script)
    assert probe.notes(answer) == ["gave up"], f"told {probe.messages(answer)}"


@check("receive-after-response", requirement="RX-03", reference=_DISCONNECT)
def test_receive_after_response(probe: Probe) -> None:
    answer = probe.get([receive(), start(), body("done"), receive(), note("told")])
    assert (answer.body, answer.ending) == (b"done", Ending.CLEAN)
    probe.record(answer).wait_for("note")
    assert probe.messages(answer)[-1] == {"type": "http.disconnect"}


@check("receive-waiting-during-response", requirement="RX-03", reference=_DISCONNECT)
def test_receive_waiting_during_response(probe: Probe) -> None:
    # The task beside is in receive when the response is completed.
    script = [
        receive(),
        beside(note("listening"), receive(), note("told")),
        wait(),
        start(),
        body("done"),
    ]
    answer = probe.request(script)
    record = probe.record(answer)
    record.wait_for("receive-begin", count=2)
    record.release(1)
    assert answer.body == b"done"
    record.wait_for(lambda event: event.fields.get("name") == "told")
    assert probe.messages(answer)[-1] == {"type": "http.disconnect"}


@check(
    "receive-cancelled-loses-nothing",
    severity="should",
    requirement="RX-09",
    reference="asgi.rst, Applications: receive",
    slow=True,
)
def test_receive_cancelled_loses_nothing(probe: Probe) -> None:
    require_streaming(probe)
    # A receive that is given up must not take the next message with it.
    script = [receive_within(0.1), note("now"), receive_body(), start(), body("done")]
    answer = probe.request(script, "POST", upload=5)
    record = probe.record(answer)
    first = record.wait_for("note")
    if first.fields["name"] == "received":
        # The server has begun with an empty piece, and waits for nothing in the first call.
        assert probe.content(answer) == b""
    answer.send_body(b"hello")
    answer.finish_body()
    assert answer.body == b"done"
    assert probe.content(answer) == b"hello"


@check(
    "receive-cancelled-loses-no-disconnect",
    severity="should",
    requirement="RX-09",
    reference="asgi.rst, Applications: receive",
    slow=True,
)
def test_receive_cancelled_loses_no_disconnect(probe: Probe) -> None:
    script = [receive(), receive_within(0.1), note("now"), receive_until("http.disconnect")]
    answer = probe.request(script)
    record = probe.record(answer)
    record.wait_for(lambda event: event.fields.get("name") == "now")
    answer.reset()
    assert record.wait_for_end().how == "returned"
    assert probe.messages(answer)[-1] == {"type": "http.disconnect"}
