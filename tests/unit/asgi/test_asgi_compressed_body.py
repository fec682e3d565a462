"""A body that is compressed beside its application: who waits for whom, and what fails where."""

from __future__ import annotations

import gzip
import zlib

import anyio
import pytest
from fakes import PATIENCE, BrokenConnection, Sent

from raw_asgi.asgi.compressed_body import CompressedBody
from raw_asgi.asgi.types import Message, Send

pytestmark = pytest.mark.anyio

NEVER = 3600.0  # a flush by time that no test lives to see

# So much is compressed at a time; rows with their numbers, that none may come twice or astray.
ENOUGH = 128 * 1024
LAST: Message = {"type": "http.response.body", "body": b"", "more_body": False}


def make_piece(number: int, size: int = ENOUGH) -> bytes:
    """One of many pieces, each other than the ones before."""
    return b"".join(b"%07d\n" % (number * size + row) for row in range(size // 8))


def decode(sent: Sent) -> bytes:
    """What a client can make of the pieces that have arrived."""
    return zlib.decompressobj(wbits=31).decompress(sent.body)


class StuckServer(Sent):
    """A server whose client takes the first message, and nothing more until it goes on."""

    def __init__(self) -> None:
        super().__init__()
        self._go_on = anyio.Event()
        self.stuck = anyio.Event()

    def go_on(self) -> None:
        self._go_on.set()

    async def send(self, message: Message) -> None:
        if self.messages:
            self.stuck.set()
            await self._go_on.wait()
        await super().send(message)


class BrokenServer(BrokenConnection):
    """A server that raises something of its own."""

    async def send(self, message: Message) -> None:
        try:
            await super().send(message)
        except OSError as error:
            raise RuntimeError(str(error)) from error


class Writing:
    """A body whose pieces are written by a task, with the count of those that were taken."""

    def __init__(self, send: Send, *, flush_seconds: float = NEVER) -> None:
        self.body = CompressedBody(send, flush_seconds, at_once=False)
        self.taken = 0

    async def write(self, *pieces: bytes) -> None:
        for piece in pieces:
            await self.body.write(piece)
            self.taken += 1


async def test_the_next_piece_is_made_while_one_is_sent_and_no_more_than_that() -> None:
    server = StuckServer()
    writing = Writing(server.send)
    pieces = [make_piece(number) for number in range(6)]
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writing.body.write_behind)
            tasks.start_soon(writing.write, *pieces)
            await server.stuck.wait()
            await anyio.wait_all_tasks_blocked()
            # The first has left, the second is in `send`, the third waits to be taken.
            assert writing.taken == 2
            server.go_on()
            await server.until(lambda: writing.taken == 6)
            await writing.body.finish(LAST)
            tasks.cancel_scope.cancel()
    assert gzip.decompress(server.body) == b"".join(pieces)


async def test_small_pieces_are_taken_until_they_are_enough() -> None:
    server = StuckServer()
    writing = Writing(server.send)
    small = [make_piece(number, 16 * 1024) for number in range(40)]
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writing.body.write_behind)
            tasks.start_soon(writing.write, *small)
            await server.stuck.wait()
            await anyio.wait_all_tasks_blocked()
            # One has left, eight of 16 KiB are in `send`, seven wait and the eighth is too much.
            assert writing.taken == 1 + 8 + 7
            tasks.cancel_scope.cancel()


async def test_an_application_that_never_waits_is_flushed_when_it_is_due() -> None:
    sent = Sent()
    writing = Writing(sent.send, flush_seconds=1e-9)
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writing.body.write_behind)
            await writing.write(b"one ", b"two ", b"three ")
            # When the third was taken, the second had been sent.
            assert decode(sent).startswith(b"one two ")
            tasks.cancel_scope.cancel()


@pytest.mark.parametrize("server", [BrokenConnection, BrokenServer])
async def test_the_server_s_failure_is_raised_to_who_waits_and_to_who_writes_next(
    server: type[BrokenConnection],
) -> None:
    connection = server(1)
    writing = Writing(connection.send)
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writing.body.write_behind)
            await writing.write(b"first")
            with pytest.raises((OSError, RuntimeError), match="the client is gone"):
                await writing.write(make_piece(1), make_piece(2), make_piece(3))
            with pytest.raises((OSError, RuntimeError), match="the client is gone"):
                await writing.write(b"more")
            with pytest.raises((OSError, RuntimeError), match="the client is gone"):
                await writing.body.finish(LAST)
            # There is nobody left to deliver to.
            await writing.body.break_off()
    assert len(connection.messages) == 1


async def test_another_message_leaves_after_all_that_came_before_it() -> None:
    sent = Sent()
    writing = Writing(sent.send)
    between: Message = {"type": "http.response.unheard_of"}
    before = [make_piece(0), make_piece(1), make_piece(2, 64 * 1024)]
    after = [make_piece(3), make_piece(4)]
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writing.body.write_behind)
            await writing.write(*before)
            await anyio.wait_all_tasks_blocked()
            await writing.body.send_between(between)
            assert sent.messages[-1] == between
            assert decode(sent) == b"".join(before)
            # `write_behind`, which waited meanwhile, is to hear that there is enough again.
            await writing.write(*after)
            await writing.body.finish(LAST)
            tasks.cancel_scope.cancel()
    assert sent.types.count("http.response.body") == len(sent.types) - 1
    assert gzip.decompress(sent.body) == b"".join([*before, *after])


async def test_what_was_written_before_a_failure_is_delivered() -> None:
    sent = Sent()
    writing = Writing(sent.send)
    pieces = [make_piece(number, 16 * 1024) for number in range(12)]
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writing.body.write_behind)
            await writing.write(*pieces)
            await writing.body.break_off()
            tasks.cancel_scope.cancel()
    assert decode(sent) == b"".join(pieces)
    assert not sent.finished


@pytest.mark.parametrize("at_once", [False, True])
async def test_the_first_piece_has_left_when_it_was_written(at_once: bool) -> None:
    sent = Sent()
    body = CompressedBody(sent.send, NEVER, at_once=at_once)
    with anyio.fail_after(PATIENCE):
        await body.write(b"")
        assert sent.messages == []
        await body.write(b"first")
        assert decode(sent) == b"first"
        await body.write(b", second")
        assert decode(sent) == (b"first, second" if at_once else b"first")


async def test_after_a_piece_that_was_cancelled_there_is_no_clean_end() -> None:
    server = StuckServer()
    body = CompressedBody(server.send, NEVER, at_once=True)
    await body.write(b"one")
    with anyio.move_on_after(0.01):
        await body.write(b"two")
    server.go_on()
    with pytest.raises(RuntimeError, match="a piece of the body was cancelled on its way"):
        await body.finish(LAST)
    assert not server.finished


async def test_the_failure_of_an_application_outlives_one_of_its_server() -> None:
    body = CompressedBody(BrokenServer(taken=1).send, NEVER, at_once=False)
    await body.write(b"one")
    await body.write(b"two")
    await body.break_off()
