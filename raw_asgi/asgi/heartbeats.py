"""When a stream was silent for too long."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from raw_asgi.tasks import call_later


class Beating(Protocol):
    """What may be silent for too long."""

    def beat(self) -> None:
        """End the silence. Must not raise, nor call back."""


class Heartbeats:
    """Has each stream beat that was silent for `seconds`.

    One timer for all: one each would be a sixth of what an idle stream takes.
    """

    def __init__(self, seconds: float) -> None:
        # Of less than a clock can tell there would be no end in one look.
        self._seconds = max(seconds, 0.001)
        # The time when each was last heard of, the one silent for longest first.
        self._heard: OrderedDict[Beating, float] = OrderedDict()
        self._stop_timer: Callable[[], object] | None = None

    def restart(self, stream: Beating) -> None:
        """Have it beat when it was silent for so long from now on."""
        self._heard[stream] = time.monotonic()
        self._heard.move_to_end(stream)
        if self._stop_timer is None:
            self._stop_timer = call_later(self._seconds, self._look)

    def stop(self, stream: Beating) -> None:
        """Have it beat no more."""
        self._heard.pop(stream, None)
        if not self._heard and self._stop_timer is not None:
            self._stop_timer()
            self._stop_timer = None

    def _look(self) -> None:
        now = time.monotonic()
        while (left := self._find_left(now)) <= 0:
            stream, _ = self._heard.popitem(last=False)
            self._heard[stream] = now
            stream.beat()
        self._stop_timer = call_later(left, self._look)

    def _find_left(self, now: float) -> float:
        return next(iter(self._heard.values())) + self._seconds - now
