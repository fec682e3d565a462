"""Rules: paths that name nothing, methods that a path does not know, and HEAD."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending
from asgi_conformance.hosting import Subject
from asgi_conformance.material import place_file
from asgi_conformance.uploading import choose_name

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND")


def _check_methods(subject: Subject, target: str, allowed: set[str]) -> None:
    """Check that every other method is 405, with these in `Allow` and not itself."""
    for method in (name for name in _METHODS if name not in allowed):
        answer = subject.client.request(method, target, body=b"").read_all()
        assert answer.status == 405, f"{method} {target}"
        told = {name.strip() for name in (answer.header("allow") or "").split(",")}
        assert told >= allowed, f"{method} {target}: Allow is {told}"
        assert method not in told, f"{method} {target}: refused, and yet in Allow"


@check("rules-405-files", rule="problem", reference="RFC 9110 §15.5.6")
def test_rules_405_files(subject: Subject) -> None:
    _check_methods(subject, place_file(subject.files).target, {"GET", "HEAD"})


@check("rules-405-csv", rule="problem", reference="RFC 9110 §15.5.6")
def test_rules_405_csv(subject: Subject) -> None:
    _check_methods(subject, "/csv/numbers", {"GET", "HEAD"})


@check("rules-405-csv-totals", rule="problem", reference="RFC 9110 §15.5.6")
def test_rules_405_csv_totals(subject: Subject) -> None:
    for method in ("PUT", "PATCH", "DELETE"):
        answer = subject.client.request(method, "/csv/totals", body=b"").read_all()
        assert answer.status == 405, method
        assert "POST" in (answer.header("allow") or ""), f"{method}: {answer.header('allow')}"


@check("rules-405-jsonl", rule="problem", reference="RFC 9110 §15.5.6")
def test_rules_405_jsonl(subject: Subject) -> None:
    _check_methods(subject, "/jsonl/numbers", {"GET", "HEAD"})


@check("rules-405-events", rule="problem", reference="RFC 9110 §15.5.6")
def test_rules_405_events(subject: Subject) -> None:
    _check_methods(subject, f"/events/{choose_name('')}", {"GET", "HEAD", "POST"})


@check("rules-405-clock", rule="problem", reference="RFC 9110 §15.5.6")
def test_rules_405_clock(subject: Subject) -> None:
    _check_methods(subject, "/events/clock", {"GET", "HEAD"})


@check("rules-405-upload", rule="problem", reference="RFC 9110 §15.5.6")
def test_rules_405_upload(subject: Subject) -> None:
    _check_methods(subject, f"/uploads/{choose_name()}", {"PUT"})


@check("rules-405-uploads", rule="problem", reference="RFC 9110 §15.5.6")
def test_rules_405_uploads(subject: Subject) -> None:
    _check_methods(subject, "/uploads", {"POST"})


@check("rules-404-unknown", reference="CONTRACT Rules: a path that names nothing is 404")
def test_rules_404_unknown(subject: Subject) -> None:
    for target in ("/", "/nothing", "/nothing/", "/Files/x", "/filesx", "/xfiles/a", "//files/a"):
        assert subject.client.get(target).status == 404, target


@check("rules-404-family-alone", reference="CONTRACT Rules: a path that names nothing is 404")
def test_rules_404_family_alone(subject: Subject) -> None:
    for family in ("/files", "/csv", "/jsonl", "/events"):
        for target in (family, f"{family}/"):
            assert subject.client.get(target).status == 404, target


@check("rules-404-deeper", reference="CONTRACT Rules: a path that names nothing is 404")
def test_rules_404_deeper(subject: Subject) -> None:
    for target in ("/csv/numbers/", "/csv/numbers/x", "/jsonl/numbers/x", "/events/clock/x"):
        assert subject.client.get(target).status == 404, target


@check("rules-404-slash-encoded", reference="CONTRACT Rules: a path that names nothing is 404")
def test_rules_404_slash_encoded(subject: Subject) -> None:
    for target in ("/csv/numbers%2Fx", "/jsonl/..%2Fnumbers", "/events/a%2Fb"):
        assert subject.client.get(target).status == 404, target


@check("rules-404-methods", reference="CONTRACT Rules: a path that names nothing is 404")
def test_rules_404_methods(subject: Subject) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = subject.client.request(method, "/nothing", body=b"")
        assert answer.status == 404, method


@check("rules-head-every-endpoint", rule="head", reference="RFC 9110 §9.3.2")
def test_rules_head_every_endpoint(subject: Subject) -> None:
    for target in (
        place_file(subject.files, suffix=".txt").target,
        "/csv/numbers",
        "/csv/people?columns=id,name&bom=1",
        "/jsonl/numbers",
        "/jsonl/people?batch=2",
        "/events/clock?interval=0.001&count=1",
        "/nothing",
    ):
        # What HEAD says where GET would be compressed is a check of the family gzip.
        plain = [("Accept-Encoding", "identity")]
        whole = subject.client.get(target, headers=plain)
        head = subject.client.head(target, headers=plain)
        assert head.status == whole.status, target
        # Of framing, HEAD may say less (RFC 9110 §9.3.2); date and connection are not the same.
        left_out = {"date", "connection", "transfer-encoding"}
        expected = {field for field in whole.headers if field[0] not in left_out}
        told = {field for field in head.headers if field[0] not in left_out}
        assert told == expected, f"HEAD and GET differ: {target}"


@check("rules-head-endless", rule="head", reference="CONTRACT head: ends where GET never would")
def test_rules_head_endless(subject: Subject) -> None:
    for target, content_type in (
        ("/csv/endless", "text/csv; charset=utf-8; header=present"),
        ("/csv/trickle?delay=3600", "text/csv; charset=utf-8; header=present"),
        ("/jsonl/endless", "application/jsonl"),
        (f"/events/{choose_name('')}", "text/event-stream"),
        ("/events/clock?interval=3600", "text/event-stream"),
    ):
        answer = subject.client.head(target)
        assert (answer.status, answer.ending) == (200, Ending.CLEAN), target
        told = answer.header("content-type") or ""
        assert told.startswith(content_type), f"{target}: {told}"
        assert answer.excess == b"", f"HEAD {target} has a body"


@check("rules-head-ends", rule="head", reference="CONTRACT head: starts no producer")
def test_rules_head_ends(subject: Subject) -> None:
    for target in ("/csv/endless", "/jsonl/endless", "/events/clock", f"/events/{choose_name('')}"):
        answer = subject.client.request("HEAD", target)
        assert answer.status == 200, target
        outcome = subject.record(answer).wait_for_end()
        assert outcome.how != "raised", f"{target}: {outcome.error}"
        assert subject.record(answer).body_bytes_offered == 0, f"{target}: a body was made"


@check("rules-unknown-parameter", reference="CONTRACT Rules: ignored")
def test_rules_unknown_parameter(subject: Subject) -> None:
    for target in (
        place_file(subject.files).target + "?",
        "/csv/numbers?rows=1&",
        "/jsonl/numbers?rows=1&",
        "/events/clock?interval=0.001&count=1&",
    ):
        answer = subject.client.get(f"{target}unknown=1&Download=x&%00=%FF")
        assert answer.status == 200, target
