"""A server that takes its time to be gone."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from asgi_conformance.servers.server import TLS, Mode
from asgi_conformance.servers.uvicorn import Uvicorn


class Lingering(Uvicorn):
    """Its process stays for a while after it has closed all it had, as under load any may."""

    _LINGERS = (
        "import os, subprocess, sys, time\n"
        "descriptor = int(sys.argv[1])\n"
        "server = subprocess.Popen(sys.argv[2:], pass_fds=[descriptor])\n"
        "os.close(descriptor)\n"
        "server.wait()\n"
        "time.sleep(0.5)\n"
    )

    def command(
        self, mode: Mode, descriptor: int, root_path: str, tls: TLS | None
    ) -> Sequence[str]:
        command = super().command(mode, descriptor, root_path, tls)
        return [sys.executable, "-c", self._LINGERS, str(descriptor), *command]
