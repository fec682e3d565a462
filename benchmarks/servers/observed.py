"""`python -m benchmarks.servers.observed descriptor application workers`: uvicorn, watched."""

from __future__ import annotations

import ctypes
import sys

from benchmarks.servers import uvicorn

_PR_SET_PTRACER = 0x59616D61  # prctl(2)
_ANY = ctypes.c_ulong(-1)


def main(descriptor: int, application: str, workers: int) -> None:
    """Serve until ended. Who runs it may look into it, also where Yama allows that to parents."""
    ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANY)
    uvicorn.main(descriptor, application, workers)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
