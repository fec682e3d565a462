"""CSV: cells that a spreadsheet would run (CONTRACT.md, GET /csv/{table}, guard)."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.hosting import Subject
from asgi_conformance.tables import add_tables


def _get_cells(subject: Subject, column: str, *, switch: str = "&guard=1") -> list[str]:
    """The cells of one column of the table `formulas`, the header's first, as they are written.

    Each is followed by the cell of `id`, so that an empty one is not quoted.
    """
    add_tables(subject)
    answer = subject.client.get(f"/csv/formulas?columns={column},id{switch}")
    rows = answer.body.decode().split("\r\n")[:-1]
    return [row.rpartition(",")[0] for row in rows]


@check("csv-guard-signs", reference="CONTRACT GET /csv/{table}, guard")
def test_csv_guard_signs(subject: Subject) -> None:
    cells = _get_cells(subject, "%3Dtext")
    assert cells[1:4] == ["'=1+1", "'+cmd", "'-cmd"]
    assert _get_cells(subject, "-5")[2] == "'@SUM(A1)"


@check("csv-guard-tab-and-cr", reference="CONTRACT GET /csv/{table}, guard")
def test_csv_guard_tab_and_cr(subject: Subject) -> None:
    assert _get_cells(subject, "%3Dtext")[4] == '"\'\rx"'
    assert _get_cells(subject, "-5")[3] == "'\tx"


@check("csv-guard-quoted-cell", reference="CONTRACT GET /csv/{table}, guard")
def test_csv_guard_quoted_cell(subject: Subject) -> None:
    assert _get_cells(subject, "-5")[4] == '"\'=1,2"'


@check("csv-guard-blob", reference="CONTRACT GET /csv/{table}, guard")
def test_csv_guard_blob(subject: Subject) -> None:
    assert _get_cells(subject, "%3Dtext")[5] == "'++8="


@check("csv-guard-no-number", reference="CONTRACT GET /csv/{table}, guard")
def test_csv_guard_no_number(subject: Subject) -> None:
    assert _get_cells(subject, "-5")[5] == "'-1_0"


@check("csv-guard-numbers", reference="CONTRACT GET /csv/{table}, guard")
def test_csv_guard_numbers(subject: Subject) -> None:
    assert _get_cells(subject, "%3Dtext")[6:8] == ["-5", "-1.5"]
    cells = _get_cells(subject, "-5")
    assert (cells[6], cells[7], cells[9]) == ("+5", "-0.25", "-7")


@check("csv-guard-other-cells", reference="CONTRACT GET /csv/{table}, guard")
def test_csv_guard_other_cells(subject: Subject) -> None:
    assert _get_cells(subject, "%3Dtext")[8:11] == ["a=b", "'kept", ""]
    assert _get_cells(subject, "-5")[8] == " =1"


@check("csv-guard-header", reference="CONTRACT GET /csv/{table}, guard: the header row likewise")
def test_csv_guard_header(subject: Subject) -> None:
    add_tables(subject)
    answer = subject.client.get("/csv/formulas?guard=1&limit=0")
    assert answer.body == b"id,'=text,-5\r\n"


@check("csv-guard-off", reference="CONTRACT GET /csv/{table}, guard")
def test_csv_guard_off(subject: Subject) -> None:
    for switch in ("", "&guard=0"):
        cells = _get_cells(subject, "%3Dtext", switch=switch)
        assert cells[:4] == ["=text", "=1+1", "+cmd", "-cmd"], switch or "no switch"


@check("csv-guard-with-bom", reference="CONTRACT GET /csv/{table}, guard and bom")
def test_csv_guard_with_bom(subject: Subject) -> None:
    add_tables(subject)
    answer = subject.client.get("/csv/formulas?guard=1&bom=1&columns=id,%3Dtext&limit=1")
    assert answer.body == b"\xef\xbb\xbfid,'=text\r\n1,'=1+1\r\n"
