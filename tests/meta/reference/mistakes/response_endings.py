"""Mistakes in how a response ends whose application does not end it."""

from __future__ import annotations

from reference.policy import Policy
from reference.response import Response
from reference.types import Application, Message, Receive, Scope, Send


class LeavesOpen(Policy):
    """The client is told nothing."""

    def end_early(self, response: Response, status: int) -> None:
        pass


class AlwaysBreaksOff(Policy):
    """A failure is answered by the end of the connection."""

    def end_early(self, response: Response, status: int) -> None:
        del status  # is not told
        response.abort()


def _end_well(
    application: Application, errors: tuple[type[Exception], ...], returns: bool
) -> Application:
    """Complete the response, if need be with a 200, after these errors, or after the return."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        started = complete = False

        async def watch(message: Message) -> None:
            nonlocal started, complete
            await send(message)
            started = started or message["type"] == "http.response.start"
            is_body = message["type"] == "http.response.body"
            complete = complete or (is_body and not message.get("more_body", False))

        try:
            await application(scope, receive, watch)
        except errors:
            pass
        else:
            if not returns:
                return
        if scope["type"] == "http" and not complete:
            if not started:
                await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body"})

    return broken


def ending_well_after_errors(application: Application) -> Application:
    """A failure ends the response."""
    return _end_well(application, (Exception,), returns=False)


def ending_well_after_os_errors(application: Application) -> Application:
    """An OSError, whoever raised it, says that the client is gone."""
    return _end_well(application, (OSError,), returns=False)


def ending_well_after_connection_errors(application: Application) -> Application:
    """A ConnectionError, whoever raised it, says that the client is gone."""
    return _end_well(application, (ConnectionError,), returns=False)


def ending_well_after_return(application: Application) -> Application:
    """To return ends the response."""
    return _end_well(application, (), returns=True)
