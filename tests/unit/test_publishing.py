"""Publishing from within the program: `raw_asgi.Events.publish`."""

from __future__ import annotations

import anyio
import pytest
from anyio import to_thread
from fakes import PATIENCE, Client, Sent, make_scope

from raw_asgi import Events


def test_publish_gives_the_id() -> None:
    events = Events()
    assert [events.publish("news", "one"), events.publish("news", "two")] == [1, 2]


@pytest.mark.parametrize("channel", ["", "a b", "a/b", "x" * 65, "clock"])
def test_a_channel_that_nobody_can_read_is_refused(channel: str) -> None:
    with pytest.raises(ValueError, match="no channel"):
        Events().publish(channel, "lost")


@pytest.mark.anyio
async def test_publishing_from_a_thread_is_refused_and_harms_nobody() -> None:
    events, client, sent = Events(), Client(), Sent()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(events, make_scope(path="/news"), client.receive, sent.send)
        await sent.until(lambda: len(sent.pieces) == 1)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(RuntimeError):
            await to_thread.run_sync(events.publish, "news", "from a thread")
        assert events.publish("news", "from the loop") == 1
        with anyio.fail_after(PATIENCE):
            await sent.until(lambda: len(sent.pieces) == 2)
        client.leave()
    assert sent.pieces[1] == b"id: 1\ndata: from the loop\n\n"
