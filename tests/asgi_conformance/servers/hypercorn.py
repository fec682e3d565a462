"""hypercorn."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from asgi_conformance.servers.server import SUBJECT, TLS, Mode, Server


class Hypercorn(Server):
    """hypercorn. A mode's options: the class of the worker, and how many are started.

    It finds out by itself which protocol the client speaks. With no worker it serves in the
    process that is started. trio's has one, since without it SIGTERM kills hypercorn on the
    spot: none of its trio code listens to signals.
    """

    distributions = ("hypercorn",)
    modes = (
        Mode("asyncio", "1.1", ("asyncio", "0")),
        Mode("uvloop", "1.1", ("uvloop", "0"), ("uvloop",)),
        Mode("trio", "1.1", ("trio", "1"), ("trio",)),
        Mode("asyncio-h2", "2", ("asyncio", "0")),
        Mode("uvloop-h2", "2", ("uvloop", "0"), ("uvloop",)),
        Mode("trio-h2", "2", ("trio", "1"), ("trio",)),
    )

    def command(
        self, mode: Mode, descriptor: int, root_path: str, tls: TLS | None
    ) -> Sequence[str]:
        worker, workers = mode.options
        files = tls and ("--certfile", str(tls.certfile), "--keyfile", str(tls.keyfile))
        return [
            *(sys.executable, "-m", "hypercorn", "--bind", f"fd://{descriptor}"),
            *("--worker-class", worker, "--workers", workers, "--graceful-timeout", "2"),
            *("--access-logfile", "-", "--error-logfile", "-", "--root-path", root_path),
            *(*(files or ()), SUBJECT),
        ]
