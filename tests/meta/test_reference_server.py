"""The reference server over HTTP/1.1: what it answers, byte by byte."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asgi_conformance.connection import Reset
from reference.running import Running, run

_HEAD = b"HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\nserver: x\r\n"
_DONE = _HEAD + b"transfer-encoding: chunked\r\n\r\n4\r\ndone\r\n0\r\n\r\n"
_LAST = b"GET /done HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
_LAST_DONE = (
    _HEAD + b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n4\r\ndone\r\n0\r\n\r\n"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    files = tmp_path_factory.mktemp("files")
    (files / "content").write_bytes(b"a file!\n")
    with run(
        tmp_path_factory.mktemp("server"), environment={"REFERENCE_FILES": str(files)}
    ) as running:
        yield running


def get(path: str, *fields: bytes, version: bytes = b"1.1", method: bytes = b"GET") -> bytes:
    lines = [b"%b %b HTTP/%b" % (method, path.encode(), version), b"Host: x", *fields]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def test_pieces_are_chunks_and_an_empty_piece_is_none(server: Running) -> None:
    connection = server.connect(get("/pieces") + _LAST)
    assert connection.receive_until_closed() == (
        _HEAD + b"transfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n" + _LAST_DONE
    )


def test_pipelined_requests_are_answered_in_their_order(server: Running) -> None:
    sent = get("/echoes", b"Content-Length: 3", method=b"POST") + b"abc" + get("/done") + _LAST
    echoed = _HEAD + b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    assert server.ask(sent) == echoed + _DONE + _LAST_DONE


def test_head_and_204_have_no_content(server: Running) -> None:
    sent = get("/pieces", method=b"HEAD") + get("/no-content") + _LAST
    no_content = _HEAD.replace(b"200 OK", b"204 No Content") + b"\r\n"
    assert server.ask(sent) == _HEAD + b"\r\n" + no_content + _LAST_DONE


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        pytest.param("/fails", b"transfer-encoding: chunked\r\n\r\n4\r\npart\r\n", id="fails"),
        pytest.param("/leaves", b"content-length: 8\r\n\r\npart", id="leaves"),
        pytest.param("/says-too-little", b"content-length: 8\r\n\r\npart", id="too-little"),
        pytest.param("/says-too-much", b"content-length: 4\r\n\r\npart", id="too-much"),
    ],
)
def test_a_response_that_goes_wrong_ends_with_the_connection(
    server: Running, path: str, answer: bytes
) -> None:
    assert server.ask(get(path)) == _HEAD + answer


def test_a_failure_before_content_is_a_500(server: Running) -> None:
    answer = server.ask(get("/fails-first", b"Connection: close"))
    assert answer.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert answer.endswith(b"\r\n\r\n500 Internal Server Error\n")


def test_http_1_0_gets_content_to_the_end_of_the_connection(server: Running) -> None:
    assert server.ask(get("/pieces", version=b"1.0")) == (
        _HEAD + b"connection: close\r\n\r\nonetwo"
    )


def test_a_failure_is_a_reset_where_the_end_of_the_connection_ends_the_content(
    server: Running,
) -> None:
    connection = server.connect(get("/fails", version=b"1.0"))
    with pytest.raises(Reset):
        connection.receive_until_closed()


_MALFORMED = {
    "no-host": (400, b"GET /done HTTP/1.1\r\n\r\n"),
    "two-hosts": (400, b"GET /done HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
    "bad-host": (400, b"GET /done HTTP/1.1\r\nHost: x y\r\n\r\n"),
    "bare-lf": (400, b"GET /done HTTP/1.1\nHost: x\n\n"),
    "bare-cr": (400, get("/done", b"A: b\rc")),
    "nul": (400, get("/done", b"A: \0")),
    "space-before-colon": (400, get("/done", b"A : b")),
    "folded": (400, get("/done", b" b: c")),
    "space-first": (400, b"GET /done HTTP/1.1\r\n Host: x\r\n\r\n"),
    "two-spaces": (400, b"GET  /done HTTP/1.1\r\nHost: x\r\n\r\n"),
    "no-slash": (400, get("done")),
    "fragment": (400, get("/done#a")),
    "http-0.9": (400, b"GET /done\r\nHost: x\r\n\r\n"),
    "bad-version": (400, get("/done", version=b"1.10")),
    "http-2.0": (505, get("/done", version=b"2.0")),
    "connect": (501, get("x:1", method=b"CONNECT")),
    "two-lengths": (400, get("/done", b"Content-Length: 0", b"Content-Length: 0")),
    "length-plus": (400, get("/done", b"Content-Length: +0")),
    "length-list": (400, get("/done", b"Content-Length: 0, 0")),
    "length-empty": (400, get("/done", b"Content-Length: ")),
    "both": (400, get("/done", b"Content-Length: 0", b"Transfer-Encoding: chunked")),
    "coding-not-chunked": (400, get("/done", b"Transfer-Encoding: gzip")),
    "coding-unknown": (501, get("/done", b"Transfer-Encoding: gzip, chunked")),
    "coding-in-1.0": (400, get("/done", b"Transfer-Encoding: chunked", version=b"1.0")),
    "chunk-size": (400, get("/done", b"Transfer-Encoding: chunked") + b"x\r\n"),
    "chunk-0x": (400, get("/done", b"Transfer-Encoding: chunked") + b"0x1\r\na\r\n"),
    "chunk-lf": (400, get("/done", b"Transfer-Encoding: chunked") + b"1\na\r\n"),
    "chunk-long": (400, get("/done", b"Transfer-Encoding: chunked") + b"1\r\nab\r\n"),
    "head-too-large": (431, get("/done", b"A: " + b"a" * 70000)),
}


@pytest.mark.parametrize(("status", "sent"), _MALFORMED.values(), ids=_MALFORMED.keys())
def test_a_malformed_request_is_refused(server: Running, status: int, sent: bytes) -> None:
    answer = server.ask(sent)
    assert answer.startswith(b"HTTP/1.1 %d " % status), f"answered {answer[:60]!r}"
    assert b"connection: close\r\n" in answer, "that the connection ends is not announced"


def test_a_body_that_turns_out_malformed_is_refused_and_told_as_a_disconnect(
    server: Running,
) -> None:
    fields = (b"Expect: 100-continue", b"Transfer-Encoding: chunked")
    connection = server.connect(get("/takes?broken", *fields, method=b"PUT"))
    assert connection.receive() == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.send(b"zz\r\n")
    assert connection.receive_until_closed().startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert server.told("broken") == "['http.disconnect', 0]"


@pytest.mark.parametrize(
    ("framed", "sent"),
    [(b"Content-Length: 4", b"abc"), (b"Transfer-Encoding: chunked", b"3\r\nabc\r\n")],
    ids=["length", "chunked"],
)
def test_a_body_that_breaks_off_is_never_complete(
    server: Running, framed: bytes, sent: bytes
) -> None:
    key = framed[:1].decode()
    server.connect(get(f"/takes?{key}", framed, method=b"PUT") + sent).half_close()
    assert server.told(key) == "['http.disconnect', 3]"


def test_100_is_sent_when_the_application_asks_for_the_body(server: Running) -> None:
    fields = (b"Expect: 100-continue", b"Content-Length: 3", b"Connection: close")
    connection = server.connect(get("/takes?asked", *fields, method=b"PUT"))
    assert connection.receive() == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.send(b"abc")
    assert connection.receive_until_closed() == _LAST_DONE


def test_100_is_not_sent_when_the_application_does_not_ask(server: Running) -> None:
    fields = (b"Expect: 100-continue", b"Content-Length: 3")
    assert server.ask(get("/done", *fields, method=b"PUT")) == _LAST_DONE


def test_an_early_answer_can_be_read_while_the_body_is_sent(server: Running) -> None:
    connection = server.connect(get("/done", b"Content-Length: 8388608", method=b"PUT"))
    connection.send(bytes(8388608))
    assert not connection.cut, "the server does not take the rest"
    assert connection.receive_until_closed() == _LAST_DONE


def test_a_client_that_sends_no_more_is_answered(server: Running) -> None:
    connection = server.connect(get("/pieces"))
    connection.half_close()
    assert connection.receive_until_closed().endswith(b"3\r\ntwo\r\n0\r\n\r\n")


def test_hints_and_trailers(server: Running) -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n"
    head = _HEAD + b"transfer-encoding: chunked\r\n"
    sent = get("/trails", b"TE: trailers") + get("/trails", b"Connection: close")
    assert server.ask(sent) == (
        hint + head + b"\r\n4\r\npart\r\n0\r\nx-sum: 1\r\n\r\n"
        + hint + head + b"connection: close\r\n\r\n4\r\npart\r\n0\r\n\r\n"
    )  # fmt: skip


def test_files(server: Running) -> None:
    assert server.ask(get("/path") + get("/file") + _LAST) == (
        _HEAD + b"content-length: 8\r\n\r\na file!\n"
        + _HEAD + b"content-length: 4\r\n\r\nfile" + _LAST_DONE
    )  # fmt: skip


def test_state_is_copied_for_each_request(server: Running) -> None:
    head = _HEAD + b"transfer-encoding: chunked\r\n"
    assert server.ask(get("/counts") + get("/counts", b"Connection: close")) == (
        head + b"\r\n1\r\n1\r\n0\r\n\r\n"
        + head + b"connection: close\r\n\r\n1\r\n1\r\n0\r\n\r\n"
    )  # fmt: skip


def test_a_failure_is_logged(server: Running) -> None:
    server.ask(get("/fails-first", b"Connection: close"))
    assert "GET /fails-first: the application raised" in server.output()
