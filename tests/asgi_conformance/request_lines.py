"""Request lines: what a server refuses for its length is no matter of the application."""

from __future__ import annotations

import pytest

from asgi_conformance.exchange import Exchange
from asgi_conformance.hosting import Subject


def skip_too_long(subject: Subject, answer: Exchange) -> None:
    """Skip the check where the server refused the request line before it called the application.

    Such an answer is 414 (RFC 9110 §15.5.15) or 431 (RFC 6585 §5). The same status by the
    application is left to the check.
    """
    if answer.status in (414, 431) and not subject.record(answer).select("call"):
        pytest.skip("not applicable: the server takes no request line of that length")
