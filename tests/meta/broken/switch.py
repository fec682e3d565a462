"""What the server runs: the whole application, until it is told to break it.

`POST /break/broken.files:without_etag` puts that mistake in, `POST /break/` takes it out. One
server thus does for all controls. The variable `BROKEN_BY` is the mistake of the start.
"""

from __future__ import annotations

import importlib
import os

from broken.messages import AT_THE_TURN, Break, answer
from raw_asgi.asgi.types import ASGIApp, Receive, Scope, Send

_ORDER = "/break/"


class Switch:
    """The application, whole or broken; what a request began with, it ends with."""

    def __init__(self, whole: ASGIApp, current: ASGIApp) -> None:
        self._whole = whole
        self._current = current

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # In any place of the path: the server or a host may have put its own before it.
        if scope["type"] == "http" and _ORDER in scope["path"]:
            while AT_THE_TURN:
                AT_THE_TURN.pop()()
            self._current = _apply(scope["path"].partition(_ORDER)[2], self._whole)
            await answer(send, 204)
        else:
            await self._current(scope, receive, send)


def _apply(name: str, whole: ASGIApp) -> ASGIApp:
    if not name:
        return whole
    module, _, attribute = name.partition(":")
    mistake: Break = getattr(importlib.import_module(module), attribute)
    return mistake(whole)


async def _nothing(_scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, 404)


def _start() -> Switch:
    mistake = os.environ.get("BROKEN_BY", "")
    if mistake.startswith("broken.settings:"):
        # It reads the settings in its own way, and there may be no whole application of them.
        return Switch(_nothing, _apply(mistake, _nothing))
    whole: ASGIApp = importlib.import_module("raw_asgi.main").app
    return Switch(whole, _apply(mistake, whole))


app = _start()
