"""What can go wrong, by whose fault it is: the client's, the application's, or nobody's."""

from __future__ import annotations


class BadRequest(Exception):
    """The request is malformed, or asks for what is not there; `status` answers it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class InvalidEvent(ValueError):
    """The application sent a message that is malformed or out of turn.

    Raised out of `send` (ASGI, Error Handling).
    """


class ClientDisconnected(OSError):
    """The client is gone. Raised out of `send` (ASGI HTTP 2.4, Disconnected Client)."""


class StartupFailed(Exception):
    """The application sent `lifespan.startup.failed`; its message is the text."""


def is_disconnect(error: BaseException) -> bool:
    """Whether nothing but the client's leaving is told, also where a task group wrapped it."""
    if isinstance(error, BaseExceptionGroup):
        return error.split(ClientDisconnected)[1] is None
    return isinstance(error, ClientDisconnected)
