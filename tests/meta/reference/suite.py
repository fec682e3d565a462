"""The reference server as the suite starts it: `--asgi-server reference.suite:Reference`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from asgi_conformance.servers import SUBJECT, TLS, Mode, Server


class Reference(Server):
    """One process, one loop. It finds out by itself which protocol the client speaks."""

    modes = (Mode("h1", "1.1"), Mode("h2", "2"))

    def command(
        self, mode: Mode, descriptor: int, root_path: str, tls: TLS | None
    ) -> Sequence[str]:
        del mode  # what is spoken is the client's choice
        files = tls and ("--certfile", str(tls.certfile), "--keyfile", str(tls.keyfile))
        return [
            *(sys.executable, "-m", "reference", SUBJECT, "--fd", str(descriptor)),
            *("--root-path", root_path, *(files or ())),
        ]
