"""Problems: what the suite demands of every error (CONTRACT.md, **problem**)."""

from __future__ import annotations

import json

from asgi_conformance.exchange import Exchange


def expect_problem(answer: Exchange, status: int, what: str = "the request") -> str:
    """Assert that an answer is a problem object of that status (RFC 9457 §3); its text.

    `what` names the request in the message of a failure.
    """
    assert answer.status == status, f"{what} is {answer.status}, not {status}"
    media_type = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    assert media_type == "application/problem+json", f"{what}: the problem is {media_type!r}"
    text = answer.body.decode()
    problem = json.loads(text)
    assert isinstance(problem, dict), f"{what}: the problem is no object"
    for member in ("type", "title", "detail"):
        assert isinstance(problem.get(member), str), f"{what}: {member} in {text}"
    assert problem.get("status") == status, f"{what}: status in {text}"
    return text
