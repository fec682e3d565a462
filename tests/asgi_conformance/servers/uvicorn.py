"""uvicorn."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from asgi_conformance.servers.server import SUBJECT, TLS, Mode, Server


class Uvicorn(Server):
    """uvicorn in the process that is started. A mode's options: the HTTP parser, the loop."""

    distributions = ("uvicorn",)
    modes = (
        # What uvicorn takes by itself where both are installed.
        Mode("httptools-uvloop", "1.1", ("httptools", "uvloop"), ("httptools", "uvloop")),
        Mode("httptools-asyncio", "1.1", ("httptools", "asyncio"), ("httptools",)),
        Mode("h11-asyncio", "1.1", ("h11", "asyncio"), ("h11",)),
        Mode("h11-uvloop", "1.1", ("h11", "uvloop"), ("h11", "uvloop")),
        Mode("zttp-uvloop", "1.1", ("zttp", "uvloop"), ("zttp", "uvloop")),
        Mode("zttp-h2", "2", ("zttp", "uvloop"), ("zttp", "uvloop")),
    )

    # The option --fd takes any socket for a UNIX domain one, which loses TCP_NODELAY and the
    # client's address; the programming interface keeps the socket what it is.
    _PROGRAM = (
        "import json, socket, sys, uvicorn\n"
        "descriptor, application, settings = sys.argv[1:]\n"
        "config = uvicorn.Config(application, **json.loads(settings))\n"
        "uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(descriptor))])\n"
    )

    def command(
        self, mode: Mode, descriptor: int, root_path: str, tls: TLS | None
    ) -> Sequence[str]:
        http, loop = mode.options
        settings = {"http": http, "loop": loop, "http2": mode.http == "2", "root_path": root_path}
        if tls is not None:
            settings |= {"ssl_certfile": str(tls.certfile), "ssl_keyfile": str(tls.keyfile)}
        # Left to itself, uvicorn waits for open streams without end.
        written = json.dumps({**settings, "timeout_graceful_shutdown": 2})
        return [sys.executable, "-c", self._PROGRAM, str(descriptor), SUBJECT, written]
