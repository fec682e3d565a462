"""The suite's client of HTTP/1.1, over a peer that speaks literal bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from asgi_conformance.connection import Connection
from asgi_conformance.exchange import Ending, Exchange
from peer import Peer

_HEAD = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer() as peer:
        yield peer


@pytest.fixture
def connection(peer: Peer) -> Iterator[Connection]:
    connection = Connection(peer.address, deadline=0.5)
    connection.send(_HEAD)
    yield connection
    connection.close()


def _answer(connection: Connection, *, chunked: bool = True) -> Exchange:
    return Exchange(connection, "POST", None, chunked=chunked)


def test_a_chunked_body(peer: Peer, connection: Connection) -> None:
    exchange = _answer(connection)
    exchange.send_body(b"hello")
    exchange.send_body(b"")
    exchange.finish_body()
    assert peer.receive_until(b"0\r\n\r\n") == _HEAD + b"5\r\nhello\r\n0\r\n\r\n"


def test_a_chunk_as_far_as_it_is_taken(peer: Peer, connection: Connection) -> None:
    assert _answer(connection).send_until_full(b"hello") == 5
    assert peer.receive_until(b"o\r\n") == _HEAD + b"5\r\nhello\r\n"


def test_a_body_of_a_length(peer: Peer, connection: Connection) -> None:
    exchange = _answer(connection, chunked=False)
    exchange.send_body(b"hel")
    assert exchange.send_until_full(b"lo") == 2
    exchange.finish_body()
    assert peer.receive_until(b"hello") == _HEAD + b"hello"


def test_trailers(peer: Peer, connection: Connection) -> None:
    peer.send(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"
    )
    exchange = _answer(connection)
    assert exchange.trailers == [("x-sum", "1")]
    assert (exchange.body, exchange.ending) == (b"abc", Ending.CLEAN)


def test_an_exchange_that_the_client_reset_is_over(peer: Peer, connection: Connection) -> None:
    exchange = _answer(connection)
    exchange.reset()
    assert exchange.ending is Ending.RESET
    peer.receive_until(b"\r\n\r\n")
    with pytest.raises(ConnectionResetError):
        peer.receive_until(b"more")


def test_what_is_malformed_is_told(peer: Peer, connection: Connection) -> None:
    peer.send(b"HTTP/1.1 two hundred\r\n\r\n")
    exchange = _answer(connection)
    assert exchange.ending is Ending.MALFORMED
    assert exchange.problem, "nothing says what is malformed"


def test_the_log_has_times_and_directions(peer: Peer, connection: Connection) -> None:
    peer.send(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert _answer(connection).ending is Ending.CLEAN
    assert [(it.direction, it.data) for it in connection.log] == [
        (">", _HEAD),
        ("<", b"HTTP/1.1 204 No Content\r\n\r\n"),
    ]
    first, second = connection.log
    assert 0 <= first.seconds <= second.seconds
    pattern = r"\+\d+\.\d{3} < b'HTTP/1\.1 204 No Content\\r\\n\\r\\n'"
    assert re.fullmatch(pattern, str(connection).splitlines()[1])


def test_the_log_keeps_what_came_first(peer: Peer, connection: Connection) -> None:
    connection.send(bytes(4096))
    assert connection.sent == _HEAD + bytes(2048 - len(_HEAD))
    peer.send(b"<" * 4096)
    connection.receive()
    assert len(connection.received) == 2048
