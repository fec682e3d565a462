"""Rules: problem. What every error of every family says (RFC 9457), and what it does not."""

from __future__ import annotations

from pathlib import Path

from asgi_conformance.checks import check
from asgi_conformance.exchange import Exchange
from asgi_conformance.hosting import Subject
from asgi_conformance.material import place_file
from asgi_conformance.problems import expect_problem
from asgi_conformance.uploading import (
    END,
    FORM_TYPE,
    HELLO,
    WORLD_REPR_SHA256,
    choose_name,
    file_part,
)

_CSV = ("Content-Type", "text/csv")
_JSON = ("Content-Type", "application/json")

_Request = tuple[str, str, list[tuple[str, str]], bytes]
"""Method, target, headers, body."""


def _check_problem(subject: Subject, answer: Exchange, status: int, which: str) -> None:
    """Check that the answer is a problem object of that status, and tells no secret."""
    expect_problem(answer, status, which)
    _check_secrets(subject, answer, which)


def _check_secrets(subject: Subject, answer: Exchange, which: str) -> None:
    said = answer.body + repr(answer.headers).encode()
    for secret in (
        b"Traceback",
        b".py",
        b"site-packages",
        str(subject.files).encode(),
        str(subject.settings.database).encode(),
        str(Path.cwd()).encode(),
    ):
        assert secret not in said, f"{which}: the answer tells {secret!r}"


def _check_all(subject: Subject, refused: list[tuple[int, _Request]]) -> None:
    for status, (method, target, headers, body) in refused:
        answer = subject.client.request(method, target, headers=headers, body=body)
        _check_problem(subject, answer, status, f"{method} {target} {headers} {body[:40]!r}")


@check("rules-problem-files", rule="problem", reference="RFC 9457 §3")
def test_rules_problem_files(subject: Subject) -> None:
    target = place_file(subject.files).target
    refused: list[tuple[int, _Request]] = [
        (404, ("GET", "/files/no-such-file", [], b"")),
        (404, ("GET", "/files/.hidden", [], b"")),
        (404, ("GET", "/files/%2e%2e/database.sqlite", [], b"")),
        (405, ("POST", target, [], b"")),
        (412, ("GET", target, [("If-Match", '"other"')], b"")),
        (422, ("GET", target + "?download=2", [], b"")),
    ]
    _check_all(subject, refused)


@check("rules-problem-range", rule="problem", reference="RFC 9110 §15.5.17")
def test_rules_problem_range(subject: Subject) -> None:
    target = place_file(subject.files).target
    _check_all(subject, [(416, ("GET", target, [("Range", "bytes=99-")], b""))])


@check("rules-problem-csv", rule="problem", reference="RFC 9457 §3")
def test_rules_problem_csv(subject: Subject) -> None:
    refused: list[tuple[int, _Request]] = [
        (404, ("GET", "/csv/no_such_table", [], b"")),
        (405, ("POST", "/csv/numbers", [], b"")),
        (422, ("GET", "/csv/numbers?rows=x", [], b"")),
        (422, ("GET", "/csv/people?columns=nobody", [], b"")),
        (500, ("GET", "/csv/fails-first", [], b"")),
    ]
    _check_all(subject, refused)


@check("rules-problem-csv-totals", rule="problem", reference="RFC 9457 §3")
def test_rules_problem_csv_totals(subject: Subject) -> None:
    refused: list[tuple[int, _Request]] = [
        (405, ("PUT", "/csv/totals", [], b"")),
        (415, ("POST", "/csv/totals?column=n", [], b"n\r\n")),
        (415, ("POST", "/csv/totals?column=n", [_JSON], b"n\r\n")),
        (422, ("POST", "/csv/totals", [_CSV], b"n\r\n")),
        (422, ("POST", "/csv/totals?column=m", [_CSV], b"n\r\n")),
        (422, ("POST", "/csv/totals?column=n", [_CSV], b"")),
    ]
    _check_all(subject, refused)


@check("rules-problem-jsonl", rule="problem", reference="RFC 9457 §3")
def test_rules_problem_jsonl(subject: Subject) -> None:
    refused: list[tuple[int, _Request]] = [
        (404, ("GET", "/jsonl/no_such_table", [], b"")),
        (405, ("DELETE", "/jsonl/numbers", [], b"")),
        (406, ("GET", "/jsonl/numbers", [("Accept", "text/csv")], b"")),
        (422, ("GET", "/jsonl/numbers?batch=0", [], b"")),
        (500, ("GET", "/jsonl/fails-first", [], b"")),
        (500, ("GET", "/jsonl/fails-first", [("Accept", "application/json")], b"")),
    ]
    _check_all(subject, refused)


@check("rules-problem-events", rule="problem", reference="RFC 9457 §3")
def test_rules_problem_events(subject: Subject) -> None:
    target = f"/events/{choose_name('')}"
    refused: list[tuple[int, _Request]] = [
        (404, ("GET", "/events/not%20a%20channel", [], b"")),
        (405, ("PUT", target, [], b"")),
        (405, ("POST", "/events/clock", [_JSON], b'{"data":""}')),
        (413, ("POST", target, [_JSON], b'{"data":"%b"}' % (b"x" * 65536))),
        (415, ("POST", target, [("Content-Type", "text/plain")], b'{"data":""}')),
        (422, ("POST", target, [_JSON], b'{"data":1}')),
        (422, ("POST", target, [_JSON], b"not JSON")),
        (422, ("GET", "/events/clock?interval=0", [], b"")),
    ]
    _check_all(subject, refused)


@check("rules-problem-uploads", rule="problem", reference="RFC 9457 §3")
def test_rules_problem_uploads(subject: Subject) -> None:
    target = f"/uploads/{choose_name()}"
    refused: list[tuple[int, _Request]] = [
        (400, ("PUT", target, [("Content-Range", "bytes 0-4/9")], HELLO)),
        (400, ("PUT", target, [("Repr-Digest", "sha-256=1")], HELLO)),
        (405, ("GET", target, [], b"")),
        (412, ("PUT", target, [("If-Match", "*")], HELLO)),
        (415, ("PUT", target, [("Content-Encoding", "gzip")], HELLO)),
        (422, ("PUT", target, [("Repr-Digest", WORLD_REPR_SHA256)], HELLO)),
        (422, ("PUT", "/uploads/.hidden", [], HELLO)),
    ]
    _check_all(subject, refused)
    # Of unknown length, so that all of it is sent before it is refused.
    body = [bytes(65536)] * 16 + [b"x"]
    too_large = subject.client.request("PUT", target, body=body)
    _check_problem(subject, too_large, 413, "PUT, too large")


@check("rules-problem-forms", rule="problem", reference="RFC 9457 §3")
def test_rules_problem_forms(subject: Subject) -> None:
    unbound = ("Content-Type", "multipart/form-data")
    refused: list[tuple[int, _Request]] = [
        (400, ("POST", "/uploads", [unbound], b"")),
        (400, ("POST", "/uploads", [FORM_TYPE], file_part(choose_name(), HELLO))),
        (405, ("PUT", "/uploads", [], b"")),
        (413, ("POST", "/uploads", [FORM_TYPE], file_part(choose_name(), bytes(1048577)) + END)),
        (415, ("POST", "/uploads", [_CSV], b"")),
        (422, ("POST", "/uploads", [FORM_TYPE], file_part(".hidden", HELLO) + END)),
    ]
    _check_all(subject, refused)


@check("rules-problem-unknown-path", rule="problem", reference="RFC 9457 §3")
def test_rules_problem_unknown_path(subject: Subject) -> None:
    refused: list[tuple[int, _Request]] = [
        (404, ("GET", "/", [], b"")),
        (404, ("GET", "/nothing", [], b"")),
        (404, ("POST", "/nothing/at/all", [], b"")),
    ]
    _check_all(subject, refused)


@check("rules-problem-head", rule="problem", reference="RFC 9110 §9.3.2")
def test_rules_problem_head(subject: Subject) -> None:
    for target, status in (
        ("/nothing", 404),
        ("/files/no-such-file", 404),
        ("/csv/no_such_table", 404),
        ("/csv/numbers?rows=x", 422),
        ("/jsonl/numbers?batch=0", 422),
        ("/events/clock?count=0", 422),
        ("/uploads/x", 405),
    ):
        answer = subject.client.head(target)
        assert answer.status == status, target
        assert answer.header("content-type") == "application/problem+json", target
        assert answer.excess == b"", f"HEAD {target} has a body"


@check("rules-problem-content-length", rule="problem", reference="RFC 9110 §8.6")
def test_rules_problem_content_length(subject: Subject) -> None:
    plain = [("Accept-Encoding", "identity")]
    answer = subject.client.get("/files/no-such-file", headers=plain)
    assert answer.header("content-length") == str(len(answer.wire_body))


@check("rules-500-is-raised", severity="observe", reference="ASGI, Error Handling")
def test_rules_500_is_raised(subject: Subject) -> None:
    answer = subject.client.get("/csv/fails-first")
    assert answer.status == 500
    outcome = subject.record(answer).wait_for_end()
    assert outcome.how == "raised", "the server is not told of the failure"


@check("rules-500-serves-on", rule="first-item", reference="CONTRACT first-item")
def test_rules_500_serves_on(subject: Subject) -> None:
    for _ in range(3):
        assert subject.client.get("/jsonl/fails-first").status == 500
    assert subject.client.get("/jsonl/numbers?rows=1&columns=id").body == b'{"id":0}\n'
