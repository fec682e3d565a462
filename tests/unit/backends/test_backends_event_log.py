"""Event logs, cursors, channels: `raw_asgi.backends.event_log`. CONTRACT.md, *Events*."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import anyio
import pytest
from fakes import PATIENCE

from raw_asgi.backends.event_log import Channels, Cursor, EventLog, Gap


def _encode(number: int) -> bytes:
    return b"event %d\n" % number


def _log(capacity: int, events: int) -> EventLog:
    log = EventLog(capacity)
    for _ in range(events):
        log.append(_encode)
    return log


def test_ids_begin_at_one() -> None:
    log = EventLog(3)
    assert [log.append(_encode) for _ in range(5)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("events", "oldest", "newest"), [(0, 1, 0), (1, 1, 1), (3, 1, 3), (4, 2, 4), (10, 8, 10)]
)
def test_a_log_remembers_its_capacity(events: int, oldest: int, newest: int) -> None:
    log = _log(3, events)
    assert (log.oldest, log.newest) == (oldest, newest)


@pytest.mark.parametrize(
    ("after", "size", "expected"),
    [
        (7, 1000, (b"event 8\nevent 9\nevent 10\n", 10)),
        (8, 1000, (b"event 9\nevent 10\n", 10)),
        (10, 1000, (b"", 10)),
        (7, 1, (b"event 8\n", 8)),
        (7, 8, (b"event 8\n", 8)),
        (7, 9, (b"event 8\nevent 9\n", 9)),
    ],
)
def test_read(after: int, size: int, expected: tuple[bytes, int]) -> None:
    assert _log(3, 10).read(after, size) == expected


def test_an_event_that_cannot_be_encoded_takes_no_id() -> None:
    def fail(_number: int) -> bytes:
        raise ValueError("no event")

    log = _log(3, 1)
    with pytest.raises(ValueError, match="no event"):
        log.append(fail)
    assert log.append(_encode) == 2


@pytest.mark.parametrize(
    ("events", "last_seen", "expected"),
    [
        # from now on
        (0, None, [b""]),
        (10, None, [b""]),
        # a replay
        (2, 0, [b"event 1\nevent 2\n", b""]),
        (2, 1, [b"event 2\n", b""]),
        (2, 2, [b""]),
        (10, 7, [b"event 8\nevent 9\nevent 10\n", b""]),
        # the log does not reach back
        (10, 6, [Gap(7, 7), b"event 8\nevent 9\nevent 10\n", b""]),
        (10, 0, [Gap(1, 7), b"event 8\nevent 9\nevent 10\n", b""]),
        # an id of the future
        (10, 11, [Gap(1, 10), b""]),
        (10, 9999999999999999999, [Gap(1, 10), b""]),
        (0, 7, [Gap(1, 0), b""]),
    ],
)
def test_cursor(events: int, last_seen: int | None, expected: list[Gap | bytes]) -> None:
    cursor = Cursor(_log(3, events), last_seen)
    assert [cursor.take(1000) for _ in expected] == expected


def test_after_an_id_of_the_future_the_stream_goes_on_live() -> None:
    log = _log(3, 2)
    cursor = Cursor(log, 7)
    assert cursor.take(1000) == Gap(1, 2)
    log.append(_encode)
    assert cursor.take(1000) == b"event 3\n"


def test_a_subscriber_that_falls_behind_is_told() -> None:
    log = _log(3, 2)
    cursor = Cursor(log, None)
    for _ in range(5):
        log.append(_encode)
    assert cursor.take(1000) == Gap(3, 4)
    assert cursor.take(1000) == b"event 5\nevent 6\nevent 7\n"


def test_a_cursor_gives_the_very_bytes_of_the_log() -> None:
    """However many subscribers, an event is held once."""
    events: list[bytes] = []

    def encode(number: int) -> bytes:
        events.append(b"event %d\n" % number)
        return events[-1]

    log = EventLog(3)
    cursors = [Cursor(log, None), Cursor(log, None)]
    log.append(encode)
    assert all(cursor.take(1) is events[0] for cursor in cursors), "the event was copied"


@pytest.mark.anyio
async def test_wait_returns_at_once_where_there_is_something() -> None:
    with anyio.fail_after(PATIENCE):
        await Cursor(_log(3, 2), 0).wait()
        await Cursor(_log(3, 10), 1).wait()


@pytest.mark.anyio
async def test_all_subscribers_are_woken() -> None:
    log = _log(3, 2)
    taken: list[Gap | bytes] = []

    async def subscribe() -> None:
        cursor = Cursor(log, None)
        await cursor.wait()
        taken.append(cursor.take(1000))

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(subscribe)
            await anyio.wait_all_tasks_blocked()
            assert taken == [], "woken without an event"
            log.append(_encode)
    assert taken == [b"event 3\n"] * 3


@pytest.mark.anyio
async def test_a_callback_is_called_at_the_next_event_and_then_no_more() -> None:
    log = _log(3, 2)
    cursor = Cursor(log, None)
    taken: list[Gap | bytes] = []
    cursor.call_once(lambda: taken.append(cursor.take(1000)))
    assert taken == []
    log.append(_encode)
    log.append(_encode)
    assert taken == [b"event 3\n"]


@pytest.mark.anyio
async def test_a_callback_may_ask_for_another() -> None:
    log = _log(3, 2)
    cursor = Cursor(log, None)
    taken: list[Gap | bytes] = []

    def take() -> None:
        taken.append(cursor.take(1000))
        cursor.call_once(take)

    cursor.call_once(take)
    log.append(_encode)
    log.append(_encode)
    assert taken == [b"event 3\n", b"event 4\n"]


@pytest.mark.anyio
async def test_callbacks_are_called_in_the_order_of_their_asking() -> None:
    log = _log(3, 0)
    called: list[int] = []
    for number in range(3):
        Cursor(log, None).call_once(lambda number=number: called.append(number))  # type: ignore[misc]
    log.append(_encode)
    assert called == [0, 1, 2]


@pytest.mark.anyio
async def test_a_callback_can_be_forgotten() -> None:
    log = _log(3, 0)
    forgotten, other = Cursor(log, None), Cursor(log, None)
    called: list[str] = []
    forgotten.call_once(lambda: called.append("forgotten"))
    other.call_once(lambda: called.append("other"))
    forgotten.forget()
    log.append(_encode)
    forgotten.forget()
    assert called == ["other"]


def _publish(channels: Channels, name: str, encode: Callable[[int], bytes] = _encode) -> int:
    return channels.publish(name, encode)


def test_channels_count_by_themselves() -> None:
    channels = Channels(3)
    assert [_publish(channels, name) for name in ("a", "b", "a")] == [1, 1, 2]


def test_subscribe() -> None:
    channels = Channels(3)
    with channels.subscribe("a", None) as cursor:
        _publish(channels, "a")
        _publish(channels, "b")
        assert cursor.take(1000) == b"event 1\n"
        assert cursor.take(1000) == b""


def test_open_and_close() -> None:
    channels = Channels(3, remembered=1)
    cursor = channels.open("a", None)
    _publish(channels, "a")
    _publish(channels, "b")
    assert cursor.take(1000) == b"event 1\n"
    assert _publish(channels, "a") == 2, "forgotten, though it was open"
    channels.close("a")
    _publish(channels, "c")
    assert _publish(channels, "a") == 1, "remembered, though it was closed"


def test_the_channel_idle_longest_is_forgotten() -> None:
    channels = Channels(3, remembered=2)
    for name in ("a", "b", "a", "c"):
        _publish(channels, name)
    assert [_publish(channels, name) for name in ("a", "c")] == [3, 2], "an idler one was there"
    assert _publish(channels, "b") == 1, "more channels are remembered than were to be"


def test_a_channel_with_a_subscriber_is_not_forgotten() -> None:
    channels = Channels(3, remembered=1)
    with channels.subscribe("a", None) as cursor:
        for name in ("b", "c", "d"):
            _publish(channels, name)
        assert _publish(channels, "a") == 1
        assert cursor.take(1000) == b"event 1\n", "the subscriber reads a log that is forgotten"


def test_a_channel_is_idle_from_its_last_subscriber_on() -> None:
    channels = Channels(3, remembered=2)
    _publish(channels, "a")
    with channels.subscribe("a", None):
        _publish(channels, "b")
    _publish(channels, "c")
    assert _publish(channels, "a") == 2, "forgotten, though b was idle for longer"


def test_a_subscriber_that_fails_is_one_no_longer() -> None:
    channels = Channels(3, remembered=1)
    _publish(channels, "a")
    with pytest.raises(RuntimeError, match="left"), channels.subscribe("a", None):
        raise RuntimeError("left")
    _publish(channels, "b")
    assert _publish(channels, "a") == 1


def test_many_idle_channels_are_forgotten_together() -> None:
    channels = Channels(1, remembered=2)
    with ExitStack() as subscriptions:
        for number in range(10):
            subscriptions.enter_context(channels.subscribe(f"crowd-{number}", None))
    for name in ("one", "two"):
        channels.publish(name, lambda number: b"event %d" % number)
    with channels.subscribe("one", 0) as cursor:
        assert cursor.take(100) == b"event 1"
    assert len(channels._logs) == 2, "channels that nobody listens to are kept beyond the limit"


def test_an_event_that_cannot_be_encoded_makes_no_channel() -> None:
    channels = Channels(3, remembered=1)
    channels.publish("kept", _encode)
    with pytest.raises(ValueError, match="no text"):
        channels.publish("never", _refuse)
    assert channels.publish("kept", _encode) == 2


def _refuse(_number: int) -> bytes:
    raise ValueError("no text")
