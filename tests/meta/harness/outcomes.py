"""Checks that fail, pass and kill, for the tests of what a run makes of them."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.hosting import Subject


@check("outcome-pass", reference="none")
def test_outcome_pass(subject: Subject) -> None:
    assert subject.client.get("/two").body == b"onetwo"


@check("outcome-fail", reference="none")
def test_outcome_fail(subject: Subject) -> None:
    assert subject.client.get("/two").body == b"onetwothree"


@check("outcome-error", reference="none")
def test_outcome_error(subject: Subject) -> None:
    assert subject.alive
    raise LookupError("the check itself is broken")


@check("outcome-observe", severity="observe", reference="none")
def test_outcome_observe(subject: Subject) -> None:
    assert subject.client.get("/two").body == b"onetwothree"


@check("outcome-kill", reference="none")
def test_outcome_kill(subject: Subject) -> None:
    assert subject.client.get("/exit").ending != "clean"
    assert subject.process.wait(5) == 3


@check("outcome-after-kill", reference="none")
def test_outcome_after_kill(subject: Subject) -> None:
    assert subject.client.get("/two").body == b"onetwo"


@check("outcome-exit", reference="none")
def test_outcome_exit(subject: Subject) -> None:
    assert subject.client.get("/exit").ending != "clean"


@check("outcome-after-exit", reference="none")
def test_outcome_after_exit(subject: Subject) -> None:
    assert subject.client.get("/two").body == b"onetwo"
