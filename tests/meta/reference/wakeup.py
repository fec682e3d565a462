"""Signals: wake all who wait for something to change."""

from __future__ import annotations

import asyncio


class Signal:
    """Who waits looks up what has changed when it is woken; a cancelled wait loses nothing."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def notify(self) -> None:
        """Wake those who wait now."""
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self) -> None:
        """Wait for the next `notify`."""
        await self._event.wait()
