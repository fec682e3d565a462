"""granian."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from asgi_conformance.servers.server import SUBJECT, TLS, Mode, Server


class Granian(Server):
    """granian with one worker. A mode's options: the loop, the runtime, the HTTP version.

    A main process starts the worker and is the one to be told to stop.
    """

    distributions = ("granian",)
    modes = (
        Mode("asyncio", "1.1", ("asyncio", "mt", "1")),
        Mode("uvloop", "1.1", ("uvloop", "mt", "1"), ("uvloop",)),
        Mode("asyncio-st", "1.1", ("asyncio", "st", "1")),
        Mode("asyncio-h2", "2", ("asyncio", "mt", "2")),
    )

    # granian has no option for a socket that is there already. Where it makes one itself and
    # hands it to its workers (for a UNIX domain socket on every system, for TCP on all but
    # Linux), it is given the suite's; all else is its own command line.
    _PROGRAM = (
        "import socket, sys\n"
        "from granian import cli\n"
        "from granian.net import SocketHolder\n"
        "from granian.server.common import AbstractServer\n"
        "descriptor = int(sys.argv.pop(1))\n"
        "def adopt(server):\n"
        "    listener = socket.socket(fileno=descriptor)\n"
        "    server.bind_addr, server.bind_port = listener.getsockname()\n"
        "    server._sfd = listener.detach()\n"
        "    server._shd = SocketHolder(server._sfd, False, server.backlog)\n"
        "AbstractServer._init_shared_socket = adopt\n"
        "cli.entrypoint()\n"
    )

    def command(
        self, mode: Mode, descriptor: int, root_path: str, tls: TLS | None
    ) -> Sequence[str]:
        loop, runtime, http = mode.options
        files = tls and ("--ssl-certificate", str(tls.certfile), "--ssl-keyfile", str(tls.keyfile))
        return [
            # Were the socket not adopted, port 0 would have the start fail, and harm nobody.
            *(sys.executable, "-c", self._PROGRAM, str(descriptor), "--port", "0"),
            *("--interface", "asgi", "--loop", loop, "--runtime-mode", runtime, "--http", http),
            *("--url-path-prefix", root_path) * bool(root_path),
            *("--access-log", "--workers-kill-timeout", "2", *(files or ()), SUBJECT),
        ]
