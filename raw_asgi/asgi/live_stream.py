"""A response that goes on for as long as its client stays, and is mostly silent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from typing import Protocol

from anyio.lowlevel import checkpoint

from raw_asgi.asgi.disconnect import ClientDisconnected
from raw_asgi.asgi.heartbeats import Heartbeats
from raw_asgi.asgi.response import Headers, Response
from raw_asgi.asgi.types import Receive
from raw_asgi.tasks import Interruption, start_task


class Feed(Protocol):
    """What comes at times of its own."""

    def take(self) -> bytes:
        """What is to be sent next; empty where nothing has come."""

    def call_once(self, wake: Callable[[], None]) -> None:
        """Call `wake` when something comes, and then no more."""

    def close(self) -> None:
        """Let go of what the feed holds. `wake` must not be called any more."""


class LiveStream:
    """Sends what a feed has, as soon as it has it, and a heartbeat after silence.

    The server's own task waits for the client's leaving; one that sends is there only while there
    is something to send. A thousand streams that wait are a thousand tasks, as few as there can be.
    """

    __slots__ = (
        "_closed",
        "_context",
        "_due",
        "_failure",
        "_feed",
        "_headers",
        "_heartbeat",
        "_heartbeats",
        "_last_words",
        "_response",
        "_sending",
        "_stop_sending",
        "_waiting",
    )

    def __init__(
        self,
        response: Response,
        feed: Feed,
        *,
        headers: Headers,
        first: bytes,
        heartbeat: bytes,
        heartbeats: Heartbeats,
        last_words: bytes,
    ) -> None:
        self._response = response
        self._feed = feed
        self._headers = headers
        self._due = first
        self._heartbeat = heartbeat
        self._heartbeats = heartbeats
        self._last_words = last_words
        self._failure: Exception | None = None
        self._waiting = Interruption()
        self._sending = False
        self._closed = False
        self._stop_sending: Callable[[], object] = _do_nothing
        # An event is sent in the context of who gets it, not of who has published it.
        self._context = copy_context()

    async def run(self, receive: Receive) -> None:
        """Send until the client is gone. Raises what the feed or the server raises.

        What is left of the request's body is dropped.
        """
        try:
            async with self._waiting:
                self._wake()
                # Not by the body's `wait_for_disconnect`: one coroutine less for each stream.
                while (await receive())["type"] != "http.disconnect":
                    # A middleware's `receive` may say the same again and again.
                    await checkpoint()
        finally:
            self._closed = True
            self._feed.close()
            self._heartbeats.stop(self)
            self._stop_sending()
        if self._failure is not None:
            raise self._failure

    def _wake(self) -> None:
        # One that is sending looks again before it ends.
        if not self._sending:
            self._stop_sending = start_task(self._send, self._context)
            self._sending = True

    def beat(self) -> None:
        """Send a heartbeat."""
        self._due = self._heartbeat
        self._wake()

    async def _send(self) -> None:
        try:
            if not self._response.started:
                await self._response.start(200, self._headers)
            await self._send_chunks()
        except Exception as failure:
            self._failure = failure
            self._waiting.interrupt()
            return
        # On Trio a task that was cancelled goes on until it waits.
        if not self._closed:
            self._feed.call_once(self._wake)
            self._sending = False
            # What stops a task keeps it in memory.
            self._stop_sending = _do_nothing

    async def _send_chunks(self) -> None:
        try:
            chunk = self._take()
            while chunk:
                await self._response.write(chunk)
                if self._closed:
                    return
                self._heartbeats.restart(self)
                if chunk := self._take():
                    # `send` need not await, and so much to send must not keep the loop.
                    await checkpoint()
        except ClientDisconnected:
            raise
        except Exception:
            # Where the client is gone as well, the failure is still what there is to tell.
            with suppress(ClientDisconnected):
                await self._response.write(self._last_words)
            raise

    def _take(self) -> bytes:
        due, self._due = self._due, b""
        return due or self._feed.take()


def _do_nothing() -> None:
    pass
