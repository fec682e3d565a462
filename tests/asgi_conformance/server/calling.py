"""Calling: an application that takes its arguments by position alone, given as a middleware."""

from __future__ import annotations

from asgi_conformance.recorder import Application, Receive, Scope, Send


def name_otherwise(application: Application) -> Application:
    """The same application, whose parameters do not have the names of the specification."""

    async def called(first: Scope, second: Receive, third: Send, /) -> None:
        await application(first, second, third)

    return called
