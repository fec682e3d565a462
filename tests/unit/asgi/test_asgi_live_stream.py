"""Streams that wait for what comes: `raw_asgi.asgi.live_stream`. **cancel**, **no-clean-end**."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

import anyio
import pytest
from fakes import PATIENCE, BrokenConnection, Client, Sent, make_scope

from raw_asgi.asgi.disconnect import ClientDisconnected
from raw_asgi.asgi.heartbeats import Heartbeats
from raw_asgi.asgi.live_stream import LiveStream
from raw_asgi.asgi.request import Request
from raw_asgi.asgi.response import Response
from raw_asgi.asgi.types import Message, Receive, Send

pytestmark = pytest.mark.anyio

NEVER = 3600.0


class FeedBroke(Exception):
    """What a feed of these tests raises."""


class FakeFeed:
    """Has what it is given. `None` is taken as a failure."""

    def __init__(self, *news: bytes | None) -> None:
        self._news = list(news)
        self._wake: Callable[[], None] | None = None
        self.asked = anyio.Event()
        self.closed = 0

    def give(self, *news: bytes | None) -> None:
        self._news += news
        wake, self._wake = self._wake, None
        if wake is not None:
            wake()

    def take(self) -> bytes:
        if not self._news:
            return b""
        news = self._news.pop(0)
        if news is None:
            raise FeedBroke
        return news

    def call_once(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self.asked.set()

    def close(self) -> None:
        self.closed += 1
        self._wake = None


async def _run(
    feed: FakeFeed, receive: Receive, send: Send, heartbeat_seconds: float = NEVER
) -> None:
    request = Request(make_scope(), receive)
    stream = LiveStream(
        Response(request, send),
        feed,
        headers=[("content-type", "text/event-stream")],
        first=b"first\n",
        heartbeat=b":\n",
        heartbeats=Heartbeats(heartbeat_seconds),
        last_words=b"broken\n",
    )
    with anyio.fail_after(PATIENCE):
        await stream.run(request.body.receive)


async def test_what_is_there_is_sent_and_then_what_comes() -> None:
    feed, client, sent = FakeFeed(b"one\n", b"two\n"), Client(), Sent()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_run, feed, client.receive, sent.send)
        await feed.asked.wait()
        assert sent.pieces == [b"first\n", b"one\n", b"two\n"]
        feed.give(b"three\n", b"four\n")
        await sent.until(lambda: len(sent.pieces) == 5)
        client.leave()
    assert sent.pieces[3:] == [b"three\n", b"four\n"]
    assert sent.headers == {b"content-type": b"text/event-stream"}
    assert feed.closed == 1
    assert not sent.finished, "what has no end was ended"


async def test_the_headers_do_not_wait_for_news() -> None:
    client, sent = Client(), Sent()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_run, FakeFeed(), client.receive, sent.send)
        await sent.until(lambda: sent.pieces == [b"first\n"])
        client.leave()


async def test_what_comes_while_the_server_takes_its_time_is_sent_in_order() -> None:
    feed, client, sent = FakeFeed(), Client(), Sent()
    room = anyio.Semaphore(2)

    async def send(message: Message) -> None:
        await room.acquire()
        await sent.send(message)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_run, feed, client.receive, send)
        await feed.asked.wait()
        for news in (b"one\n", b"two\n", b"three\n"):
            feed.give(news)
            await anyio.wait_all_tasks_blocked()
        assert sent.pieces == [b"first\n"]
        for _ in range(3):
            room.release()
        await sent.until(lambda: len(sent.pieces) == 4)
        client.leave()
    assert sent.body == b"first\none\ntwo\nthree\n"


async def test_a_client_that_leaves_stops_what_is_being_sent() -> None:
    feed, client, released = FakeFeed(), Client(), anyio.Event()

    async def send(_message: Message) -> None:
        try:
            client.leave()
            await anyio.sleep_forever()
        finally:
            released.set()

    await _run(feed, client.receive, send)
    with anyio.fail_after(PATIENCE):
        await released.wait()
    assert feed.closed == 1


async def test_a_server_that_refuses_ends_it() -> None:
    feed, connection = FakeFeed(b"one\n"), BrokenConnection(taken=2)
    with pytest.raises(ClientDisconnected):
        await _run(feed, Client().receive, connection.send)
    assert feed.closed == 1


async def test_a_feed_that_fails_is_told_of_and_raised() -> None:
    feed, sent = FakeFeed(b"one\n", None), Sent()
    with pytest.raises(FeedBroke):
        await _run(feed, Client().receive, sent.send)
    assert sent.pieces == [b"first\n", b"one\n", b"broken\n"]
    assert not sent.finished
    assert feed.closed == 1


async def test_a_feed_that_fails_later_is_told_of_and_raised() -> None:
    feed, sent = FakeFeed(), Sent()

    async def fail() -> None:
        await feed.asked.wait()
        feed.give(None)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(fail)
        with pytest.raises(FeedBroke):
            await _run(feed, Client().receive, sent.send)
    assert sent.pieces == [b"first\n", b"broken\n"]


async def test_cancelled_from_outside() -> None:
    feed, sent = FakeFeed(), Sent()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_run, feed, Client().receive, sent.send)
        await feed.asked.wait()
        tasks.cancel_scope.cancel()
    assert feed.closed == 1
    feed.give(b"late\n")
    await anyio.wait_all_tasks_blocked()
    assert sent.pieces == [b"first\n"]


async def test_silence_is_broken_by_heartbeats() -> None:
    feed, client, sent = FakeFeed(), Client(), Sent()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_run, feed, client.receive, sent.send, 0.001)
        await sent.until(lambda: len(sent.pieces) >= 3)
        feed.give(b"one\n")
        await sent.until(lambda: b"one\n" in sent.pieces)
        client.leave()
    assert sent.pieces[:3] == [b"first\n", b":\n", b":\n"]


async def test_a_stream_that_has_ended_is_none_that_waits() -> None:
    """Where the client leaves as something comes, and `send` does not wait."""
    for _ in range(20):  # Trio wakes those of one moment in any order
        feed, client, sent = FakeFeed(), Client(), Sent()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_run, feed, client.receive, sent.send)
            await feed.asked.wait()
            client.leave()
            feed.give(b"last\n")
        await anyio.wait_all_tasks_blocked()
        assert feed._wake is None, "it waits for more after its end"


async def test_a_stream_that_was_left_while_it_sent_is_none_that_waits() -> None:
    for _ in range(20):  # Trio wakes those of one moment in any order
        feed, client, gone = FakeFeed(), Client(), anyio.Event()
        sending = anyio.Event()

        async def send(
            message: Message, sending: anyio.Event = sending, gone: anyio.Event = gone
        ) -> None:
            if message.get("body") == b"last\n":
                sending.set()
                await gone.wait()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_run, feed, client.receive, send)
            await feed.asked.wait()
            feed.asked = anyio.Event()
            feed.give(b"last\n")
            await sending.wait()
            gone.set()
            client.leave()
        await anyio.wait_all_tasks_blocked()
        assert feed._wake is None, "it asked for more after its end"


async def test_all_is_sent_in_the_context_of_the_one_who_gets_it() -> None:
    whose: ContextVar[str] = ContextVar("whose", default="nobody's")
    seen: dict[str, set[str]] = {"one": set(), "two": set()}
    feeds, clients = (FakeFeed(), FakeFeed()), (Client(), Client())

    async def run(name: str, feed: FakeFeed, client: Client) -> None:
        whose.set(name)

        async def send(_message: Message) -> None:
            seen[name].add(whose.get())

        await _run(feed, client.receive, send)

    async with anyio.create_task_group() as tasks:
        for name, feed, client in zip(seen, feeds, clients, strict=True):
            tasks.start_soon(run, name, feed, client)
        for feed, client in zip(feeds, clients, strict=True):
            await feed.asked.wait()
            feed.asked = anyio.Event()
            feed.give(b"news\n")
            await feed.asked.wait()
            client.leave()
    assert seen == {"one": {"one"}, "two": {"two"}}


async def test_a_receive_that_never_waits_does_not_keep_the_loop() -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    with anyio.move_on_after(0.05) as scope:
        await _run(FakeFeed(), receive, Sent().send)
    assert scope.cancelled_caught
