"""`python -m benchmarks.servers.hypercorn descriptor application workers`."""

from __future__ import annotations

import sys

from hypercorn.config import Config
from hypercorn.run import run


def main(descriptor: int, application: str, workers: int) -> None:
    """Serve until ended."""
    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.application_path = application
    # Without a worker it serves in this process.
    config.workers = 0 if workers == 1 else workers
    config.loglevel = "WARNING"
    config.backlog = 2048
    config.graceful_timeout = 2
    run(config)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
