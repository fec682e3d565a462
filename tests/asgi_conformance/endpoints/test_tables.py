"""Tables: the parameters that CSV and JSON Lines share (CONTRACT.md, Tables)."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending
from asgi_conformance.hosting import Subject
from asgi_conformance.problems import expect_problem
from asgi_conformance.request_lines import skip_too_long
from asgi_conformance.tables import add_tables

_FAMILIES = ("/csv", "/jsonl")

# Percent-encoded: a sign, spaces, and digits of other scripts, which a language may take.
_NO_NUMBERS = (
    *("1_0", "+1", "%2B1", "-1", "1e3", "", "1.0", "0x1", "one", "%201", "1%20", "1%0A"),
    *("%EF%BC%91", "%D9%A3", "%C2%B2"),
)


def _expect_rejected(subject: Subject, *queries: str, table: str = "numbers") -> None:
    for family in _FAMILIES:
        for query in queries:
            target = f"{family}/{table}?{query}"
            expect_problem(subject.client.get(target), 422, target)


@check("tables-columns-order", reference="CONTRACT Tables, columns")
def test_tables_columns_order(subject: Subject) -> None:
    query = "numbers?rows=2&columns=value,id"
    assert subject.client.get(f"/csv/{query}").body == b"value,id\r\n0.0,0\r\n1.5,1\r\n"
    lines = b'{"value":0.0,"id":0}\n{"value":1.5,"id":1}\n'
    assert subject.client.get(f"/jsonl/{query}").body == lines


@check("tables-columns-one", reference="CONTRACT Tables, columns")
def test_tables_columns_one(subject: Subject) -> None:
    query = "numbers?rows=2&columns=name"
    assert subject.client.get(f"/csv/{query}").body == b"name\r\nitem_0\r\nitem_1\r\n"
    assert subject.client.get(f"/jsonl/{query}").body == b'{"name":"item_0"}\n{"name":"item_1"}\n'


@check("tables-columns-database", reference="CONTRACT Tables, columns")
def test_tables_columns_database(subject: Subject) -> None:
    query = "people?columns=note,id&limit=1"
    assert subject.client.get(f"/csv/{query}").body == b"note,id\r\nplain,1\r\n"
    assert subject.client.get(f"/jsonl/{query}").body == b'{"note":"plain","id":1}\n'


@check("tables-columns-decoded", reference="CONTRACT Rules: percent-decoded UTF-8")
def test_tables_columns_decoded(subject: Subject) -> None:
    query = "odd%20%22name%22%20%C3%BC?columns=%C3%A9,c%22d%2Ca%20b"
    assert subject.client.get(f"/csv/{query}").body.decode() == 'é,"c""d",a b\r\n3,2,1\r\n'


@check("tables-columns-empty", reference="CONTRACT Tables, columns")
def test_tables_columns_empty(subject: Subject) -> None:
    _expect_rejected(subject, "columns=", "columns=,", "columns=id,", "columns=,id")


@check("tables-columns-unknown", reference="CONTRACT Tables, columns")
def test_tables_columns_unknown(subject: Subject) -> None:
    _expect_rejected(subject, "columns=none", "columns=id,none", "columns=%20id", "columns=%FF")
    _expect_rejected(subject, "columns=none", "columns=*", "columns=id%22--", table="people")


@check("tables-columns-twice", reference="CONTRACT Tables, columns")
def test_tables_columns_twice(subject: Subject) -> None:
    _expect_rejected(subject, "columns=id,id", "columns=id,name,id")
    _expect_rejected(subject, "columns=id,id", table="people")


@check("tables-limit", reference="CONTRACT Tables, limit")
def test_tables_limit(subject: Subject) -> None:
    add_tables(subject)
    for table in ("numbers", "wide", "vast", "endless"):
        for family, lines in (("/csv", 4), ("/jsonl", 3)):
            answer = subject.client.get(f"{family}/{table}?limit=3&columns=id")
            assert answer.ending is Ending.CLEAN, f"{family}/{table}"
            assert answer.body.count(b"\n") == lines, f"{family}/{table}"


@check("tables-limit-beyond", reference="CONTRACT Tables, limit: at most so many")
def test_tables_limit_beyond(subject: Subject) -> None:
    body = b"id,name,value\r\n0,item_0,0.0\r\n"
    assert subject.client.get("/csv/numbers?rows=1&limit=5").body == body
    assert subject.client.get("/csv/people?limit=1000&columns=id").body.count(b"\r\n") == 10


@check("tables-limit-zero", reference="CONTRACT Tables, limit=0")
def test_tables_limit_zero(subject: Subject) -> None:
    for table in ("numbers?limit=0", "people_names?limit=0", "endless?limit=0"):
        answer = subject.client.get(f"/csv/{table}")
        assert (answer.status, answer.body.count(b"\r\n")) == (200, 1), table
        answer = subject.client.get(f"/jsonl/{table}")
        assert (answer.status, answer.body, answer.ending) == (200, b"", Ending.CLEAN), table


@check("tables-limit-waits-for-nothing", severity="should", reference="CONTRACT Tables, limit")
def test_tables_limit_waits_for_nothing(subject: Subject) -> None:
    answer = subject.client.get("/csv/trickle?rows=2&delay=3600&limit=1")
    assert answer.body == b"id,name,value\r\n0,item_0,0.0\r\n"
    assert answer.ending is Ending.CLEAN, "the end waits for a row beyond the limit"


@check("tables-limit-plain-digits", reference="CONTRACT Rules: a number is plain decimal digits")
def test_tables_limit_plain_digits(subject: Subject) -> None:
    _expect_rejected(subject, *(f"limit={text}" for text in _NO_NUMBERS))


@check("tables-rows-plain-digits", reference="CONTRACT Rules: a number is plain decimal digits")
def test_tables_rows_plain_digits(subject: Subject) -> None:
    _expect_rejected(subject, *(f"rows={text}" for text in _NO_NUMBERS))


@check("tables-delay-decimal", reference="CONTRACT Rules: digits may follow one point")
def test_tables_delay_decimal(subject: Subject) -> None:
    for delay in ("0", "0.0", "0.001"):
        answer = subject.client.get(f"/csv/trickle?rows=2&delay={delay}")
        assert answer.body == b"id,name,value\r\n0,item_0,0.0\r\n1,item_1,1.5\r\n", delay
    wrong = ("1_0.5", "+1", "-1", "1e3", "", "1.5.1", "inf", "nan", "0,5", "%D9%A3")
    _expect_rejected(subject, *(f"rows=1&delay={text}" for text in wrong), table="trickle")


@check("tables-leading-zeros", reference="CONTRACT Rules: a number is plain decimal digits")
def test_tables_leading_zeros(subject: Subject) -> None:
    answer = subject.client.get("/csv/numbers?rows=0003&limit=01")
    assert answer.body == b"id,name,value\r\n0,item_0,0.0\r\n"


@check("tables-largest-number", reference="CONTRACT Rules: numbers above 2⁶³ - 1 are 422")
def test_tables_largest_number(subject: Subject) -> None:
    largest = "9223372036854775807"
    for target in (f"people_names?limit={largest}", f"numbers?limit=1&rows={largest}"):
        assert subject.client.get(f"/csv/{target}").status == 200, target


@check("tables-enormous-number", reference="CONTRACT Rules: numbers above 2⁶³ - 1 are 422")
def test_tables_enormous_number(subject: Subject) -> None:
    for number in ("9223372036854775808", "9" * 30, "9" * 5000):
        for target in (
            f"/csv/people?limit={number}",
            f"/jsonl/people?limit={number}",
            f"/csv/numbers?limit=1&rows={number}",
            f"/jsonl/numbers?rows=1&batch={number}",
        ):
            answer = subject.client.get(target)
            skip_too_long(subject, answer)
            expect_problem(answer, 422, target[:50])


@check("tables-enormous-delay", rule="problem", reference="CONTRACT Rules: numbers, problem")
def test_tables_enormous_delay(subject: Subject) -> None:
    answer = subject.client.get(f"/csv/trickle?rows=1&delay={'9' * 5000}")
    skip_too_long(subject, answer)
    expect_problem(answer, 422, "a delay of 5000 digits")


@check("tables-many-parameters", reference="CONTRACT Rules: more than 100 fields are 422")
def test_tables_many_parameters(subject: Subject) -> None:
    for family in _FAMILIES:
        fields = "&x=1" * 99
        assert subject.client.get(f"{family}/numbers?rows=0{fields}").status == 200, family
        expect_problem(subject.client.get(f"{family}/numbers?rows=0{fields}&y=1"), 422, family)


@check("tables-unknown-parameter", reference="CONTRACT Rules: unknown parameters are ignored")
def test_tables_unknown_parameter(subject: Subject) -> None:
    for family in _FAMILIES:
        answer = subject.client.get(f"{family}/people?unknown=-1&limit=1&Limit=x&&=")
        assert answer.status == 200, family


@check("tables-problem-tells-nothing", rule="problem", reference="CONTRACT problem")
def test_tables_problem_tells_nothing(subject: Subject) -> None:
    for family in _FAMILIES:
        for target, status in (
            (f"{family}/people?columns=none", 422),
            (f"{family}/people?limit=x", 422),
            (f"{family}/none", 404),
            (f"{family}/fails-first", 500),
        ):
            text = expect_problem(subject.client.get(target), status, target)
            assert "Traceback" not in text, target
            assert str(subject.settings.database) not in text, target
            assert "SELECT" not in text, target
            assert ".py" not in text, target
