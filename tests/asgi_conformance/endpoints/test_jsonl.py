"""JSON Lines: the bytes and the values of a table (CONTRACT.md, GET /jsonl/{table})."""

from __future__ import annotations

import json
from decimal import Decimal

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending
from asgi_conformance.hosting import Subject
from asgi_conformance.problems import expect_problem
from asgi_conformance.tables import add_tables, write_numbers_jsonl

_ARRAY = [("Accept", "application/json")]
_ROW_0 = b'{"id":0,"name":"item_0","value":0.0}'
_ROW_1 = b'{"id":1,"name":"item_1","value":1.5}'
_ROW_2 = b'{"id":2,"name":"item_2","value":3.0}'


def _get_values(subject: Subject, target: str) -> list[object]:
    """What the lines say, floats as decimals, so that each digit counts."""
    body = subject.client.get(f"/jsonl/{target}").body
    return [json.loads(line, parse_float=Decimal) for line in body.split(b"\n")[:-1]]


@check("jsonl-numbers", reference="CONTRACT GET /jsonl/{table}: one text a line")
def test_jsonl_numbers(subject: Subject) -> None:
    answer = subject.client.get("/jsonl/numbers?rows=3")
    assert (answer.status, answer.ending) == (200, Ending.CLEAN)
    assert answer.body == _ROW_0 + b"\n" + _ROW_1 + b"\n" + _ROW_2 + b"\n"


@check("jsonl-numbers-default", reference="CONTRACT Tables, numbers")
def test_jsonl_numbers_default(subject: Subject) -> None:
    body = subject.client.get("/jsonl/numbers").body
    assert body.count(b"\n") == 1000
    assert body.endswith(b'\n{"id":999,"name":"item_999","value":1498.5}\n')


@check("jsonl-large", reference="CONTRACT Tables, numbers", slow=True)
def test_jsonl_large(subject: Subject) -> None:
    answer = subject.client.get("/jsonl/numbers?rows=100000")
    assert answer.ending is Ending.CLEAN
    assert answer.body == write_numbers_jsonl(100_000), "rows are missing, twice or out of order"


@check("jsonl-null", reference="CONTRACT Values: NULL is null")
def test_jsonl_null(subject: Subject) -> None:
    body = subject.client.get("/jsonl/people").body
    assert b'{"id":4,"name":null,"score":null,"photo":null,"note":null}\n' in body


@check("jsonl-blob", reference="RFC 4648 §4")
def test_jsonl_blob(subject: Subject) -> None:
    body = subject.client.get("/jsonl/people?columns=photo&limit=5").body
    assert body == (
        b'{"photo":"AAH/"}\n{"photo":""}\n{"photo":null}\n{"photo":null}\n{"photo":"YWJj"}\n'
    )


@check("jsonl-floats", reference="CONTRACT Values: a float is the shortest form")
def test_jsonl_floats(subject: Subject) -> None:
    expected = ["1.5", "-0.1", "1e22", None, "0.0", "1e-07", "3.0", "100.0", "2.25"]
    decimals = [{"score": text and Decimal(text)} for text in expected]
    assert _get_values(subject, "people?columns=score") == decimals


@check("jsonl-nonfinite", reference="RFC 8259 §6")
def test_jsonl_nonfinite(subject: Subject) -> None:
    body = subject.client.get("/jsonl/nonfinite?columns=value").body
    assert body == b'{"value":1.5}\n{"value":null}\n{"value":null}\n{"value":null}\n'


@check("jsonl-integers", reference="RFC 8259 §6")
def test_jsonl_integers(subject: Subject) -> None:
    add_tables(subject)
    body = subject.client.get("/jsonl/integers").body
    assert body == b'{"value":9223372036854775807}\n{"value":-9223372036854775808}\n'


@check("jsonl-text", reference="RFC 8259 §7")
def test_jsonl_text(subject: Subject) -> None:
    notes = ["plain", 'comma, and quote "', "line\r\nbreak", None, "=1+1"]
    notes += ["a\nb", "@SUM(A1)", "-5", "\tx"]
    assert _get_values(subject, "people?columns=note") == [{"note": note} for note in notes]


@check("jsonl-unicode", reference="RFC 8259 §8.1")
def test_jsonl_unicode(subject: Subject) -> None:
    body = subject.client.get("/jsonl/people_names?limit=3").body
    assert "Zoë 雪".encode() in body or rb"\u96ea" in body, "the text is neither UTF-8 nor escaped"
    assert json.loads(body.split(b"\n")[2].decode("utf-8", "replace"))["name"] == "Zoë 雪"


@check("jsonl-members", reference="CONTRACT GET /jsonl/{table}: in the order of the columns")
def test_jsonl_members(subject: Subject) -> None:
    body = subject.client.get("/jsonl/odd%20%22name%22%20%C3%BC").body
    members = json.loads(body, object_pairs_hook=list)
    assert members == [("a b", 1), ('c"d', 2), ("é", 3)]


@check("jsonl-line-feeds", reference="CONTRACT GET /jsonl/{table}: each line ended by LF")
def test_jsonl_line_feeds(subject: Subject) -> None:
    body = subject.client.get("/jsonl/people").body
    assert (body.count(b"\n"), body.count(b"\r")) == (9, 0)
    assert body.endswith(b"}\n")


@check("jsonl-no-rows", reference="CONTRACT GET /jsonl/{table}")
def test_jsonl_no_rows(subject: Subject) -> None:
    for target in ("/jsonl/empty", "/jsonl/numbers?rows=0"):
        answer = subject.client.get(target)
        assert (answer.status, answer.body, answer.ending) == (200, b"", Ending.CLEAN), target


@check("jsonl-array", reference="CONTRACT GET /jsonl/{table}, application/json")
def test_jsonl_array(subject: Subject) -> None:
    answer = subject.client.get("/jsonl/numbers?rows=3", headers=_ARRAY)
    assert answer.body == b"[" + _ROW_0 + b"," + _ROW_1 + b"," + _ROW_2 + b"]"
    assert answer.ending is Ending.CLEAN


@check("jsonl-array-of-one", reference="CONTRACT GET /jsonl/{table}, application/json")
def test_jsonl_array_of_one(subject: Subject) -> None:
    answer = subject.client.get("/jsonl/numbers?rows=1", headers=_ARRAY)
    assert answer.body == b"[" + _ROW_0 + b"]"


@check("jsonl-array-large", reference="CONTRACT GET /jsonl/{table}, application/json")
def test_jsonl_array_large(subject: Subject) -> None:
    answer = subject.client.get("/jsonl/numbers?rows=50000", headers=_ARRAY)
    lines = write_numbers_jsonl(50_000)
    assert answer.body == b"[" + lines[:-1].replace(b"\n", b",") + b"]"


@check("jsonl-array-no-rows", reference="CONTRACT GET /jsonl/{table}: [] without rows")
def test_jsonl_array_no_rows(subject: Subject) -> None:
    for target in ("/jsonl/empty", "/jsonl/numbers?rows=0", "/jsonl/numbers?limit=0"):
        assert subject.client.get(target, headers=_ARRAY).body == b"[]", target


@check("jsonl-batch", reference="CONTRACT GET /jsonl/{table}, batch")
def test_jsonl_batch(subject: Subject) -> None:
    body = subject.client.get("/jsonl/numbers?rows=3&batch=2").body
    assert body == b"[" + _ROW_0 + b"," + _ROW_1 + b"]\n[" + _ROW_2 + b"]\n"


@check("jsonl-batch-even", reference="CONTRACT GET /jsonl/{table}, batch")
def test_jsonl_batch_even(subject: Subject) -> None:
    body = subject.client.get("/jsonl/numbers?rows=2&batch=2").body
    assert body == b"[" + _ROW_0 + b"," + _ROW_1 + b"]\n"


@check("jsonl-batch-of-one", reference="CONTRACT GET /jsonl/{table}, batch")
def test_jsonl_batch_of_one(subject: Subject) -> None:
    body = subject.client.get("/jsonl/numbers?rows=2&batch=1").body
    assert body == b"[" + _ROW_0 + b"]\n[" + _ROW_1 + b"]\n"


@check("jsonl-batch-beyond", reference="CONTRACT GET /jsonl/{table}, batch")
def test_jsonl_batch_beyond(subject: Subject) -> None:
    body = subject.client.get("/jsonl/numbers?rows=2&batch=10000").body
    assert body == b"[" + _ROW_0 + b"," + _ROW_1 + b"]\n"


@check("jsonl-batch-no-rows", reference="CONTRACT GET /jsonl/{table}, batch")
def test_jsonl_batch_no_rows(subject: Subject) -> None:
    assert subject.client.get("/jsonl/empty?batch=3").body == b""


@check("jsonl-batch-ndjson", reference="CONTRACT GET /jsonl/{table}, batch")
def test_jsonl_batch_ndjson(subject: Subject) -> None:
    accept = [("Accept", "application/x-ndjson")]
    answer = subject.client.get("/jsonl/numbers?rows=2&batch=2", headers=accept)
    assert answer.body == b"[" + _ROW_0 + b"," + _ROW_1 + b"]\n"


@check("jsonl-batch-array", reference="CONTRACT GET /jsonl/{table}, batch")
def test_jsonl_batch_array(subject: Subject) -> None:
    answer = subject.client.get("/jsonl/numbers?rows=2&batch=1", headers=_ARRAY)
    assert answer.body == b"[" + _ROW_0 + b"," + _ROW_1 + b"]"


@check("jsonl-batch-number", reference="CONTRACT GET /jsonl/{table}, batch: 1 to 10000")
def test_jsonl_batch_number(subject: Subject) -> None:
    for text in ("0", "10001", "", "-1", "%2B1", "+1", "1_0", "1e3", "1.0", "all", "%D9%A3"):
        answer = subject.client.get(f"/jsonl/numbers?rows=1&batch={text}")
        expect_problem(answer, 422, f"batch={text}")


@check("jsonl-method-unknown", rule="problem", reference="RFC 9110 §15.5.6")
def test_jsonl_method_unknown(subject: Subject) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = subject.client.request(method, "/jsonl/numbers", body=b"")
        expect_problem(answer, 405, method)
        allowed = {name.strip() for name in (answer.header("allow") or "").split(",")}
        assert allowed == {"GET", "HEAD"}, f"{method}: Allow is {answer.header('allow')}"
