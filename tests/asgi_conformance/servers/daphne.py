"""daphne."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from asgi_conformance.servers.server import SUBJECT, TLS, Mode, Server


class Daphne(Server):
    """daphne in the process that is started, on Twisted's asyncio reactor.

    There is no mode for HTTP/2: Twisted speaks it only where TLS has negotiated it (ALPN), never
    by prior knowledge on a connection in the clear.
    """

    distributions = ("daphne", "twisted")

    # For an inherited socket (`fd:`) Twisted has no description with TLS; it is wrapped as that
    # of `ssl:` is. daphne must be imported first, since it chooses the reactor.
    _ENCRYPTED = (
        "import pathlib, sys\n"
        "from daphne import cli, server\n"
        "from twisted.internet import ssl\n"
        "from twisted.protocols.tls import TLSMemoryBIOFactory\n"
        "pem = b''.join(pathlib.Path(sys.argv.pop(1)).read_bytes() for _ in range(2))\n"
        "options = ssl.PrivateCertificate.loadPEM(pem).options()\n"
        "class Encrypted:\n"
        "    def __init__(self, *description):\n"
        "        self.endpoint = from_string(*description)\n"
        "    def listen(self, factory):\n"
        "        return self.endpoint.listen(TLSMemoryBIOFactory(options, False, factory))\n"
        "from_string, server.serverFromString = server.serverFromString, Encrypted\n"
        "cli.CommandLineInterface.entrypoint()\n"
    )

    def command(
        self, mode: Mode, descriptor: int, root_path: str, tls: TLS | None
    ) -> Sequence[str]:
        encrypted = tls and ("-c", self._ENCRYPTED, str(tls.certfile), str(tls.keyfile))
        return [
            *(sys.executable, *(encrypted or ("-m", "daphne")), "--fd", str(descriptor)),
            *("--root-path", root_path, "--access-log", "-", *mode.options, SUBJECT),
        ]
