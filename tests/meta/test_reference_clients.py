"""The reference server and its clients: those that leave, do not read, or stay silent."""

from __future__ import annotations

import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from asgi_conformance.certificates import find_certificate
from asgi_conformance.connection import Connection
from reference.running import DEADLINE, Running, run

_GONE = "['http.disconnect', 'http.disconnect', 'ClientDisconnected']"
_PART = b"4\r\npart\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with run(tmp_path_factory.mktemp("server")) as running:
        yield running


def wait_for(connection: Connection, wanted: bytes) -> None:
    received = b""
    while wanted not in received:
        data = connection.receive()
        assert data, f"the connection ended after {received!r}"
        received += data


def test_a_client_that_closes_is_told_as_a_disconnect(server: Running) -> None:
    connection = server.connect(b"GET /waits?fin HTTP/1.1\r\nHost: x\r\n\r\n")
    wait_for(connection, _PART)
    connection.close()
    assert server.told("fin") == _GONE


def test_a_client_that_resets_is_told_as_a_disconnect(server: Running) -> None:
    connection = server.connect(b"GET /waits?rst HTTP/1.1\r\nHost: x\r\n\r\n")
    wait_for(connection, _PART)
    connection.reset()
    assert server.told("rst") == _GONE


def test_a_client_that_closes_is_noticed_behind_requests_that_wait(server: Running) -> None:
    head = b"GET /waits?pipelined HTTP/1.1\r\nHost: x\r\n\r\n"
    connection = server.connect(head)
    wait_for(connection, _PART)
    # More than the server reads ahead, so that it does not see the end by reading.
    connection.send(b"GET /done HTTP/1.1\r\nHost: x\r\n\r\n" * 3000)
    connection.close()
    assert server.told("pipelined") == _GONE


def test_a_client_that_does_not_read_stops_the_application(server: Running) -> None:
    request = b"GET /floods?slow HTTP/1.1\r\nHost: x\r\n\r\n"
    connection = server.connect(request, receive_buffer=4096)
    wait_for(connection, b"200 OK")
    # It has gone on for as long as it could when this is answered.
    for _ in range(20):
        server.ask(b"GET /done HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    connection.reset()
    assert int(server.told("slow")) < 2_000_000


def test_an_application_that_does_not_receive_stops_the_client(server: Running) -> None:
    connection = server.connect(
        b"PUT /told?unread HTTP/1.1\r\nHost: x\r\nContent-Length: 64000000\r\n\r\n"
    )
    assert connection.send_until_full(bytes(64_000_000)) < 16_000_000
    server.ask(b"GET /takes?unread HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert connection.receive_until_closed().endswith(b"\r\n\r\n['http.request', 0]")


@pytest.mark.parametrize("sent", [b"", b"GET /done HTTP/1.1\r\n"], ids=["silent", "half-a-head"])
def test_an_idle_connection_is_closed(tmp_path: Path, sent: bytes) -> None:
    environment = {"BROKEN_BY": "reference.mistakes.examples:Impatient"}
    with run(tmp_path, environment=environment) as running:
        answer = running.connect(sent).receive_until_closed()
        assert answer[:12] == (b"HTTP/1.1 408" if sent else b"")


def test_the_end_is_told_to_streams_then_to_the_lifespan(tmp_path: Path) -> None:
    with run(tmp_path) as running:
        connection = running.connect(b"GET /waits?end HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_for(connection, _PART)
        running.process.send_signal(signal.SIGTERM)
        assert b"0\r\n" not in connection.receive_until_closed(), "it ended as if complete"
        assert running.process.wait(DEADLINE) == 0
        lines = running.output().splitlines()
    assert [line for line in lines if line.startswith("lifespan")] == [
        "lifespan.startup",
        "lifespan.shutdown",
    ]


def test_an_application_that_does_not_start_ends_the_server(tmp_path: Path) -> None:
    with run(tmp_path, application="reference.example:app_that_fails_to_start") as running:
        assert running.process.wait(DEADLINE) == 3
        assert "no database" in running.output()


def test_an_application_of_asgi_2_is_served(tmp_path: Path) -> None:
    with run(tmp_path, application="reference.example:App2") as running:
        answer = running.ask(b"GET /done HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer.endswith(b"\r\n4\r\ndone\r\n0\r\n\r\n")


def test_tls_is_told_in_the_scope(tmp_path: Path) -> None:
    files = find_certificate()
    arguments = ("--certfile", str(files.certfile), "--keyfile", str(files.keyfile))
    context = ssl.create_default_context(cafile=files.authority)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        run(tmp_path, *arguments) as running,
        socket.create_connection(running.address, DEADLINE) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as encrypted,
        encrypted.makefile("rb") as answer,
    ):
        encrypted.sendall(b"GET /tls HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer.read().endswith(b"\r\nc\r\nhttps 0x303\n\r\n0\r\n\r\n")
