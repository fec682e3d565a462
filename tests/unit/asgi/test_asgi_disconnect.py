"""The body, and the client's leaving: `raw_asgi.asgi.disconnect`. **cancel**, **flow**."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anyio
import pytest
from fakes import PATIENCE, BrokenConnection, Client, Sent

from raw_asgi.asgi.disconnect import (
    ClientDisconnected,
    RequestBody,
    TellDisconnect,
    read_until_disconnect,
    until_disconnect,
)
from raw_asgi.asgi.types import Message

pytestmark = pytest.mark.anyio


class WorkFailed(Exception):
    """What the work of these tests raises."""


async def _collect(body: RequestBody) -> list[bytes]:
    with anyio.fail_after(PATIENCE):
        return [piece async for piece in body]


async def test_body_comes_in_its_pieces() -> None:
    body = RequestBody(Client(b"one", b"", b"two").receive)
    assert not body.complete
    assert await _collect(body) == [b"one", b"two"]
    assert body.complete


async def test_body_in_the_last_message_counts() -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"all", "more_body": False}

    assert await _collect(RequestBody(receive)) == [b"all"]


async def test_message_without_keys_is_an_empty_last_piece() -> None:
    """www.rst, *Request*: both keys are optional."""

    async def receive() -> Message:
        return {"type": "http.request"}

    assert await _collect(RequestBody(receive)) == []


async def test_after_the_end_nothing_is_asked_for() -> None:
    client = Client(b"one")
    body = RequestBody(client.receive)
    await _collect(body)
    assert await _collect(body) == []
    assert client.taken == 2


async def test_a_piece_is_asked_for_when_the_one_before_was_dealt_with() -> None:
    client = Client(b"one", b"two", b"three")
    seen: list[int] = []
    async for _ in RequestBody(client.receive):
        seen.append(client.taken)
        await anyio.wait_all_tasks_blocked()
    assert seen == [1, 2, 3]


async def test_body_that_breaks_off() -> None:
    client = Client(b"one", complete=False)
    client.leave()
    body = RequestBody(client.receive)
    pieces: list[bytes] = []

    async def read() -> None:
        async for piece in body:
            pieces.append(piece)

    with anyio.fail_after(PATIENCE), pytest.raises(ClientDisconnected):
        await read()
    assert pieces == [b"one"]
    assert not body.complete


async def test_a_body_can_be_left_in_the_middle() -> None:
    """Nothing stays behind for the garbage collector, which in trio would warn."""
    body = RequestBody(Client(b"one", b"two").receive)
    async for piece in body:
        assert piece == b"one"
        break
    assert await _collect(body) == [b"two"]


async def test_oserror_of_the_server_becomes_client_disconnected() -> None:
    send = TellDisconnect(BrokenConnection().send)
    with pytest.raises(ClientDisconnected) as caught:
        await send({"type": "http.response.body"})
    assert isinstance(caught.value.__cause__, OSError)


async def test_other_failures_of_the_server_stay() -> None:
    async def fail(_message: Message) -> None:
        raise RuntimeError("response already finished")

    with pytest.raises(RuntimeError, match="response already finished"):
        await TellDisconnect(fail)({"type": "http.response.body"})


async def test_send_is_passed_on() -> None:
    sent = Sent()
    await TellDisconnect(sent.send)({"type": "http.response.body", "body": b"x"})
    assert sent.messages == [{"type": "http.response.body", "body": b"x"}]


async def test_disconnect_cancels_the_work() -> None:
    client = Client()
    steps: list[str] = []

    async def work() -> None:
        try:
            client.leave()
            await anyio.sleep_forever()
        finally:
            steps.append("released")

    with anyio.fail_after(PATIENCE):
        await until_disconnect(RequestBody(client.receive), work)
    assert steps == ["released"]


async def test_disconnect_is_noticed_behind_a_body_that_nobody_reads() -> None:
    client = Client(b"one", b"two")
    with anyio.fail_after(PATIENCE):
        client.leave()
        await until_disconnect(RequestBody(client.receive), anyio.sleep_forever)
    assert client.taken == 3


async def test_work_that_ends_ends_the_watch() -> None:
    done: list[str] = []

    async def work() -> None:
        await anyio.wait_all_tasks_blocked()
        done.append("work")

    with anyio.fail_after(PATIENCE):
        await until_disconnect(RequestBody(Client().receive), work)
    assert done == ["work"]


async def test_whether_the_work_came_to_its_end_is_told() -> None:
    client = Client()
    with anyio.fail_after(PATIENCE):
        assert await until_disconnect(RequestBody(Client().receive), anyio.lowlevel.checkpoint)
        client.leave()
        assert not await until_disconnect(RequestBody(client.receive), anyio.sleep_forever)


async def test_what_the_work_raises_is_raised_as_it_is() -> None:
    async def work() -> None:
        raise WorkFailed

    with anyio.fail_after(PATIENCE), pytest.raises(WorkFailed):
        await until_disconnect(RequestBody(Client().receive), work)


async def test_an_oserror_of_the_work_stays_what_it_is() -> None:
    async def work() -> None:
        raise OSError("the disk failed")

    with anyio.fail_after(PATIENCE), pytest.raises(OSError, match="the disk failed"):
        await until_disconnect(RequestBody(Client().receive), work)


async def test_cancelled_from_outside() -> None:
    steps: list[str] = []

    async def work() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            steps.append("released")

    with anyio.fail_after(PATIENCE), anyio.CancelScope() as scope:
        scope.cancel()
        await until_disconnect(RequestBody(Client().receive), work)
        steps.append("went on")
    assert steps == ["released"]


async def test_duplex_work_gets_the_whole_body() -> None:
    """The watcher eats none of it."""
    pieces: list[bytes] = []

    async def work(body: AsyncIterator[bytes]) -> None:
        async for piece in body:
            # However long the work takes, no piece goes to the watcher.
            await anyio.wait_all_tasks_blocked()
            pieces.append(piece)

    with anyio.fail_after(PATIENCE):
        await read_until_disconnect(RequestBody(Client(b"one", b"two", b"three").receive), work)
    assert pieces == [b"one", b"two", b"three"]


async def test_duplex_work_is_one_piece_ahead_at_most() -> None:
    client = Client(b"one", b"two", b"three", b"four")
    taken: list[int] = []

    async def work(body: AsyncIterator[bytes]) -> None:
        async for _ in body:
            await anyio.wait_all_tasks_blocked()
            taken.append(client.taken)

    with anyio.fail_after(PATIENCE):
        await read_until_disconnect(RequestBody(client.receive), work)
    assert taken[:2] == [2, 3], "not one piece is read ahead, or more than one"


async def test_duplex_work_is_cancelled_when_the_client_leaves_after_its_body() -> None:
    client = Client(b"one")
    steps: list[str] = []

    async def work(body: AsyncIterator[bytes]) -> None:
        try:
            async for _ in body:
                pass
            client.leave()
            await anyio.sleep_forever()
        finally:
            steps.append("released")

    with anyio.fail_after(PATIENCE):
        await read_until_disconnect(RequestBody(client.receive), work)
    assert steps == ["released"]


async def test_duplex_work_is_cancelled_when_the_body_breaks_off() -> None:
    client = Client(b"one", complete=False)
    client.leave()
    steps: list[str] = []

    async def work(body: AsyncIterator[bytes]) -> None:
        try:
            async for piece in body:
                steps.append(piece.decode())
            steps.append("took it for the end")
        finally:
            steps.append("released")

    with anyio.fail_after(PATIENCE):
        await read_until_disconnect(RequestBody(client.receive), work)
    assert steps == ["one", "released"]


async def test_duplex_work_that_fails_in_the_middle_of_the_body() -> None:
    async def work(body: AsyncIterator[bytes]) -> None:
        async for _ in body:
            # The reader already waits to hand over the next piece.
            await anyio.wait_all_tasks_blocked()
            raise WorkFailed

    with anyio.fail_after(PATIENCE), pytest.raises(WorkFailed):
        await read_until_disconnect(RequestBody(Client(b"one", b"two", b"three").receive), work)


async def test_duplex_work_that_ends_in_the_middle_of_the_body() -> None:
    done: list[bytes] = []

    async def work(body: AsyncIterator[bytes]) -> None:
        done.append(await anext(body))
        await anyio.wait_all_tasks_blocked()

    with anyio.fail_after(PATIENCE):
        await read_until_disconnect(RequestBody(Client(b"one", b"two", b"three").receive), work)
    assert done == [b"one"]


async def test_duplex_work_that_fails_before_the_body() -> None:
    async def work(_body: AsyncIterator[bytes]) -> None:
        raise WorkFailed

    with anyio.fail_after(PATIENCE), pytest.raises(WorkFailed):
        await read_until_disconnect(RequestBody(Client(b"one").receive), work)
