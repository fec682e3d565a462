"""Rules: what every family makes of a query (CONTRACT.md, Rules for every endpoint)."""

from __future__ import annotations

import pytest

from asgi_conformance.checks import check
from asgi_conformance.hosting import Subject
from asgi_conformance.material import place_file
from asgi_conformance.request_lines import skip_too_long

_NUMBERS = (
    "/csv/numbers?rows=",
    "/csv/people?limit=",
    "/jsonl/numbers?rows=",
    "/jsonl/numbers?batch=",
    "/events/clock?interval=0.001&count=",
)
_DECIMALS = ("/events/clock?count=1&interval=", "/csv/trickle?rows=1&delay=")


def _check_status(subject: Subject, status: int, targets: tuple[str, ...], value: str) -> None:
    for target in targets:
        # HEAD, since a number that is taken in error may be that of a stream without end.
        answer = subject.client.head(target + value)
        skip_too_long(subject, answer)
        assert answer.status == status, target + value


@check("rules-number", reference="CONTRACT Rules: a number is plain decimal digits")
@pytest.mark.parametrize("value", ["1", "007", "%31"])
def test_rules_number(subject: Subject, value: str) -> None:
    _check_status(subject, 200, _NUMBERS, value)


@check("rules-number-malformed", reference="CONTRACT Rules: a number is plain decimal digits")
@pytest.mark.parametrize(
    "value",
    ["", "1_0", "%2B1", "-1", "1e3", "1.0", "0x1", "one", "%201", "1%20", "%EF%BC%91", "%D9%A1"],
)
def test_rules_number_malformed(subject: Subject, value: str) -> None:
    _check_status(subject, 422, _NUMBERS, value)


@check("rules-number-too-large", reference="CONTRACT Rules: numbers above 2^63 - 1")
def test_rules_number_too_large(subject: Subject) -> None:
    for value in ("9223372036854775808", "1" + "0" * 400, "1" + "0" * 5000):
        _check_status(subject, 422, _NUMBERS, value)


@check("rules-number-largest", reference="CONTRACT Rules: numbers above 2^63 - 1")
def test_rules_number_largest(subject: Subject) -> None:
    targets = ("/csv/numbers?rows=", "/csv/people?limit=", "/events/clock?count=")
    _check_status(subject, 200, targets, "9223372036854775807")


@check("rules-decimal", reference="CONTRACT Rules: one point and more digits may follow")
@pytest.mark.parametrize("value", ["1", "0.5", "2.50", "00.1"])
def test_rules_decimal(subject: Subject, value: str) -> None:
    _check_status(subject, 200, _DECIMALS, value)


@check("rules-decimal-malformed", reference="CONTRACT Rules: one point and more digits may follow")
@pytest.mark.parametrize(
    "value", ["", ".5", "1.", "1.2.3", "1,5", "1e3", "-1", "%2B1", "nan", "inf", "1_0", "0.1_0"]
)
def test_rules_decimal_malformed(subject: Subject, value: str) -> None:
    _check_status(subject, 422, _DECIMALS, value)


@check("rules-switch-malformed", reference="CONTRACT Rules: a switch is 0 or 1")
@pytest.mark.parametrize("value", ["", "2", "true", "on", "01", "%31%31"])
def test_rules_switch_malformed(subject: Subject, value: str) -> None:
    switches = (
        f"{place_file(subject.files).target}?download=",
        "/csv/people?bom=",
        "/csv/people?guard=",
    )
    _check_status(subject, 422, switches, value)


@check("rules-query-100-fields", reference="CONTRACT Rules: queries of more than 100 fields")
def test_rules_query_100_fields(subject: Subject) -> None:
    file = place_file(subject.files).target
    for target in (f"{file}?", "/csv/people?", "/jsonl/people?", "/events/clock?"):
        assert subject.client.head(target + "&".join(["x=1"] * 100)).status == 200, target


@check("rules-query-101-fields", reference="CONTRACT Rules: queries of more than 100 fields")
def test_rules_query_101_fields(subject: Subject) -> None:
    file = place_file(subject.files).target
    for target in (f"{file}?", "/csv/people?", "/jsonl/people?", "/events/clock?"):
        assert subject.client.head(target + "&".join(["x=1"] * 101)).status == 422, target
