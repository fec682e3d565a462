"""CSV: running totals, and what is refused (CONTRACT.md, POST /csv/totals)."""

from __future__ import annotations

import csv
import io

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending, Exchange
from asgi_conformance.hosting import Subject
from asgi_conformance.problems import expect_problem

_CSV = ("Content-Type", "text/csv")


def _total(subject: Subject, body: bytes, *, column: str = "n") -> Exchange:
    target = f"/csv/totals?column={column}"
    return subject.client.request("POST", target, headers=[_CSV], body=body)


def _read_rows(answer: Exchange) -> list[list[str]]:
    """The rows, whatever is quoted of them."""
    assert answer.status == 200
    assert answer.ending is Ending.CLEAN
    return list(csv.reader(io.StringIO(answer.body.decode(), newline=""), strict=True))


def _total_cells(subject: Subject, *cells: str) -> list[str]:
    """The running totals of a column with these cells."""
    body = "\r\n".join(["n", *cells, ""]).encode()
    return [row[-1] for row in _read_rows(_total(subject, body))[1:]]


@check("csv-totals", reference="CONTRACT POST /csv/totals")
def test_csv_totals(subject: Subject) -> None:
    answer = _total(subject, b"name,n\r\na,1\r\nb,2.5\r\nc,-4\r\n")
    assert (answer.status, answer.ending) == (200, Ending.CLEAN)
    assert answer.body == b"name,n,running_total\r\na,1,1\r\nb,2.5,3.5\r\nc,-4,-0.5\r\n"


@check("csv-totals-content-type", reference="CONTRACT POST /csv/totals, Answer")
def test_csv_totals_content_type(subject: Subject) -> None:
    answer = _total(subject, b"n\r\n1\r\n")
    assert answer.header("content-type") == "text/csv; charset=utf-8; header=present"


@check("csv-totals-column", reference="CONTRACT POST /csv/totals, column")
def test_csv_totals_column(subject: Subject) -> None:
    answer = _total(subject, "é,n\r\n1,10\r\n2,20\r\n".encode(), column="%C3%A9")
    assert answer.body.decode() == "é,n,running_total\r\n1,10,1\r\n2,20,3\r\n"


@check("csv-totals-header-only", reference="CONTRACT POST /csv/totals")
def test_csv_totals_header_only(subject: Subject) -> None:
    for body in (b"name,n\r\n", b"name,n"):
        answer = _total(subject, body)
        assert answer.body == b"name,n,running_total\r\n", body
        assert answer.ending is Ending.CLEAN, body


@check("csv-totals-last-line-end", reference="RFC 4180 §2.2: it may be missing")
def test_csv_totals_last_line_end(subject: Subject) -> None:
    rows = _read_rows(_total(subject, b"n\r\n1\r\n2"))
    assert rows == [["n", "running_total"], ["1", "1"], ["2", "3"]]


@check("csv-totals-line-feeds", severity="should", reference="RFC 4180 §2.1 asks for CRLF")
def test_csv_totals_line_feeds(subject: Subject) -> None:
    rows = _read_rows(_total(subject, b"n,x\n1,a\n2,b\n"))
    assert rows == [["n", "x", "running_total"], ["1", "a", "1"], ["2", "b", "3"]]


@check("csv-totals-same-cells", reference="RFC 4180 §2: the same rows")
def test_csv_totals_same_cells(subject: Subject) -> None:
    body = 'text,n\r\n"a,b",1\r\n"say ""hi""",2\r\n"two\r\nlines",3\r\n  Zoë 雪 ,4\r\n,5\r\n'
    rows = _read_rows(_total(subject, body.encode()))
    assert rows[1:] == [
        ["a,b", "1", "1"],
        ['say "hi"', "2", "3"],
        ["two\r\nlines", "3", "6"],
        ["  Zoë 雪 ", "4", "10"],
        ["", "5", "15"],
    ]


@check("csv-totals-quoted", reference="RFC 4180 §2.5")
def test_csv_totals_quoted(subject: Subject) -> None:
    rows = _read_rows(_total(subject, b'"x","n"\r\n"a","1.5"\r\n"b","2"\r\n'))
    assert [row[-1] for row in rows] == ["running_total", "1.5", "3.5"]


@check("csv-totals-cells-unchanged", reference="CONTRACT POST /csv/totals: the same rows")
def test_csv_totals_cells_unchanged(subject: Subject) -> None:
    rows = _read_rows(_total(subject, b"n\r\n+1.50\r\n2e0\r\n"))
    assert rows == [["n", "running_total"], ["+1.50", "1.5"], ["2e0", "3.5"]]


@check("csv-totals-byte-order-mark", reference="CONTRACT POST /csv/totals: the mark is dropped")
def test_csv_totals_byte_order_mark(subject: Subject) -> None:
    answer = _total(subject, b"\xef\xbb\xbfn,x\r\n1,a\r\n")
    assert answer.body == b"n,x,running_total\r\n1,a,1\r\n"


@check("csv-totals-exact", reference="CONTRACT POST /csv/totals: exact decimals")
def test_csv_totals_exact(subject: Subject) -> None:
    assert _total_cells(subject, "0.1", "0.2", "0.7") == ["0.1", "0.3", "1"]
    exact = _total_cells(subject, "12345678901234567890.123456789", "0.000000001")
    assert exact == ["12345678901234567890.123456789", "12345678901234567890.12345679"]
    assert _total_cells(subject, "9007199254740993", "1e-20") == [
        "9007199254740993",
        "9007199254740993.00000000000000000001",
    ]


@check("csv-totals-shortest", reference="CONTRACT POST /csv/totals: the shortest form")
def test_csv_totals_shortest(subject: Subject) -> None:
    assert _total_cells(subject, "0.30", "1.70", "98") == ["0.3", "2", "100"]


@check("csv-totals-no-exponent", reference="CONTRACT POST /csv/totals: without an exponent")
def test_csv_totals_no_exponent(subject: Subject) -> None:
    cells = _total_cells(subject, "1e3", "2E+2", "-1.2e3", "1e-7", "-1E-7", "1e20")
    assert cells == ["1000", "1200", "0", "0.0000001", "0", "100000000000000000000"]


@check("csv-totals-zero", reference="CONTRACT POST /csv/totals: the shortest form")
def test_csv_totals_zero(subject: Subject) -> None:
    assert _total_cells(subject, "0.00", "1.5", "-1.5") == ["0", "1.5", "0"]


@check("csv-totals-large", reference="CONTRACT POST /csv/totals")
def test_csv_totals_large(subject: Subject) -> None:
    body = "n\r\n" + "".join(f"{number}\r\n" for number in range(20_000))
    sums = (f"{number},{number * (number + 1) // 2}\r\n" for number in range(20_000))
    answer = _total(subject, body.encode())
    assert answer.body.decode() == "n,running_total\r\n" + "".join(sums)


@check("csv-totals-column-missing", rule="problem", reference="CONTRACT POST /csv/totals, column")
def test_csv_totals_column_missing(subject: Subject) -> None:
    answer = subject.client.request("POST", "/csv/totals", headers=[_CSV], body=b"n\r\n1\r\n")
    expect_problem(answer, 422)


@check("csv-totals-column-unknown", rule="problem", reference="CONTRACT POST /csv/totals, column")
def test_csv_totals_column_unknown(subject: Subject) -> None:
    for column in ("x", "N", "n%20", "n,m"):
        answer = _total(subject, b"n,m\r\n1,2\r\n", column=column)
        expect_problem(answer, 422, f"column={column}")


@check("csv-totals-no-header", rule="first-item", reference="CONTRACT: a body without a header")
def test_csv_totals_no_header(subject: Subject) -> None:
    for body in (b"", b"\xef\xbb\xbf"):
        expect_problem(_total(subject, body), 422, repr(body))
    chunked = subject.client.request("POST", "/csv/totals?column=n", headers=[_CSV], body=iter(()))
    expect_problem(chunked, 422, "a chunked body without chunks")


@check("csv-totals-header-not-utf8", rule="first-item", reference="CONTRACT: in the header row")
def test_csv_totals_header_not_utf8(subject: Subject) -> None:
    expect_problem(_total(subject, b"\xff,n\r\n1,2\r\n"), 422)


@check("csv-totals-header-too-long", rule="first-item", reference="CONTRACT: in the header row")
def test_csv_totals_header_too_long(subject: Subject) -> None:
    expect_problem(_total(subject, b"n," + b"x" * 1_500_000), 422)


@check("csv-totals-header-cell-too-long", rule="first-item", reference="CONTRACT: in the header")
def test_csv_totals_header_cell_too_long(subject: Subject) -> None:
    expect_problem(_total(subject, b"n," + b"x" * 131_073 + b"\r\n1,2\r\n"), 422)


@check("csv-totals-media-type", rule="problem", reference="RFC 9110 §15.5.16")
def test_csv_totals_media_type(subject: Subject) -> None:
    target = "/csv/totals?column=n"
    for media_type in ("application/json", "text/plain", "text/csvs", "multipart/form-data", "csv"):
        headers = [("Content-Type", media_type)]
        answer = subject.client.request("POST", target, headers=headers, body=b"n\r\n1\r\n")
        expect_problem(answer, 415, media_type)


@check("csv-totals-media-type-missing", rule="problem", reference="CONTRACT: missing is 415")
def test_csv_totals_media_type_missing(subject: Subject) -> None:
    answer = subject.client.request("POST", "/csv/totals?column=n", body=b"n\r\n1\r\n")
    expect_problem(answer, 415)


@check("csv-totals-media-type-parameters", reference="CONTRACT: with any parameters")
def test_csv_totals_media_type_parameters(subject: Subject) -> None:
    for media_type in ("text/csv; charset=utf-8", "TEXT/CSV;header=present", 'text/csv;x="a;b"'):
        answer = subject.client.request(
            *("POST", "/csv/totals?column=n"),
            headers=[("Content-Type", media_type)],
            body=b"n\r\n1\r\n",
        )
        assert answer.status == 200, media_type
        assert answer.body == b"n,running_total\r\n1,1\r\n", media_type


@check("csv-totals-method-unknown", rule="problem", reference="RFC 9110 §15.5.6")
def test_csv_totals_method_unknown(subject: Subject) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = subject.client.request(method, "/csv/totals?column=n", body=b"")
        expect_problem(answer, 405, method)
        assert answer.header("allow") == "POST", f"{method}: Allow is {answer.header('allow')}"
    assert subject.client.head("/csv/totals?column=n").status == 405, "HEAD"
