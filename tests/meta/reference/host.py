"""The host of the application: what all connections share."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from reference.cycle import Cycle
from reference.request import Request
from reference.request_body import RequestBody
from reference.switch import Switch
from reference.wakeup import Signal
from reference.wire import Wire

if TYPE_CHECKING:
    from reference.connection import Connection


class Host:
    """Calls the application for each request, and knows what is running.

    `state` is that of the lifespan; `server_certificate` is in PEM, None without TLS.
    """

    def __init__(
        self,
        switch: Switch,
        *,
        root_path: str = "",
        server_certificate: str | None = None,
    ) -> None:
        self.switch = switch
        self.server_certificate = server_certificate
        self.state: dict[str, Any] = {}
        self.connections: set[Connection] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self._root_path = root_path
        self._changed = Signal()

    def forget(self, connection: Connection) -> None:
        """The connection is over."""
        self.connections.discard(connection)
        self._changed.notify()

    async def wait_until_idle(self) -> None:
        """Wait until nothing runs and nobody is connected."""
        while self.tasks or self.connections:
            await self._changed.wait()

    def start_cycle(
        self,
        connection: Connection,
        request: Request,
        body: RequestBody,
        wire: Wire,
        *,
        pushes: bool,
    ) -> None:
        """Call the application for a request, in a task. `pushes`: the client takes pushes."""
        policy = connection.policy
        scope = policy.build_scope(
            request,
            connection.peer,
            root_path=self._root_path,
            state=policy.copy_state(self.state),
            extensions=policy.list_extensions(pushes),
        )
        cycle = Cycle(policy, request, scope, body, wire)
        task = asyncio.get_running_loop().create_task(cycle.run(self.switch))
        self.tasks.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        self._changed.notify()
