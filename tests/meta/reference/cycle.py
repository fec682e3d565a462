"""The cycle of one request: the application is called with `receive` and `send`."""

from __future__ import annotations

from reference.errors import ClientDisconnected
from reference.framing import CONTINUE
from reference.policy import Policy
from reference.request import Request
from reference.request_body import RequestBody
from reference.response import Response
from reference.types import Application, Message, Scope
from reference.wire import Wire

_FAILED = 500
_STOPPING = 503


class Cycle:
    """One call of the application."""

    def __init__(
        self, policy: Policy, request: Request, scope: Scope, body: RequestBody, wire: Wire
    ) -> None:
        self._policy = policy
        self._request = request
        self._scope = scope
        self._offered = frozenset(scope["extensions"])
        self._body = body
        self._wire = wire
        self._response = Response(policy, request, wire)
        self._invited = False
        self._taken = False
        self._told = False

    async def run(self, application: Application) -> None:
        """Call the application; ends the response where it does not. Raises nothing."""
        error: BaseException | None = None
        try:
            await application(self._scope, self.receive, self.send)
        except BaseException as raised:
            error = raised
        if self._response.complete and error is None:
            return
        # To leave when the client is gone, or the server stops, is what is asked for.
        if error is not None or not (self._gone or self._body.stopping):
            self._policy.report(self._request, error)
        if self._response.complete or self._wire.closed:
            return
        if self._gone and self._body.refusal is None:
            self._wire.abort()
        else:
            otherwise = _STOPPING if self._body.stopping else _FAILED
            self._policy.end_early(self._response, self._body.refusal or otherwise)

    async def receive(self) -> Message:
        """The next event; may be cancelled without losing one (ASGI HTTP)."""
        self._invite()
        while True:
            if self._response.complete:
                return {"type": "http.disconnect"}
            message = self._policy.next_message(self._body, self._taken)
            if message is not None:
                self._note(message)
                return message
            await self._body.wait()

    async def send(self, message: Message) -> None:
        """Do what the message says.

        Raises `InvalidEvent`, `ClientDisconnected`, and `OSError` for files that cannot be read.
        """
        if self._response.complete:
            return
        event = self._policy.parse_event(message, self._offered)
        if self._gone:
            raise ClientDisconnected("the client is gone")
        await self._response.send(event)
        # A `receive` that waits may have to tell now that the response is complete.
        self._body.notify()

    @property
    def _gone(self) -> bool:
        """Whether nobody is there to send to.

        A client that sends nothing more may still read, as long as the application was not told
        that it is gone: after `http.disconnect`, `send` fails.
        """
        return self._wire.closed or self._body.lost or (self._told and self._body.left)

    def _note(self, message: Message) -> None:
        if message["type"] == "http.disconnect":
            self._told = True
        elif not message["more_body"]:
            self._taken = True

    def _invite(self) -> None:
        if not self._invited and not self._response.begun:
            self._invited = True
            if self._policy.invites(self._request, self._body):
                self._wire.inform(CONTINUE, [])
