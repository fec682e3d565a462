"""Turns: work in threads that wants Python's lock all the time, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar

from raw_asgi.tasks import call_later

_SECONDS = 0.01


class _Turns:
    """Those of one event loop."""

    def __init__(self) -> None:
        self.limiter = CapacityLimiter(1)
        self.waiting = 0


_turns: RunVar[_Turns] = RunVar("raw_asgi.backends.turns")


class Turn:
    """`async with turn:` around such work; once it is left it can be taken again.

    Threads that all want the lock at once spend their time on passing it: SQLite gives it away
    for each row, and 64 exports then take seven times as long as in turn. What works for longer
    than 10 ms is let work on, but keeps no other waiting: it may itself wait for something.
    """

    def __init__(self) -> None:
        self._turns: _Turns | None = None
        self._held = False
        self._stop_timer: Callable[[], object]

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for a turn. May be asked in the thread."""
        return self._turns is not None and self._turns.waiting > 0

    async def __aenter__(self) -> None:
        turns = _turns.get(None)
        if turns is None:
            turns = _Turns()
            _turns.set(turns)
        turns.waiting += 1
        try:
            await turns.limiter.acquire_on_behalf_of(self)
        finally:
            turns.waiting -= 1
        self._turns, self._held = turns, True
        self._stop_timer = call_later(_SECONDS, self._give_up)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop_timer()
        self._give_up()

    def _give_up(self) -> None:
        if self._held and self._turns is not None:
            self._held = False
            self._turns.limiter.release_on_behalf_of(self)
