"""The suite's client of HTTP/2, over a peer that speaks literal frames and over real servers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from asgi_conformance.client import eventually
from asgi_conformance.connection import Hung
from asgi_conformance.exchange import Ending
from asgi_conformance.server.http2 import Http2Connection, Http2Exchange
from peer import Peer

Connect = Callable[..., Http2Connection]
Ask = Callable[..., Http2Exchange]
HARNESS = Path(__file__).parent / "harness"

# Frames (RFC 9113 §4.1): length, type, flags, stream. Fields are in HPACK's literal bytes.
SETTINGS = b"\0\0\0\x04\0\0\0\0\0"
HEAD = b"\0\0\x01\x01\x04\0\0\0\x01\x88"  # :status 200
HEAD_ALONE = b"\0\0\x01\x01\x05\0\0\0\x01\x88"  # with END_STREAM
HEAD_5 = b"\0\0\x05\x01\x04\0\0\0\x01\x88\x0f\x0d\x015"  # content-length: 5
HEAD_5_ALONE = b"\0\0\x05\x01\x05\0\0\0\x01\x88\x0f\x0d\x015"
HEAD_304 = b"\0\0\x05\x01\x04\0\0\0\x01\x8b\x0f\x0d\x015"
HEAD_3 = b"\0\0\x01\x01\x04\0\0\0\x03\x88"  # on stream 3
HINT = b"\0\0\x05\x01\x04\0\0\0\x01\x08\x03103"  # :status 103
TRAILER = b"\0\0\x05\x01\x05\0\0\0\x01\0\x01a\x01b"  # a: b
ABC = b"\0\0\x03\0\0\0\0\0\x01abc"
ABC_3 = b"\0\0\x03\0\x01\0\0\0\x03abc"
LAST_DE = b"\0\0\x02\0\x01\0\0\0\x01de"
LAST_DEF = b"\0\0\x03\0\x01\0\0\0\x01def"
LAST = b"\0\0\0\0\x01\0\0\0\x01"
RESET_CANCEL = b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08"
RESET_NO_ERROR = b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\0"
GOAWAY_NO_ERROR = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\x01\0\0\0\0"
GOAWAY_BEFORE_1 = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\0"
GOAWAY_CALM = b"\0\0\x0c\x07\0\0\0\0\0\0\0\0\x01\0\0\0\x0bcalm"
PUSH_2 = b"\0\0\x07\x05\x04\0\0\0\x01\0\0\0\x02\x82\x86\x84"  # GET http /
HEAD_2 = b"\0\0\x01\x01\x04\0\0\0\x02\x88"
LAST_2 = b"\0\0\x02\0\x01\0\0\0\x02hi"
WINDOW_1 = b"\0\0\x04\x08\0\0\0\0\x01\0\0\0\x05"
WINDOW_0 = b"\0\0\x04\x08\0\0\0\0\0\0\0\0\x05"


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer() as peer:
        yield peer


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Make connections, with the arguments of `Http2Connection`, that are closed at the end."""
    connections: list[Http2Connection] = []

    def connect(*arguments: Any, **options: Any) -> Http2Connection:
        connections.append(Http2Connection(*arguments, **options))
        return connections[-1]

    yield connect
    for connection in connections:
        connection.close()


@pytest.fixture
def ask(peer: Peer, connect: Connect) -> Ask:
    """Ask a peer that says the frames given; the client's own deadline is short."""

    def ask(*frames: bytes, method: str = "GET", enable_push: bool = False) -> Http2Exchange:
        connection = connect(peer.address, deadline=0.5, enable_push=enable_push)
        exchange = connection.request(method, "/")
        peer.send(SETTINGS, *frames)
        return exchange

    return ask


@pytest.mark.parametrize(
    ("frames", "method", "body", "ending"),
    [
        pytest.param([HEAD, ABC, LAST], "GET", b"abc", Ending.CLEAN, id="whole"),
        pytest.param([HEAD_ALONE], "GET", b"", Ending.CLEAN, id="empty"),
        pytest.param([HEAD_5, ABC, LAST_DE], "GET", b"abcde", Ending.CLEAN, id="as-long-as-said"),
        pytest.param([HEAD_5_ALONE], "HEAD", b"", Ending.CLEAN, id="head"),
        pytest.param([HEAD_304, LAST], "GET", b"", Ending.CLEAN, id="304-of-a-length"),
        pytest.param(
            [HEAD, LAST, RESET_NO_ERROR], "GET", b"", Ending.CLEAN, id="reset-after-the-end"
        ),
        pytest.param([HEAD_5, ABC, LAST], "GET", b"abc", Ending.MALFORMED, id="too-short"),
        pytest.param([HEAD_5_ALONE], "GET", b"", Ending.MALFORMED, id="of-a-length-and-empty"),
        pytest.param([HEAD_5, ABC, LAST_DEF], "GET", b"abcdef", Ending.MALFORMED, id="too-long"),
        pytest.param(
            [HEAD_5, ABC, TRAILER], "GET", b"abc", Ending.MALFORMED, id="too-short-with-trailers"
        ),
        pytest.param([HEAD, ABC, LAST], "HEAD", b"abc", Ending.MALFORMED, id="head-with-content"),
        pytest.param(
            [HEAD, ABC, SETTINGS[:-1] + b"\x01"], "GET", b"abc", Ending.MALFORMED, id="bad-frame"
        ),
        pytest.param([HEAD, ABC, RESET_CANCEL], "GET", b"abc", Ending.RESET, id="reset"),
        pytest.param(
            [HEAD, ABC, GOAWAY_CALM], "GET", b"abc", Ending.TRUNCATED, id="goaway-with-an-error"
        ),
        pytest.param(
            [HEAD, ABC, GOAWAY_BEFORE_1], "GET", b"abc", Ending.TRUNCATED, id="goaway-before-it"
        ),
        pytest.param(
            [HEAD, GOAWAY_NO_ERROR, ABC, LAST], "GET", b"abc", Ending.CLEAN, id="goaway-after-it"
        ),
        pytest.param([HEAD, ABC], "GET", b"abc", Ending.HUNG, id="silent"),
    ],
)
def test_how_an_answer_ends(
    ask: Ask, frames: list[bytes], method: str, body: bytes, ending: Ending
) -> None:
    exchange = ask(*frames, method=method)
    assert (exchange.body, exchange.ending) == (body, ending), str(exchange.connection)


def test_an_answer_is_the_same_in_any_pieces(peer: Peer, ask: Ask) -> None:
    exchange = ask()
    for byte in HEAD_5 + ABC + LAST_DE:
        peer.send(bytes([byte]))
    assert (exchange.body, exchange.ending) == (b"abcde", Ending.CLEAN)


def test_a_connection_that_is_closed_truncates_its_streams(peer: Peer, ask: Ask) -> None:
    exchange = ask(HEAD, ABC)
    peer.receive_until(b"SM\r\n\r\n")  # and the request, sent before
    peer.close()
    assert (exchange.body, exchange.ending) == (b"abc", Ending.TRUNCATED)
    assert exchange.connection.request("GET", "/").ending is Ending.TRUNCATED


def test_a_connection_that_is_reset_resets_its_streams(peer: Peer, ask: Ask) -> None:
    exchange = ask(HEAD, ABC)
    assert exchange.read_chunk() == b"abc"
    peer.reset()
    assert exchange.ending is Ending.RESET


def test_what_answers_in_another_protocol_is_malformed(peer: Peer, connect: Connect) -> None:
    exchange = connect(peer.address).request("GET", "/")
    peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert exchange.ending is Ending.MALFORMED
    assert "HTTP/1.1 400" in exchange.problem


def test_a_malformed_answer_does_not_spoil_others(ask: Ask) -> None:
    first = ask(HEAD_5, LAST_DE, HEAD_3, ABC_3)
    second = first.connection.request("GET", "/")
    assert second.body == b"abc"
    assert (first.ending, second.ending) == (Ending.MALFORMED, Ending.CLEAN)
    assert first.problem == "content-length 5, but 2 bytes of content"


def test_error_codes_are_told(ask: Ask) -> None:
    assert ask(HEAD, RESET_CANCEL).read_all().error_code == 8


def test_the_error_code_of_a_goaway_is_told(ask: Ask) -> None:
    exchange = ask(HEAD, GOAWAY_CALM).read_all()
    assert exchange.error_code == 11
    assert exchange.problem.endswith("b'calm'")


def test_after_a_goaway_there_are_no_more_streams(ask: Ask) -> None:
    exchange = ask(HEAD, GOAWAY_NO_ERROR, LAST)
    assert exchange.ending is Ending.CLEAN
    assert exchange.connection.request("GET", "/").ending is Ending.TRUNCATED


def test_a_reset_after_the_end_stops_the_upload(peer: Peer, connect: Connect) -> None:
    connection = connect(peer.address)
    exchange = connection.request("POST", "/", upload="chunked")
    peer.send(SETTINGS, HEAD, LAST, RESET_NO_ERROR)
    assert exchange.ending is Ending.CLEAN
    connection.wait_for(lambda: exchange.cut, "the reset")
    exchange.send_body(b"no more")
    exchange.finish_body()
    assert (exchange.ending, exchange.error_code) == (Ending.CLEAN, 0)


def test_the_head_with_all_that_is_in_it(ask: Ask) -> None:
    exchange = ask(HINT, HEAD_5, ABC, LAST_DE)
    assert (exchange.status, exchange.http_version) == (200, "2")
    assert exchange.headers == [("content-length", "5")]
    assert exchange.informational == [103]


def test_trailers(ask: Ask) -> None:
    exchange = ask(HEAD, ABC, TRAILER)
    assert (exchange.trailers, exchange.ending) == ([("a", "b")], Ending.CLEAN)


def test_a_window_is_given_back_as_the_stream_is_read(peer: Peer, ask: Ask) -> None:
    exchange = ask(HEAD, ABC, ABC)
    assert exchange.read_chunk() == b"abc"
    sent = peer.receive_until(b"\0\0\x04\x08\0\0\0\0\x01\0\0\0\x03")
    assert sent.count(b"\0\0\x04\x08\0\0\0\0\x01") == 1, "what is unread was given back, too"


def test_a_reader_that_stops_gives_no_window_back(peer: Peer, ask: Ask) -> None:
    exchange = ask(HEAD, ABC, ABC)
    exchange.stop_reading()
    assert exchange.read_chunk() + exchange.read_chunk() == b"abcabc"
    exchange.resume_reading()
    sent = peer.receive_until(b"\0\0\x04\x08\0\0\0\0\x01\0\0\0\x06")
    assert sent.count(b"\0\0\x04\x08\0\0\0\0\x01") == 1


def test_the_first_window_is_as_it_is_told(peer: Peer, connect: Connect) -> None:
    connect(peer.address, window=10)
    peer.receive_until(b"\0\x04\0\0\0\x0a")


def test_an_upload_waits_for_the_window(peer: Peer, connect: Connect) -> None:
    connection = connect(peer.address, deadline=0.2)
    exchange = connection.request("POST", "/", upload=65541)
    peer.send(SETTINGS)
    assert exchange.send_until_full(bytes(65541), patience=0.1) == 65535
    with pytest.raises(Hung):
        exchange.send_body(b"12345")
    peer.send(WINDOW_0, WINDOW_1)
    exchange.send_body(b"12345")
    exchange.finish_body()
    assert peer.receive_until(LAST).endswith(b"\0\0\x05\0\0\0\0\0\x0112345" + LAST)


def test_an_upload_that_is_reset_while_it_waits_is_cut(peer: Peer, connect: Connect) -> None:
    connection = connect(peer.address)
    exchange = connection.request("POST", "/", upload="chunked")
    peer.send(SETTINGS, RESET_CANCEL)
    exchange.send_body(bytes(65536))
    assert (exchange.cut, exchange.ending) == (True, Ending.RESET)


def test_an_empty_body_ends_with_the_head(peer: Peer, connect: Connect) -> None:
    connect(peer.address).request("POST", "/", body=b"")
    # HEADERS with END_STREAM and END_HEADERS, :method POST, :scheme http.
    sent = peer.receive_until(b"\x01\x05\0\0\0\x01\x83\x86")
    assert b"\0\0\0\x01" not in sent.partition(b"\x83\x86")[2], "a DATA frame follows"


def test_pushes_are_kept_where_they_are_wanted(ask: Ask) -> None:
    exchange = ask(PUSH_2, HEAD, LAST, HEAD_2, LAST_2, enable_push=True)
    assert exchange.ending is Ending.CLEAN
    [(fields, pushed)] = exchange.pushed
    assert fields == [(":method", "GET"), (":scheme", "http"), (":path", "/")]
    assert (pushed.body, pushed.ending) == (b"hi", Ending.CLEAN)


def test_a_push_can_be_refused(peer: Peer, ask: Ask) -> None:
    exchange = ask(PUSH_2, HEAD, LAST, enable_push=True)
    assert exchange.ending is Ending.CLEAN
    exchange.pushed[0][1].reset()
    peer.receive_until(b"\0\0\x04\x03\0\0\0\0\x02\0\0\0\x08")


def test_a_push_that_is_not_allowed_is_malformed(ask: Ask) -> None:
    assert ask(PUSH_2, HEAD, LAST).ending is Ending.MALFORMED


def test_a_ping_without_an_answer_hangs(peer: Peer, connect: Connect) -> None:
    connection = connect(peer.address, deadline=0.1)
    peer.send(SETTINGS)
    with pytest.raises(Hung, match="PING"):
        connection.ping()


def test_a_ping_fails_where_the_connection_ends(peer: Peer, connect: Connect) -> None:
    connection = connect(peer.address)
    peer.receive_until(b"SM\r\n\r\n")
    peer.close()
    with pytest.raises(AssertionError, match="ended"):
        connection.ping()


def test_the_goaway_of_the_client(peer: Peer, ask: Ask) -> None:
    exchange = ask(HEAD)
    exchange.connection.goaway()
    peer.receive_until(b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\0")
    peer.send(LAST_DE)
    assert (exchange.body, exchange.ending) == (b"de", Ending.CLEAN)


def test_an_exchange_that_the_client_reset_is_over(peer: Peer, ask: Ask) -> None:
    exchange = ask(HEAD, ABC)
    assert exchange.read_chunk() == b"abc"
    exchange.reset()
    peer.receive_until(RESET_CANCEL)
    peer.send(LAST_DE)
    assert (exchange.body, exchange.ending) == (b"abc", Ending.RESET)


def test_the_log_shows_frames_and_fields(ask: Ask) -> None:
    exchange = ask(HEAD_5, ABC, LAST_DE).read_all()
    shown = str(exchange.connection)
    assert " > Headers 1 END_HEADERS END_STREAM [(b':method', b'GET')," in shown
    assert " < Headers 1 END_HEADERS [(b':status', b'200'), (b'content-length', b'5')]" in shown
    assert " < Data 1 END_STREAM 2 bytes b'de'" in shown


# uvicorn's option --fd takes any socket for a UNIX domain one.
_UVICORN = (
    "import socket, sys, uvicorn\n"
    "config = uvicorn.Config('multiplexed:app', http='zttp', http2=True)\n"
    "uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])\n"
)


@pytest.fixture(scope="module", params=["hypercorn", "uvicorn"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, int]]:
    """The address of a real server that runs the application in `harness/multiplexed.py`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = {
            "hypercorn": [
                *("-m", "hypercorn", "--workers", "0", "--bind", f"fd://{listener.fileno()}"),
                "multiplexed:app",
            ],
            "uvicorn": ["-c", _UVICORN, str(listener.fileno())],
        }[request.param]
        log = tmp_path_factory.mktemp(request.param) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
                [sys.executable, *command],
                cwd=HARNESS,
                env={**os.environ, "PYTHONPATH": str(HARNESS)},
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[listener.fileno()],
            )
        address: tuple[str, int] = listener.getsockname()
    try:
        first = Http2Connection(address, deadline=20)
        first.ping()
        first.close()
        yield address
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def connection(server: tuple[str, int], connect: Connect) -> Http2Connection:
    return connect(server)


@pytest.fixture
def hypercorn(server: tuple[str, int], request: pytest.FixtureRequest) -> tuple[str, int]:
    """For what only hypercorn does."""
    if "hypercorn" not in request.node.name:
        pytest.skip("hypercorn alone pushes")
    return server


def test_a_real_answer(connection: Http2Connection) -> None:
    exchange = connection.request("GET", "/two")
    assert (exchange.body, exchange.ending) == (b"onetwo", Ending.CLEAN)
    assert exchange.header("X-One") == "1, 2"


def test_streams_run_beside_each_other(connection: Http2Connection) -> None:
    waiting = connection.request("GET", "/wait")
    first = connection.request("POST", "/echo", upload="chunked")
    second = connection.request("POST", "/echo", upload="chunked")
    for exchange, piece in ((first, b"a"), (second, b"b"), (first, b"c")):
        exchange.send_body(piece)
        assert exchange.read_chunk() == piece
    assert connection.request("GET", "/two").body == b"onetwo"
    first.finish_body()
    second.finish_body()
    assert (first.body, second.body) == (b"ac", b"b")
    assert waiting.read_chunk() == b"one"


@pytest.mark.parametrize(
    "body", [b"12", bytes(1024 * 1024), [b"1", b"2"]], ids=["bytes", "large", "pieces"]
)
def test_a_body_arrives_whole(connection: Http2Connection, body: bytes | list[bytes]) -> None:
    size = sum(map(len, body)) if isinstance(body, list) else len(body)
    assert connection.request("POST", "/size", body=body).body == str(size).encode()


def test_an_upload_of_a_length_that_is_told(connection: Http2Connection) -> None:
    exchange = connection.request("PUT", "/size", upload=5)
    exchange.send_body(b"12")
    exchange.send_body(b"345")
    exchange.finish_body()
    assert exchange.body == b"5"


def test_trailers_of_a_request(connection: Http2Connection) -> None:
    exchange = connection.request("PUT", "/size", upload="chunked")
    exchange.send_body(b"12")
    exchange.send_trailers([("x-sum", "3")])
    assert exchange.body == b"2"


def test_literal_fields(connection: Http2Connection) -> None:
    exchange = connection.send_headers(
        [(":method", "GET"), (":scheme", "http"), (":path", "/authority"), ("host", "h")]
    )
    assert exchange.body == b"h"


def test_a_stream_that_is_not_read_stops_at_its_window(
    server: tuple[str, int], connect: Connect
) -> None:
    connection = connect(server, window=10)
    stopped = connection.request("GET", "/large")
    stopped.stop_reading()
    while len(b"".join(stopped.pieces)) < 10:
        stopped.read_chunk()
    assert connection.request("GET", "/two").body == b"onetwo"
    connection.ping()
    assert stopped.is_silent(0.05)
    stopped.resume_reading()
    while len(b"".join(stopped.pieces)) < 20:
        stopped.read_chunk()
    assert len(b"".join(stopped.pieces)) == 20, "the server went beyond the window"


def test_a_large_answer_passes_by_and_by(connection: Http2Connection) -> None:
    assert len(connection.request("GET", "/large").body) == 1024 * 1024


def test_response_trailers(connection: Http2Connection) -> None:
    exchange = connection.request("GET", "/trailers", [("TE", "trailers")])
    assert (exchange.body, exchange.trailers) == (b"one", [("x-sum", "1")])


def test_an_early_hint(connection: Http2Connection) -> None:
    exchange = connection.request("GET", "/hint")
    assert (exchange.status, exchange.informational) == (200, [103])


@pytest.mark.parametrize("leave", ["reset", "close"])
def test_the_application_sees_the_client_leave(
    server: tuple[str, int], connect: Connect, leave: str
) -> None:
    before = int(connect(server).request("GET", "/left").body)
    exchange = connect(server).request("GET", "/wait")
    assert exchange.read_chunk() == b"one"
    getattr(exchange, leave)()
    asking = connect(server)
    assert eventually(lambda: int(asking.request("GET", "/left").body) == before + 1)


def test_a_push_of_a_real_server(hypercorn: tuple[str, int], connect: Connect) -> None:
    connection = connect(hypercorn)
    connection.settings(enable_push=True)
    exchange = connection.request("GET", "/push")
    assert exchange.body == b"pushed"
    [(fields, pushed)] = exchange.pushed
    assert (":path", "/two") in fields
    assert pushed.body == b"onetwo"


def test_a_real_server_does_not_push_unless_it_may(
    hypercorn: tuple[str, int], connect: Connect
) -> None:
    exchange = connect(hypercorn).request("GET", "/push")
    assert (exchange.body, exchange.pushed) == (b"pushed", [])


def test_a_ping_and_its_seconds(connection: Http2Connection) -> None:
    began = time.monotonic()
    assert 0 <= connection.ping() <= time.monotonic() - began
