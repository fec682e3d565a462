"""The switch: the application and the policy, whole until the server is told to err.

`POST /break/reference.mistakes.examples:WithoutLastChunk` puts that mistake in, `POST /break/`
takes it out; both are answered 204. The environment variable `BROKEN_BY` is the mistake of the
start. An order is always carried out as a whole server would, best by HTTP/1.1 on a connection
of its own.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable

from reference.policy import Policy
from reference.types import Application, Receive, Scope, Send

_ORDER = "/break/"

Mistake = type[Policy] | Callable[[Application], Application]


class Switch:
    """The application that the server runs. A request keeps the mistake that it began with."""

    def __init__(self, application: Application) -> None:
        self.policy = Policy()
        self._whole = self._current = application
        self._put_in(os.environ.get("BROKEN_BY", ""))

    def choose_policy(self, first: bytes) -> Policy:
        """The policy for a connection that begins with these bytes."""
        line = first.partition(b"\r\n")[0]
        return Policy() if _ORDER.encode() in line else self.policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and _ORDER in scope["path"]:
            self._put_in(scope["path"].partition(_ORDER)[2])
            # The policy of a connection stays what it was: the next one is another's.
            headers = [(b"connection", b"close")]
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body"})
        else:
            await self._current(scope, receive, send)

    def _put_in(self, name: str) -> None:
        """Raises `ImportError` and `AttributeError` where there is no such mistake."""
        mistake = _find(name) if name else Policy
        if isinstance(mistake, type):
            self.policy, self._current = mistake(), self._whole
        else:
            self.policy, self._current = Policy(), mistake(self._whole)


def _find(name: str) -> Mistake:
    module, _, attribute = name.partition(":")
    mistake: Mistake = getattr(importlib.import_module(module), attribute)
    return mistake
