"""JSON Lines: which media type is chosen (CONTRACT.md, GET /jsonl/{table}, Accept)."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.exchange import Exchange
from asgi_conformance.hosting import Subject
from asgi_conformance.problems import expect_problem

_LINES = b'{"id":0}\n'
_ARRAY = b'[{"id":0}]'


def _ask(subject: Subject, *accepts: str, method: str = "GET") -> Exchange:
    headers = [("Accept", accept) for accept in accepts]
    return subject.client.request(method, "/jsonl/numbers?rows=1&columns=id", headers=headers)


def _media_type(answer: Exchange) -> str:
    return (answer.header("content-type") or "").partition(";")[0].strip().lower()


def _expect_choice(subject: Subject, expected: dict[str, str]) -> None:
    for accept, media_type in expected.items():
        answer = _ask(subject, accept)
        assert answer.status == 200, f"Accept: {accept}"
        assert _media_type(answer) == media_type, f"Accept: {accept}"


@check("jsonl-accept-missing", reference="RFC 9110 §12.5.1")
def test_jsonl_accept_missing(subject: Subject) -> None:
    answer = _ask(subject)
    assert (_media_type(answer), answer.body) == ("application/jsonl", _LINES)


@check("jsonl-accept-jsonl", reference="RFC 9110 §12.5.1")
def test_jsonl_accept_jsonl(subject: Subject) -> None:
    answer = _ask(subject, "application/jsonl")
    assert (_media_type(answer), answer.body) == ("application/jsonl", _LINES)


@check("jsonl-accept-ndjson", reference="RFC 9110 §12.5.1")
def test_jsonl_accept_ndjson(subject: Subject) -> None:
    answer = _ask(subject, "application/x-ndjson")
    assert (_media_type(answer), answer.body) == ("application/x-ndjson", _LINES)


@check("jsonl-accept-json", reference="RFC 9110 §12.5.1")
def test_jsonl_accept_json(subject: Subject) -> None:
    answer = _ask(subject, "application/json")
    assert (_media_type(answer), answer.body) == ("application/json", _ARRAY)


@check("jsonl-accept-wildcards", reference="RFC 9110 §12.5.1")
def test_jsonl_accept_wildcards(subject: Subject) -> None:
    wildcards = ("*/*", "application/*", "text/html, */*;q=0.1", "text/csv, application/*")
    _expect_choice(subject, dict.fromkeys(wildcards, "application/jsonl"))


@check("jsonl-accept-quality", reference="RFC 9110 §12.4.2")
def test_jsonl_accept_quality(subject: Subject) -> None:
    expected = {
        "application/jsonl;q=0.5, application/json": "application/json",
        "application/jsonl;q=0.5, application/json;q=0.8": "application/json",
        "application/json;q=0.1, application/x-ndjson;q=0.2": "application/x-ndjson",
        "application/json;q=0.999, application/jsonl;q=0.998": "application/json",
        "application/jsonl ; q=0.1 , application/x-ndjson ; q=0.10": "application/jsonl",
        "application/json;Q=0.5, application/jsonl;q=0.4": "application/json",
    }
    _expect_choice(subject, expected)


@check("jsonl-accept-ties", reference="CONTRACT GET /jsonl/{table}: the first of these")
def test_jsonl_accept_ties(subject: Subject) -> None:
    expected = {
        "application/json, application/x-ndjson": "application/x-ndjson",
        "application/json, application/x-ndjson, application/jsonl": "application/jsonl",
        "application/json;q=0.3, application/jsonl;q=0.3": "application/jsonl",
    }
    _expect_choice(subject, expected)


@check("jsonl-accept-precedence", reference="RFC 9110 §12.5.1: the most specific range")
def test_jsonl_accept_precedence(subject: Subject) -> None:
    expected = {
        "*/*, application/jsonl;q=0": "application/x-ndjson",
        "application/jsonl;q=0, application/x-ndjson;q=0, */*": "application/json",
        "*/*;q=0.9, application/*;q=0.1, application/json;q=0.2": "application/json",
        "application/*;q=0.5, application/jsonl;q=0.4": "application/x-ndjson",
        "application/*;q=0, application/json": "application/json",
    }
    _expect_choice(subject, expected)


@check("jsonl-accept-case", reference="RFC 9110 §8.3.1")
def test_jsonl_accept_case(subject: Subject) -> None:
    _expect_choice(subject, {"Application/JSON": "application/json"})


@check("jsonl-accept-several-lines", reference="RFC 9110 §5.3")
def test_jsonl_accept_several_lines(subject: Subject) -> None:
    answer = _ask(subject, "text/html", "application/json")
    assert (answer.status, _media_type(answer)) == (200, "application/json")
    answer = _ask(subject, "application/json;q=0.5", "application/x-ndjson;q=0.6")
    assert _media_type(answer) == "application/x-ndjson"


@check("jsonl-accept-empty-elements", reference="RFC 9110 §5.6.1.2")
def test_jsonl_accept_empty_elements(subject: Subject) -> None:
    _expect_choice(subject, {", ,application/json,,": "application/json"})


@check("jsonl-not-acceptable", reference="RFC 9110 §15.5.7", rule="problem")
def test_jsonl_not_acceptable(subject: Subject) -> None:
    refused = (
        *("text/html", "text/*", "application/xml", "application/jsonlines"),
        *("application/json;q=0", "*/*;q=0", "application/*;q=0.000", "application/jso"),
    )
    for accept in refused:
        expect_problem(_ask(subject, accept), 406, f"Accept: {accept}")


@check("jsonl-accept-quoted-comma", reference="RFC 9110 §5.6.6")
def test_jsonl_accept_quoted_comma(subject: Subject) -> None:
    expect_problem(_ask(subject, 'text/plain;note="a, application/json"'), 406)


@check("jsonl-vary", reference="RFC 9110 §12.5.5")
def test_jsonl_vary(subject: Subject) -> None:
    asked = ((), ("application/jsonl",), ("application/x-ndjson",), ("application/json",), ("*/*",))
    for accepts in asked:
        for method in ("GET", "HEAD"):
            _expect_vary(_ask(subject, *accepts, method=method), f"{method} for {accepts}")


@check("jsonl-vary-not-acceptable", reference="RFC 9110 §12.5.5")
def test_jsonl_vary_not_acceptable(subject: Subject) -> None:
    answer = _ask(subject, "text/html")
    assert answer.status == 406
    _expect_vary(answer, "406")


@check("jsonl-vary-problems", reference="CONTRACT GET /jsonl/{table}: every answer")
def test_jsonl_vary_problems(subject: Subject) -> None:
    for target, status in (("none", 404), ("numbers?limit=x", 422), ("fails-first", 500)):
        answer = subject.client.get(f"/jsonl/{target}")
        assert answer.status == status, target
        _expect_vary(answer, target)


@check("jsonl-head-accept", rule="head", reference="RFC 9110 §9.3.2")
def test_jsonl_head_accept(subject: Subject) -> None:
    answer = _ask(subject, "application/json", method="HEAD")
    assert (answer.status, _media_type(answer)) == (200, "application/json")
    refused = _ask(subject, "text/html", method="HEAD")
    assert (refused.status, _media_type(refused)) == (406, "application/problem+json")


def _expect_vary(answer: Exchange, what: str) -> None:
    varying = [name.strip().lower() for name in (answer.header("vary") or "").split(",")]
    assert "accept" in varying, f"{what}: Vary is {answer.header('vary')}"
