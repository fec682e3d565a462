"""The mistakes of the reference server: each shows where it should, and can be taken out."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from asgi_conformance.connection import Hung
from asgi_conformance.server.http2 import Http2Connection
from reference.running import DEADLINE, Running, run

_HEAD = b"HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\nserver: x\r\n"
_CLOSED = b"Host: x\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with run(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def server(running: Running) -> Iterator[Running]:
    yield running
    running.switch("")


@pytest.mark.parametrize(
    ("mistake", "path", "answer"),
    [
        pytest.param(
            "EndsCleanly",
            b"/fails",
            b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n4\r\npart\r\n0\r\n\r\n",
            id="a-decision",
        ),
        pytest.param(
            "WithoutLastChunk",
            b"/done",
            b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n4\r\ndone\r\n",
            id="bytes-going-out",
        ),
        pytest.param(
            "KeepsTransferEncoding",
            b"/pieces",
            b"Transfer-Encoding: gzip\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
            b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n",
            id="fields",
        ),
        pytest.param(
            "holding_content",
            b"/pieces",
            b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n6\r\nonetwo\r\n0\r\n\r\n",
            id="around-the-application",
        ),
    ],
)
def test_a_mistake_shows_in_the_answer(
    server: Running, mistake: str, path: bytes, answer: bytes
) -> None:
    request = b"GET %b HTTP/1.1\r\n%b" % (path, _CLOSED)
    whole = server.ask(request)
    server.switch(f"reference.mistakes.examples:{mistake}")
    assert server.ask(request) == _HEAD + answer
    server.switch("")
    assert server.ask(request) == whole != _HEAD + answer


def test_bytes_that_come_in_can_be_altered(server: Running) -> None:
    request = b"GET /done HTTP/1.1\r\nA : b\r\n" + _CLOSED
    assert server.ask(request).startswith(b"HTTP/1.1 400 ")
    server.switch("reference.mistakes.examples:AcceptsSpaceBeforeColon")
    assert server.ask(request).startswith(b"HTTP/1.1 200 ")


def test_half_closed_clients_can_be_forgotten(server: Running) -> None:
    server.switch("reference.mistakes.examples:ForgetsHalfClosed")
    connection = server.connect(b"GET /told?never HTTP/1.1\r\nHost: x\r\n\r\n")
    connection.half_close()
    assert connection.receive_until_closed() == b""


def test_state_can_be_shared(server: Running) -> None:
    server.switch("reference.mistakes.examples:SharesState")
    request = b"GET /counts HTTP/1.1\r\n" + _CLOSED
    assert server.ask(request).endswith(b"\r\n1\r\n1\r\n0\r\n\r\n")
    assert server.ask(request).endswith(b"\r\n1\r\n2\r\n0\r\n\r\n")


def test_the_disconnect_can_be_kept_back(server: Running) -> None:
    server.switch("reference.mistakes.examples:without_disconnect")
    server.connect(b"GET /waits?kept HTTP/1.1\r\nHost: x\r\n\r\n").close()
    waiting = server.connect(b"GET /told?kept HTTP/1.1\r\n" + _CLOSED)
    with pytest.raises(Hung):
        waiting.receive(0.3)


def test_streams_can_stop_one_another(server: Running) -> None:
    server.switch("reference.mistakes.examples:OneWindow")
    connection = Http2Connection(server.address)
    unread = connection.request("PUT", "/told?never", upload="chunked")
    assert unread.send_until_full(bytes(65535)) == 65535
    other = connection.request("PUT", "/echoes", upload="chunked")
    assert other.send_until_full(b"one") == 0
    connection.close()


def test_a_mistake_of_the_start_can_keep_the_end_back(tmp_path: Path) -> None:
    environment = {"BROKEN_BY": "reference.mistakes.examples:WithoutShutdown"}
    with run(tmp_path, environment=environment) as running:
        running.ask(b"GET /done HTTP/1.1\r\n" + _CLOSED)
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(DEADLINE) == 0
        assert "lifespan.startup" in running.output()
        assert "lifespan.shutdown" not in running.output()


def test_an_unknown_mistake_is_refused(server: Running) -> None:
    order = b"POST /break/reference.mistakes.examples:Unknown HTTP/1.1\r\n" + _CLOSED
    assert server.ask(order).startswith(b"HTTP/1.1 500 ")
