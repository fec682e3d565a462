"""`python -m benchmarks.servers.uvicorn descriptor application workers`."""

from __future__ import annotations

import socket
import sys

import uvicorn
from uvicorn.supervisors import Multiprocess


def main(descriptor: int, application: str, workers: int) -> None:
    """Serve until ended.

    By the programming interface: the option --fd takes any socket for a UNIX domain one, which
    loses TCP_NODELAY.
    """
    config = uvicorn.Config(
        application,
        workers=workers,
        access_log=False,
        log_level="warning",
        # A thousand subscribers, and 32 workers of a load, are no overload.
        backlog=2048,
        timeout_graceful_shutdown=2,
    )
    sockets = [socket.socket(fileno=descriptor)]
    if workers > 1:
        Multiprocess(config, sockets).run()
    else:
        uvicorn.Server(config).run(sockets)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
