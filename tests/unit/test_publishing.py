"""Publishing from within the program: `raw_asgi.Events.publish`."""

from __future__ import annotations

import pytest

from raw_asgi import Events


def test_publish_gives_the_id() -> None:
    events = Events()
    assert [events.publish("news", "one"), events.publish("news", "two")] == [1, 2]


@pytest.mark.parametrize("channel", ["", "a b", "a/b", "x" * 65, "clock"])
def test_a_channel_that_nobody_can_read_is_refused(channel: str) -> None:
    with pytest.raises(ValueError, match="no channel"):
        Events().publish(channel, "lost")
