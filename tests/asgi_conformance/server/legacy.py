"""A legacy application of ASGI 2: two callables, of which the first is called with the scope."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgi_conformance.recorder import Application, Receive, Scope, Send

Instance = Callable[[Receive, Send], Awaitable[None]]


def make_legacy(application: Application) -> Callable[[Scope], Instance]:
    """The same application in the older style. Given to the suite as a middleware."""

    def call(scope: Scope) -> Instance:
        async def instance(receive: Receive, send: Send) -> None:
            await application(scope, receive, send)

        return instance

    return call
