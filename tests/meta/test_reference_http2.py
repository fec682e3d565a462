"""The reference server over HTTP/2, by prior knowledge."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asgi_conformance.answer import Ending
from asgi_conformance.server.http2 import Http2Connection
from h2.errors import ErrorCodes
from reference.running import Running, run

_FIXED = [("date", "Thu, 01 Jan 1970 00:00:00 GMT"), ("server", "x")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with run(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def connection(server: Running) -> Iterator[Http2Connection]:
    connection = Http2Connection(server.address)
    yield connection
    connection.close()


def test_a_response(connection: Http2Connection) -> None:
    answer = connection.request("GET", "/pieces").read_all()
    assert (answer.status, answer.headers) == (200, _FIXED), "transfer-encoding is not dropped"
    assert (answer.body, answer.ending) == (b"onetwo", Ending.CLEAN)


def test_a_body_is_echoed_as_it_comes(connection: Http2Connection) -> None:
    answer = connection.request("PUT", "/echoes", upload="chunked")
    answer.send_body(b"one")
    assert answer.read_until(b"one") == b"one"
    answer.send_body(bytes(60_000))
    answer.finish_body()
    assert answer.read_all().body == b"one" + bytes(60_000)


@pytest.mark.parametrize(("length", "sent"), [(4, b"abc"), (2, b"abc")], ids=["short", "long"])
def test_a_body_of_another_length_than_announced_resets_its_stream_alone(
    server: Running, connection: Http2Connection, length: int, sent: bytes
) -> None:
    key = f"length-{length}"
    other = connection.request("PUT", "/echoes", upload="chunked")
    answer = connection.request("PUT", f"/takes?{key}", upload=length)
    answer.send_body(sent)
    answer.finish_body()
    answer.read_all()
    assert answer.ending is Ending.RESET
    assert server.told(key).startswith("['http.disconnect', ")
    other.send_body(b"other")
    other.finish_body()
    assert other.read_all().body == b"other"


def test_a_stream_that_is_not_received_stops_at_its_window_alone(
    server: Running, connection: Http2Connection
) -> None:
    unread = connection.request("PUT", "/told?h2-unread", upload="chunked")
    assert unread.send_until_full(bytes(1_000_000)) == 65535
    connection.request("PUT", "/takes?h2-many", body=bytes(200_000)).read_all()
    assert server.told("h2-many") == "['http.request', 200000]"
    connection.ping()
    server.ask(b"GET /takes?h2-unread HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert unread.read_all().body == b"['http.request', 0]"
    assert connection.request("GET", "/done").read_all().ending is Ending.CLEAN


def test_a_stream_that_is_not_read_stops_itself_alone(
    server: Running, connection: Http2Connection
) -> None:
    slow = connection.request("GET", "/floods?h2-slow")
    slow.stop_reading()
    assert connection.request("GET", "/done").read_all().body == b"done"
    slow.reset()
    assert int(server.told("h2-slow")) <= 131072


def test_a_failure_resets_the_stream(connection: Http2Connection) -> None:
    answer = connection.request("GET", "/fails").read_all()
    assert answer.ending is Ending.RESET
    assert answer.body == b"part"
    assert connection.request("GET", "/done").read_all().body == b"done"


def test_a_reset_is_told_as_a_disconnect(server: Running, connection: Http2Connection) -> None:
    answer = connection.request("GET", "/waits?h2-reset")
    answer.read_until(b"part")
    answer.reset()
    connection.ping()
    gone = "['http.disconnect', 'http.disconnect', 'ClientDisconnected']"
    assert server.told("h2-reset") == gone


def test_an_early_answer_is_whole_and_stops_the_upload(connection: Http2Connection) -> None:
    answer = connection.request("PUT", "/done", upload=8_388_608)
    assert answer.read_all().body == b"done"
    assert answer.ending is Ending.CLEAN
    answer.send_body(bytes(1000))
    assert connection.request("GET", "/done").read_all().body == b"done"


def test_trailers_and_hints(connection: Http2Connection) -> None:
    answer = connection.request("GET", "/trails", headers=[("te", "trailers")]).read_all()
    assert answer.trailers == [("x-sum", "1")]
    assert answer.informational == [103]
    assert connection.request("GET", "/trails").read_all().trailers == []


def test_a_push(server: Running) -> None:
    connection = Http2Connection(server.address, enable_push=True)
    answer = connection.request("GET", "/pushes").read_all()
    [(fields, pushed)] = answer.pushed
    assert fields == [
        (":method", "GET"),
        (":scheme", "http"),
        (":authority", "127.0.0.1"),
        (":path", "/done"),
    ]
    assert pushed.read_all().body == b"done"
    connection.close()


def test_after_a_goaway_streams_finish(connection: Http2Connection) -> None:
    answer = connection.request("PUT", "/echoes", upload="chunked")
    answer.send_body(b"one")
    answer.read_until(b"one")
    connection.goaway(ErrorCodes.NO_ERROR)
    answer.send_body(b"two")
    answer.finish_body()
    assert answer.read_all().body == b"onetwo"
    connection.wait_for(lambda: False, "the end of the connection")
    assert connection.ended is Ending.TRUNCATED
