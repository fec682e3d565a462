"""CSV: the bytes of a table, and what is said of them (CONTRACT.md, GET /csv/{table})."""

from __future__ import annotations

import re
from urllib.parse import unquote

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending
from asgi_conformance.hosting import Subject
from asgi_conformance.problems import expect_problem
from asgi_conformance.tables import add_tables, write_numbers_csv

_PEOPLE = (
    "id,name,score,photo,note\r\n"
    "1,Ada,1.5,AAH/,plain\r\n"
    '2,"Grace ""Amazing""",-0.1,,"comma, and quote """\r\n'
    '3,Zoë 雪,1e+22,,"line\r\nbreak"\r\n'
    "4,,,,\r\n"
    "5,,0.0,YWJj,=1+1\r\n"
    '6,lf,1e-07,,"a\nb"\r\n'
    "7,formulas,3.0,,@SUM(A1)\r\n"
    "8,numbers,100.0,,-5\r\n"
    "9,tab,2.25,,\tx\r\n"
)
_MARK = b"\xef\xbb\xbf"


@check("csv-numbers", reference="RFC 4180 §2")
def test_csv_numbers(subject: Subject) -> None:
    answer = subject.client.get("/csv/numbers?rows=3")
    assert (answer.status, answer.ending) == (200, Ending.CLEAN)
    assert answer.body == b"id,name,value\r\n0,item_0,0.0\r\n1,item_1,1.5\r\n2,item_2,3.0\r\n"


@check("csv-numbers-default", reference="CONTRACT Tables, numbers")
def test_csv_numbers_default(subject: Subject) -> None:
    answer = subject.client.get("/csv/numbers")
    assert answer.body.count(b"\r\n") == 1001, "not a header row and 1000 rows"
    assert answer.body.endswith(b"\r\n999,item_999,1498.5\r\n")


@check("csv-large", reference="CONTRACT Tables, numbers", slow=True)
def test_csv_large(subject: Subject) -> None:
    answer = subject.client.get("/csv/numbers?rows=200000")
    assert answer.ending is Ending.CLEAN
    assert answer.body == write_numbers_csv(200_000), "rows are missing, twice, or out of order"


@check("csv-content-type", reference="RFC 4180 §3")
def test_csv_content_type(subject: Subject) -> None:
    answer = subject.client.get("/csv/numbers?rows=1")
    assert answer.header("content-type") == "text/csv; charset=utf-8; header=present"


@check("csv-disposition", reference="RFC 6266 §4.2")
def test_csv_disposition(subject: Subject) -> None:
    value = subject.client.get("/csv/numbers?rows=1").header("content-disposition") or ""
    kind, _, parameters = value.partition(";")
    assert kind.strip().lower() == "attachment", value
    assert re.search(r"""filename\*?=(utf-8'[^']*')?"?numbers\.csv\b""", parameters, re.I), value


@check("csv-disposition-extended", reference="RFC 8187 §3.2")
def test_csv_disposition_extended(subject: Subject) -> None:
    answer = subject.client.get("/csv/odd%20%22name%22%20%C3%BC")
    value = answer.header("content-disposition") or ""
    extended = re.search(r"filename\*=utf-8'[^']*'([^;\s]+)", value, re.I)
    assert extended is not None, f"no filename* in {value}"
    assert unquote(extended[1]) == 'odd "name" ü.csv'


@check("csv-database-table", reference="RFC 4180 §2")
def test_csv_database_table(subject: Subject) -> None:
    answer = subject.client.get("/csv/people")
    assert answer.ending is Ending.CLEAN
    assert answer.body.decode() == _PEOPLE


@check("csv-quotes-where-it-must", reference="RFC 4180 §2.6")
def test_csv_quotes_where_it_must(subject: Subject) -> None:
    answer = subject.client.get("/csv/people?columns=note&limit=3")
    expected = b'note\r\nplain\r\n"comma, and quote """\r\n"line\r\nbreak"\r\n'
    assert answer.body == expected


@check("csv-lone-empty-cell", reference="CONTRACT Values: NULL is an empty CSV cell")
def test_csv_lone_empty_cell(subject: Subject) -> None:
    answer = subject.client.get("/csv/nonfinite?columns=value")
    assert answer.body.endswith(b'\r\n""\r\n'), "the last row, one empty cell, is an empty line"


@check("csv-header-quoted", reference="RFC 4180 §2.7")
def test_csv_header_quoted(subject: Subject) -> None:
    answer = subject.client.get("/csv/odd%20%22name%22%20%C3%BC")
    assert answer.body.decode() == 'a b,"c""d",é\r\n1,2,3\r\n'


@check("csv-null", reference="CONTRACT Values: NULL is an empty CSV cell")
def test_csv_null(subject: Subject) -> None:
    answer = subject.client.get("/csv/people?columns=id,note,score&limit=4")
    assert answer.body.endswith(b"\r\n4,,\r\n")


@check("csv-blob", reference="RFC 4648 §4")
def test_csv_blob(subject: Subject) -> None:
    answer = subject.client.get("/csv/people?columns=id,photo&limit=5")
    assert answer.body == b"id,photo\r\n1,AAH/\r\n2,\r\n3,\r\n4,\r\n5,YWJj\r\n"


@check("csv-floats", reference="CONTRACT Values: a float is Python's shortest form")
def test_csv_floats(subject: Subject) -> None:
    answer = subject.client.get("/csv/people?columns=score,id")
    lines = answer.body.split(b"\r\n")[1:-1]
    cells = [line.partition(b",")[0] for line in lines]
    assert cells == [b"1.5", b"-0.1", b"1e+22", b"", b"0.0", b"1e-07", b"3.0", b"100.0", b"2.25"]


@check("csv-nonfinite", reference="CONTRACT Values: a float is Python's shortest form")
def test_csv_nonfinite(subject: Subject) -> None:
    answer = subject.client.get("/csv/nonfinite")
    assert answer.body == b"id,value\r\n1,1.5\r\n2,inf\r\n3,-inf\r\n4,\r\n"


@check("csv-integers", reference="CONTRACT Tables, Values")
def test_csv_integers(subject: Subject) -> None:
    add_tables(subject)
    answer = subject.client.get("/csv/integers")
    assert answer.body == b"value\r\n9223372036854775807\r\n-9223372036854775808\r\n"


@check("csv-unicode", reference="CONTRACT Content-Type: charset=utf-8")
def test_csv_unicode(subject: Subject) -> None:
    answer = subject.client.get("/csv/people_names?limit=3")
    assert answer.body.endswith(b"\r\n3,Zo\xc3\xab \xe9\x9b\xaa\r\n")


@check("csv-no-rows", reference="CONTRACT GET /csv/{table}: a header row")
def test_csv_no_rows(subject: Subject) -> None:
    for target, header in (("empty", b"id,name\r\n"), ("numbers?rows=0", b"id,name,value\r\n")):
        answer = subject.client.get(f"/csv/{target}")
        assert (answer.status, answer.ending) == (200, Ending.CLEAN), target
        assert answer.body == header, target


@check("csv-bom", reference="CONTRACT GET /csv/{table}, bom")
def test_csv_bom(subject: Subject) -> None:
    answer = subject.client.get("/csv/numbers?rows=1&bom=1")
    assert answer.body == _MARK + b"id,name,value\r\n0,item_0,0.0\r\n"


@check("csv-bom-once", reference="CONTRACT GET /csv/{table}, bom")
def test_csv_bom_once(subject: Subject) -> None:
    answer = subject.client.get("/csv/numbers?rows=20000&bom=1")
    assert answer.body == _MARK + write_numbers_csv(20_000), "the mark is not there just once"


@check("csv-bom-no-rows", reference="CONTRACT GET /csv/{table}, bom")
def test_csv_bom_no_rows(subject: Subject) -> None:
    assert subject.client.get("/csv/empty?bom=1").body == _MARK + b"id,name\r\n"


@check("csv-bom-off", reference="CONTRACT GET /csv/{table}, bom")
def test_csv_bom_off(subject: Subject) -> None:
    assert subject.client.get("/csv/numbers?rows=0&bom=0").body == b"id,name,value\r\n"


@check("csv-switches", reference="CONTRACT Rules: a switch is 0 or 1")
def test_csv_switches(subject: Subject) -> None:
    for query in ("bom=2", "bom=true", "bom=", "bom=01", "guard=yes", "guard=", "guard=-1"):
        target = f"/csv/numbers?rows=1&{query}"
        expect_problem(subject.client.get(target), 422, target)


@check("csv-method-unknown", rule="problem", reference="RFC 9110 §15.5.6")
def test_csv_method_unknown(subject: Subject) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = subject.client.request(method, "/csv/numbers", body=b"")
        expect_problem(answer, 405, method)
        allowed = {name.strip() for name in (answer.header("allow") or "").split(",")}
        assert allowed == {"GET", "HEAD"}, f"{method}: Allow is {answer.header('allow')}"


@check("csv-unknown-table", rule="problem", reference="RFC 9110 §15.5.5")
def test_csv_unknown_table(subject: Subject) -> None:
    text = expect_problem(subject.client.get("/csv/nothing-of-that-name"), 404)
    assert str(subject.settings.database) not in text, "the problem tells the server's path"
