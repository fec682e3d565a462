"""The lifespan protocol, for an application that has nothing to start (lifespan.rst)."""

from __future__ import annotations

from raw_asgi.asgi.types import Receive, Send


async def run_lifespan(receive: Receive, send: Send) -> None:
    """Answer startup and shutdown. Everything works without: what is mounted gets none."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
