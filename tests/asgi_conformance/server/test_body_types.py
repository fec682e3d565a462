"""Types and sizes of a body: bytes of any number, and what is like bytes."""

from __future__ import annotations

import hashlib

from asgi_conformance.answer import Ending
from asgi_conformance.checks import check
from asgi_conformance.server.probing import Probe
from asgi_conformance.server.script import Step, Value, body, start

_TYPE = "asgi.rst, Strings and Unicode, Error Handling"
_SIZE = "www.rst, Response Body"
# Of b"0123456789" ten million times.
_SHA256 = "e198b4ecfeb771afb2ad981c57b71dcbc295f50923d5f4f9e18804847033f65f"


def _check_uncorrupted(probe: Probe, value: Value, content: bytes) -> None:
    """Check that a body of another type than bytes is sent as its bytes, or not at all.

    To refuse it is what the text says a server should do: by an exception out of `send`, with
    an error, or by breaking off. To take it for its bytes does no harm.
    """
    probe.hurry()
    answer = probe.get([start(), body(value, more=True), body("end")])
    assert answer.ending is not Ending.MALFORMED, f"what was sent: {answer.problem}"
    if answer.ending is Ending.CLEAN and answer.status == 200:
        assert answer.body == content + b"end"


def _observe(probe: Probe, value: Value) -> None:
    answer = probe.get([start(), body(value)])
    probe.record(answer).wait_for_end()
    raised = probe.record(answer).select("send-failed")
    probe.observe("send raises" if raised else "send returns")


@check("body-type-bytearray", severity="should", requirement="BT-01", reference=_TYPE)
def test_body_type_bytearray(probe: Probe) -> None:
    _check_uncorrupted(probe, {"$bytearray": "abc"}, b"abc")


@check("body-type-memoryview", severity="should", requirement="BT-01", reference=_TYPE)
def test_body_type_memoryview(probe: Probe) -> None:
    _check_uncorrupted(probe, {"$memoryview": "abc"}, b"abc")


@check("body-type-memoryview-of-words", severity="should", requirement="BT-01", reference=_TYPE)
def test_body_type_memoryview_of_words(probe: Probe) -> None:
    # Its length is the number of words, of four bytes each.
    _check_uncorrupted(probe, {"$words": "abcdefgh"}, b"abcdefgh")


@check("body-type-bytearray-taken", severity="observe", requirement="BT-01", reference=_TYPE)
def test_body_type_bytearray_taken(probe: Probe) -> None:
    _observe(probe, {"$bytearray": "abc"})


@check("body-type-memoryview-taken", severity="observe", requirement="BT-01", reference=_TYPE)
def test_body_type_memoryview_taken(probe: Probe) -> None:
    _observe(probe, {"$memoryview": "abc"})


@check("body-type-every-byte", requirement="BT-02", reference=_SIZE)
def test_body_type_every_byte(probe: Probe) -> None:
    answer = probe.get([start(), body(bytes(range(256)))])
    assert answer.body == bytes(range(256))


@check("body-type-large", requirement="BT-02", reference=_SIZE, slow=True)
def test_body_type_large(probe: Probe) -> None:
    # A hundred million bytes in one message: more than any buffer on their way.
    content = _read_large(probe, start(), body({"$repeat": ["0123456789", 10_000_000]}))
    assert len(content) == 100_000_000
    assert hashlib.sha256(content).hexdigest() == _SHA256, "the bytes are others"


@check("body-type-large-with-length", requirement="BT-02", reference=_SIZE, slow=True)
def test_body_type_large_with_length(probe: Probe) -> None:
    # Then a small one, which must come after it.
    large = body({"$repeat": ["0123456789", 1_000_000]}, more=True)
    content = _read_large(probe, start(200, ("content-length", "10000003")), large, body("end"))
    assert len(content) == 10_000_003
    assert content == b"0123456789" * 1_000_000 + b"end", "the bytes are others"


def _read_large(probe: Probe, *script: Step) -> bytes:
    """The content of an answer, for which the client has room at once: speed is not the point."""
    answer = probe.request(script, connection=probe.connect(window=2**30))
    assert answer.ending is Ending.CLEAN, f"the answer is {answer.ending} {answer.problem}"
    return answer.body
