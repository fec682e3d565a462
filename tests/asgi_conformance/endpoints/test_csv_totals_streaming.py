"""CSV: running totals while the upload still runs (CONTRACT.md, POST /csv/totals)."""

from __future__ import annotations

from asgi_conformance.checks import check
from asgi_conformance.exchange import Ending, Exchange
from asgi_conformance.hosting import Subject

_MEBIBYTE = 1024 * 1024
_BROKEN = (Ending.TRUNCATED, Ending.RESET)
_TARGET = "/csv/totals?column=n"
_CSV = ("Content-Type", "text/csv")
_CHUNKED = ("Transfer-Encoding", "chunked")
_IDENTITY = ("Accept-Encoding", "identity")


def _open(subject: Subject, *headers: tuple[str, str], buffer: int | None = None) -> Exchange:
    """A request whose chunked body is still to be sent."""
    return subject.client.request(
        "POST", _TARGET, headers=[_CSV, _CHUNKED, *headers], receive_buffer=buffer
    )


def _expect_broken(subject: Subject, rows: bytes, bad: bytes) -> None:
    """Assert that rows are answered, and that a bad one after them breaks the stream.

    `rows` has the header row `x,n` and one row, `a,1`.
    """
    answer = subject.client.request("POST", _TARGET, headers=[_CSV], body=rows + bad)
    assert answer.status == 200, bad
    assert answer.body == b"x,n,running_total\r\na,1,1\r\n", f"{bad!r} is after that row"
    assert answer.ending in _BROKEN, bad


@check("csv-totals-header-at-once", rule="first-item", reference="CONTRACT POST /csv/totals")
def test_csv_totals_header_at_once(subject: Subject) -> None:
    answer = _open(subject)
    answer.connection.send_chunk(b"x,n\r\n")
    assert answer.status == 200
    assert answer.read_until(b"\r\n") == b"x,n,running_total\r\n"


@check("csv-totals-while-upload-runs", reference="CONTRACT POST /csv/totals")
def test_csv_totals_while_upload_runs(subject: Subject) -> None:
    answer = _open(subject)
    answer.connection.send_chunk(b"x,n\r\na,1\r\n")
    answer.read_until(b"a,1,1\r\n")
    answer.connection.send_chunk(b"b,2\r\n")
    answer.read_until(b"b,2,3\r\n")
    answer.connection.send_last_chunk()
    assert answer.body == b"x,n,running_total\r\na,1,1\r\nb,2,3\r\n"
    assert answer.ending is Ending.CLEAN


@check("csv-totals-while-length-runs", reference="CONTRACT POST /csv/totals")
def test_csv_totals_while_length_runs(subject: Subject) -> None:
    headers = [_CSV, ("Content-Length", "15")]
    answer = subject.client.request("POST", _TARGET, headers=headers)
    answer.connection.send(b"x,n\r\na,1\r\n")
    answer.read_until(b"a,1,1\r\n")
    answer.connection.send(b"b,2\r\n")
    assert answer.body == b"x,n,running_total\r\na,1,1\r\nb,2,3\r\n"
    assert answer.ending is Ending.CLEAN


@check("csv-totals-cut-anywhere", reference="CONTRACT POST /csv/totals: the same rows")
def test_csv_totals_cut_anywhere(subject: Subject) -> None:
    body = '\ufeffx,n\r\n"Zoë\r\n""雪""",1.5\r\nb,2\r\n'.encode()
    answer = _open(subject)
    for byte in body:
        answer.connection.send_chunk(bytes([byte]))
    answer.connection.send_last_chunk()
    expected = 'x,n,running_total\r\n"Zoë\r\n""雪""",1.5,1.5\r\nb,2,3.5\r\n'
    assert answer.body.decode() == expected


@check("csv-totals-nothing-eaten", rule="cancel", reference="CONTRACT cancel: eats no body")
def test_csv_totals_nothing_eaten(subject: Subject) -> None:
    answer = _open(subject, _IDENTITY)
    answer.connection.send_chunk(b"n\r\n")
    for number in range(1, 101):
        answer.connection.send_chunk(b"1\r\n")
        answer.read_until(b"1,%d\r\n" % number)
    answer.connection.send_last_chunk()
    assert answer.ending is Ending.CLEAN
    assert answer.body.count(b"\r\n") == 101


@check("csv-totals-cell-count", rule="no-clean-end", reference="CONTRACT: too few or too many")
def test_csv_totals_cell_count(subject: Subject) -> None:
    for bad in (b"2\r\n", b"b,2,3\r\n", b"b,2,\r\n"):
        _expect_broken(subject, b"x,n\r\na,1\r\n", bad + b"c,3\r\n")


@check("csv-totals-no-decimal", rule="no-clean-end", reference="CONTRACT: not a plain decimal")
def test_csv_totals_no_decimal(subject: Subject) -> None:
    words = ("", "x", "1_0", "0x1", "nan", "inf", "1,5", "1 2", "--1", "1e", ".", "1.5.1", "٣")
    for word in words:
        _expect_broken(subject, b"x,n\r\na,1\r\n", f'b,"{word}"\r\nc,3\r\n'.encode())


@check("csv-totals-no-spaces", rule="no-clean-end", reference="RFC 4180 §2.4")
def test_csv_totals_no_spaces(subject: Subject) -> None:
    for word in (b" 2", b"2 "):
        _expect_broken(subject, b"x,n\r\na,1\r\n", b"b," + word + b"\r\nc,3\r\n")


@check("csv-totals-not-utf8", rule="no-clean-end", reference="CONTRACT: text that is not UTF-8")
def test_csv_totals_not_utf8(subject: Subject) -> None:
    for bad in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"):
        _expect_broken(subject, b"x,n\r\na,1\r\n", bad + b",2\r\nc,3\r\n")


@check("csv-totals-row-too-long", rule="no-clean-end", reference="CONTRACT: more than 1 MiB")
def test_csv_totals_row_too_long(subject: Subject) -> None:
    answer = _open(subject)
    answer.connection.send_chunk(b"x,n\r\na,1\r\n")
    answer.read_until(b"a,1,1\r\n")
    answer.connection.send_chunk(b"x" * (_MEBIBYTE + 65536))
    assert answer.ending in _BROKEN, "it waits for the end of a row that is too long"
    assert answer.body == b"x,n,running_total\r\na,1,1\r\n"


@check("csv-totals-row-long", reference="CONTRACT: a row of no more than 1 MiB")
def test_csv_totals_row_long(subject: Subject) -> None:
    cells = (b"x" * 125_000 + b",") * 8
    body = b"a,b,c,d,e,f,g,h,n\r\n" + cells + b"1\r\n"
    answer = subject.client.request("POST", _TARGET, headers=[_CSV], body=body)
    assert answer.body == b"a,b,c,d,e,f,g,h,n,running_total\r\n" + cells + b"1,1\r\n"


@check("csv-totals-cell-long", reference="CONTRACT: a cell of no more than 131072 characters")
def test_csv_totals_cell_long(subject: Subject) -> None:
    cell = ("ü" * 131_072).encode()
    answer = subject.client.request(
        "POST", _TARGET, headers=[_CSV], body=b"x,n\r\n" + cell + b",1\r\n"
    )
    assert answer.body == b"x,n,running_total\r\n" + cell + b",1,1\r\n"


@check("csv-totals-cell-too-long", rule="no-clean-end", reference="CONTRACT: 131072 characters")
def test_csv_totals_cell_too_long(subject: Subject) -> None:
    _expect_broken(subject, b"x,n\r\na,1\r\n", b"x" * 131_073 + b",2\r\nc,3\r\n")


@check("csv-totals-digits", reference="CONTRACT: a total of no more than 100 digits")
def test_csv_totals_digits(subject: Subject) -> None:
    number = b"9" * 99
    answer = subject.client.request(
        "POST", _TARGET, headers=[_CSV], body=b"n\r\n" + number + b"\r\n1\r\n"
    )
    total = b"1" + b"0" * 99
    rows = number + b"," + number + b"\r\n1," + total + b"\r\n"
    assert answer.body == b"n,running_total\r\n" + rows


@check("csv-totals-too-many-digits", rule="no-clean-end", reference="CONTRACT: 100 digits")
def test_csv_totals_too_many_digits(subject: Subject) -> None:
    for number in (b"9" * 101, b"1." + b"1" * 100, b"1e101", b"1e999999999", b"1e-999999999"):
        _expect_broken(subject, b"x,n\r\na,1\r\n", b"b," + number + b"\r\nc,3\r\n")


@check("csv-totals-few-messages", rule="coalesce", reference="CONTRACT coalesce")
def test_csv_totals_few_messages(subject: Subject) -> None:
    body = b"n\r\n" + b"1\r\n" * 50_000
    answer = subject.client.request("POST", _TARGET, headers=[_CSV], body=body)
    assert answer.ending is Ending.CLEAN
    record = subject.record(answer)
    record.wait_for_end()
    messages = len(record.select("send-begin", "http.response.body"))
    assert messages <= 1000, f"50000 rows leave in {messages} messages"


@check("csv-totals-slow-reader", rule="flow", reference="CONTRACT flow", slow=True)
def test_csv_totals_slow_reader(subject: Subject) -> None:
    answer = _open(subject, _IDENTITY, buffer=4096)
    row = b"1," + b"x" * 1000 + b"\r\n"
    answer.connection.send_chunk(b"n,x\r\n")
    # One chunk of 64 MiB, of which the server takes what it has room for.
    body = b"4000000\r\n" + row * (64 * _MEBIBYTE // len(row))
    taken = answer.connection.send_until_full(body)
    record = subject.record(answer)
    record.wait_for_quiet()
    assert taken < 32 * _MEBIBYTE, "an answer that is not read does not slow its upload"
    assert record.body_bytes_received < 16 * _MEBIBYTE
    offered = record.body_bytes_offered
    read = 0
    while read <= offered:
        piece = answer.read_chunk()
        assert piece, "the answer ended"
        read += len(piece)
    assert record.body_bytes_offered > offered, "it does not go on where it is read again"


@check("csv-totals-client-resets", rule="cancel", reference="CONTRACT cancel")
def test_csv_totals_client_resets(subject: Subject) -> None:
    answer = _open(subject)
    answer.connection.send_chunk(b"x,n\r\na,1\r\n")
    answer.read_until(b"a,1,1\r\n")
    answer.connection.reset()
    subject.record(answer).wait_for_end()


@check("csv-totals-client-leaves-early", rule="cancel", reference="CONTRACT cancel")
def test_csv_totals_client_leaves_early(subject: Subject) -> None:
    answer = _open(subject)
    subject.record(answer).wait_for("receive-begin")
    answer.connection.close()
    subject.record(answer).wait_for_end()


@check("csv-totals-client-leaves-blocked", rule="cancel", reference="CONTRACT cancel", slow=True)
def test_csv_totals_client_leaves_blocked(subject: Subject) -> None:
    answer = _open(subject, _IDENTITY, buffer=4096)
    row = b"1," + b"x" * 1000 + b"\r\n"
    answer.connection.send_chunk(b"n,x\r\n")
    answer.connection.send_until_full(b"4000000\r\n" + row * (64 * _MEBIBYTE // len(row)))
    record = subject.record(answer)
    record.wait_for_quiet()
    answer.connection.reset()
    record.wait_for_end(timeout=2)


@check("csv-totals-upload-breaks-off", rule="no-clean-end", reference="RFC 9112 §8")
def test_csv_totals_upload_breaks_off(subject: Subject) -> None:
    answer = _open(subject)
    answer.connection.send_chunk(b"x,n\r\na,1\r\n")
    answer.read_until(b"a,1,1\r\n")
    answer.connection.half_close()
    record = subject.record(answer)
    record.wait_for_end()
    # The server may close the connection first; the client then sees nothing of how it would end.
    bodies = record.select("send-begin", "http.response.body")
    assert all(body.more_body for body in bodies), "half an upload is totalled as if it were whole"
    assert answer.ending is not Ending.CLEAN, "half an upload is answered as if it were whole"


@check("csv-totals-leaving-is-no-error", rule="cancel", reference="CONTRACT cancel")
def test_csv_totals_leaving_is_no_error(subject: Subject) -> None:
    answer = _open(subject)
    answer.connection.send_chunk(b"x,n\r\na,1\r\n")
    answer.read_until(b"a,1,1\r\n")
    answer.connection.reset()
    outcome = subject.record(answer).wait_for_end()
    assert outcome.how != "raised", f"the application raised {outcome.error}"
    assert "Traceback" not in subject.output()
