"""Responses: `raw_asgi.asgi.response`. CONTRACT.md, **first-item**, **no-clean-end**, **head**."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anyio
import pytest
from fakes import PATIENCE, BrokenConnection, Client, ClosingServer, Sent, make_scope

from raw_asgi.asgi.disconnect import ClientDisconnected
from raw_asgi.asgi.request import Request
from raw_asgi.asgi.response import Response
from raw_asgi.asgi.types import Scope
from raw_asgi.http.problem import Problem

pytestmark = pytest.mark.anyio

PLAIN = [("Content-Type", "text/plain")]


class ProducerBroke(Exception):
    """What the producers of these tests raise."""


class Producer:
    """Chunks to send, and a record of whether they were asked for and closed."""

    def __init__(self, *chunks: bytes, breaks: bool = False, waits: bool = False) -> None:
        self._chunks = chunks
        self._breaks = breaks
        self._waits = waits
        self.steps: list[str] = []
        self.waiting = anyio.Event()
        self._iterator = self._produce()

    def __aiter__(self) -> AsyncIterator[bytes]:
        self.steps.append("started")
        return self._iterator

    async def aclose(self) -> None:
        await self._iterator.aclose()  # type: ignore[attr-defined]
        self.steps.append("closed")

    async def _produce(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        if self._breaks:
            raise ProducerBroke
        if self._waits:
            self.waiting.set()
            await anyio.sleep_forever()


def _respond(scope: Scope | None = None, client: Client | None = None) -> tuple[Response, Sent]:
    sent = Sent()
    receive = (Client() if client is None else client).receive
    return Response(Request(make_scope() if scope is None else scope, receive), sent.send), sent


async def test_a_whole_response() -> None:
    response, sent = _respond()
    await response.send(200, [("Content-Type", "text/plain"), ("X-Name", "\u00e9")], b"body")
    assert sent.messages == [
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"text/plain"),
                (b"x-name", b"\xe9"),
                (b"content-length", b"4"),
            ],
        },
        {"type": "http.response.body", "body": b"body", "more_body": False},
    ]


@pytest.mark.parametrize("status", [204, 304])
async def test_a_response_without_a_body(status: int) -> None:
    response, sent = _respond()
    await response.send(status)
    assert sent.messages == [
        {"type": "http.response.start", "status": status, "headers": []},
        {"type": "http.response.body", "body": b"", "more_body": False},
    ]


async def test_head_gets_the_headers_of_a_whole_response() -> None:
    response, sent = _respond(make_scope("HEAD"))
    await response.send(200, PLAIN, b"body")
    assert sent.headers == {b"content-type": b"text/plain", b"content-length": b"4"}
    assert sent.body == b""
    assert sent.finished


async def test_json() -> None:
    response, sent = _respond()
    await response.send_json(201, {"name": "\u20ac"}, [("location", "/files/a")])
    assert sent.status == 201
    assert sent.headers == {
        b"content-type": b"application/json",
        b"location": b"/files/a",
        b"content-length": b"14",
    }
    assert sent.body == b'{"name":"\xe2\x82\xac"}'


async def test_problem() -> None:
    response, sent = _respond()
    await response.send_problem(Problem(405, "this resource knows GET", (("allow", "GET"),)))
    assert sent.status == 405
    assert sent.headers == {
        b"content-type": b"application/problem+json",
        b"allow": b"GET",
        b"content-length": b"99",
    }
    assert sent.body == (
        b'{"type":"about:blank","title":"Method Not Allowed","status":405,'
        b'"detail":"this resource knows GET"}'
    )


@pytest.mark.parametrize(
    ("http_version", "field", "expected"),
    [
        ("1.1", (b"content-length", b"5"), b"close"),
        ("1.0", (b"content-length", b"5"), b"close"),
        ("1.1", (b"transfer-encoding", b"chunked"), b"close"),
        ("1.1", (b"content-length", b"0"), None),
        ("1.1", (b"host", b"a"), None),
        # RFC 9113 §8.2.2, RFC 9114 §4.2 forbid the field
        ("2", (b"content-length", b"5"), None),
        ("3", (b"content-length", b"5"), None),
    ],
)
async def test_connection_is_closed_over_an_unread_body(
    http_version: str, field: tuple[bytes, bytes], expected: bytes | None
) -> None:
    response, sent = _respond(make_scope("PUT", "/", field, http_version=http_version))
    await response.send(413, [], b"")
    assert sent.headers.get(b"connection") == expected


async def test_connection_stays_once_the_body_was_read() -> None:
    scope = make_scope("PUT", "/", (b"content-length", b"5"))
    request = Request(scope, Client(b"12345").receive)
    sent = Sent()
    async for _ in request.body:
        pass
    await Response(request, sent.send).send(200, [], b"")
    assert b"connection" not in sent.headers


async def test_stream() -> None:
    response, sent = _respond()
    producer = Producer(b"one", b"two")
    with anyio.fail_after(PATIENCE):
        await response.stream(200, PLAIN, producer)
    assert sent.messages == [
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"text/plain")],
        },
        {"type": "http.response.body", "body": b"one", "more_body": True},
        {"type": "http.response.body", "body": b"two", "more_body": True},
        {"type": "http.response.body", "body": b"", "more_body": False},
    ]
    assert producer.steps == ["started", "closed"]


async def test_empty_stream() -> None:
    response, sent = _respond()
    producer = Producer()
    with anyio.fail_after(PATIENCE):
        await response.stream(200, PLAIN, producer)
    assert sent.types == ["http.response.start", "http.response.body"]
    assert sent.finished
    assert producer.steps == ["started", "closed"]


async def test_head_closes_the_producer_without_starting_it() -> None:
    response, sent = _respond(make_scope("HEAD"))
    producer = Producer(b"one", waits=True)
    with anyio.fail_after(PATIENCE):
        await response.stream(200, PLAIN, producer)
    assert sent.headers == {b"content-type": b"text/plain"}
    assert sent.pieces == [b""]
    assert sent.finished
    assert producer.steps == ["closed"]


async def test_failure_before_the_first_chunk_leaves_the_response_unstarted() -> None:
    response, sent = _respond()
    producer = Producer(breaks=True)
    with anyio.fail_after(PATIENCE), pytest.raises(ProducerBroke):
        await response.stream(200, PLAIN, producer)
    assert sent.messages == []
    assert not response.started
    assert producer.steps == ["started", "closed"]


async def test_failure_after_the_first_chunk_never_ends_cleanly() -> None:
    response, sent = _respond()
    producer = Producer(b"one", breaks=True)
    with anyio.fail_after(PATIENCE), pytest.raises(ProducerBroke):
        await response.stream(200, PLAIN, producer)
    assert sent.pieces == [b"one"]
    assert not sent.finished
    assert producer.steps == ["started", "closed"]


async def test_disconnect_closes_the_producer() -> None:
    client = Client()
    response, sent = _respond(client=client)
    producer = Producer(b"one", waits=True)
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(response.stream, 200, PLAIN, producer)
            await producer.waiting.wait()
            client.leave()
    assert producer.steps == ["started", "closed"]
    assert not sent.finished


async def test_the_end_of_a_response_is_not_taken_for_the_clients_leaving() -> None:
    client = Client()
    server = ClosingServer(client)
    response = Response(Request(make_scope(), client.receive), server.send)
    with anyio.fail_after(PATIENCE):
        await response.stream(200, PLAIN, Producer(b"one"))
    assert server.pieces == [b"one", b""]
    assert server.closed, "the server was stopped in its own work"


async def test_oserror_of_send_closes_the_producer() -> None:
    producer = Producer(b"one", b"two", waits=True)
    response = Response(Request(make_scope(), Client().receive), BrokenConnection(2).send)
    with anyio.fail_after(PATIENCE), pytest.raises(ClientDisconnected):
        await response.stream(200, PLAIN, producer)
    assert producer.steps == ["started", "closed"]


async def test_cancellation_closes_the_producer() -> None:
    response, sent = _respond()
    producer = Producer(b"one", waits=True)
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(response.stream, 200, PLAIN, producer)
            await producer.waiting.wait()
            tasks.cancel_scope.cancel()
    assert producer.steps == ["started", "closed"]
    assert not sent.finished


async def test_a_stream_that_never_waits_lets_other_tasks_run() -> None:
    response, sent = _respond()
    seen: list[int] = []

    async def look() -> None:
        seen.append(len(sent.messages))

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(look)
            await response.stream(200, PLAIN, Producer(*[b"x"] * 100))
    assert seen[0] < 100, "the other task ran when the stream was over"
