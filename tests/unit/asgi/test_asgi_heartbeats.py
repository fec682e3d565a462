"""When a stream was silent: `raw_asgi.asgi.heartbeats`."""

from __future__ import annotations

import anyio
import pytest
from fakes import PATIENCE

from raw_asgi.asgi.heartbeats import Heartbeats

pytestmark = pytest.mark.anyio


class Stream:
    """Counts its beats; `enough` is set at the third."""

    def __init__(self) -> None:
        self.beats = 0
        self.enough = anyio.Event()

    def beat(self) -> None:
        self.beats += 1
        if self.beats == 3:
            self.enough.set()


async def test_a_silent_stream_beats_again_and_again() -> None:
    heartbeats, stream = Heartbeats(0.001), Stream()
    heartbeats.restart(stream)
    assert stream.beats == 0
    with anyio.fail_after(PATIENCE):
        await stream.enough.wait()
    heartbeats.stop(stream)


async def test_each_stream_beats_by_itself() -> None:
    heartbeats, streams = Heartbeats(0.001), [Stream() for _ in range(3)]
    for stream in streams:
        heartbeats.restart(stream)
    with anyio.fail_after(PATIENCE):
        for stream in streams:
            await stream.enough.wait()
            heartbeats.stop(stream)


async def test_a_stream_that_is_heard_of_does_not_beat() -> None:
    heartbeats, silent, busy = Heartbeats(0.05), Stream(), Stream()
    heartbeats.restart(silent)

    heartbeats.restart(busy)
    with anyio.fail_after(PATIENCE):
        while not silent.beats:
            heartbeats.restart(busy)
            await anyio.lowlevel.checkpoint()
    heartbeats.stop(silent)
    heartbeats.stop(busy)
    assert busy.beats == 0


async def test_a_stream_that_has_stopped_beats_no_more() -> None:
    heartbeats, stopped, other = Heartbeats(0.001), Stream(), Stream()
    heartbeats.restart(stopped)
    heartbeats.restart(other)
    heartbeats.stop(stopped)
    with anyio.fail_after(PATIENCE):
        await other.enough.wait()
    heartbeats.stop(other)
    assert stopped.beats == 0


async def test_after_the_last_has_stopped_it_begins_anew() -> None:
    heartbeats, first, second = Heartbeats(0.001), Stream(), Stream()
    heartbeats.restart(first)
    heartbeats.stop(first)
    heartbeats.restart(second)
    with anyio.fail_after(PATIENCE):
        await second.enough.wait()
    heartbeats.stop(second)
    assert first.beats == 0


async def test_to_stop_what_never_began_does_nothing() -> None:
    Heartbeats(0.001).stop(Stream())
