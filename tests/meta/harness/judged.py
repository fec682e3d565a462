"""Checks that come to each verdict, for the tests of what a run reports of them."""

from __future__ import annotations

import pytest
from asgi_conformance.checks import check
from asgi_conformance.hosting import Subject


@check("judged-pass", reference="none")
def test_judged_pass(subject: Subject) -> None:
    assert subject.client.get("/two").body == b"onetwo"


@check("judged-must", reference="RFC 0 §1")
def test_judged_must(subject: Subject) -> None:
    assert subject.client.get("/two").body == b"two", "not what it must be"


@check("judged-should", severity="should", reference="RFC 0 §2")
def test_judged_should(subject: Subject) -> None:
    assert subject.client.get("/two").body == b"two", "not what it should be"


@check("judged-observed", severity="observe", reference="none")
def test_judged_observed(subject: Subject) -> None:
    assert subject.client.get("/two").body == b"two", "<not> two"


@check("judged-measured", severity="observe", reference="none")
def test_judged_measured(subject: Subject) -> None:
    subject.findings.observe("it answers")
    subject.findings.measure("size", [6, 2, 4], "bytes")


@check("judged-skipped", reference="none")
def test_judged_skipped(subject: Subject) -> None:
    pytest.skip(f"{subject.http} has no such thing")


@check("judged-error", reference="none")
def test_judged_error(subject: Subject) -> None:
    raise LookupError(subject.files)
