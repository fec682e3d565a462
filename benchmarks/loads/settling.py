"""Settling: a subject that is still busy with what its clients have left is waited for."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

_SECONDS = 20.0
_LOOK_SECONDS = 0.05
_IDLE_SHARE = 0.1


def settle(pid: int) -> None:
    """Return when a process, with its children, is idle; in any case after twenty seconds."""
    deadline = time.monotonic() + _SECONDS
    used = _cpu_seconds(pid)
    while time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
        now = _cpu_seconds(pid)
        if now - used <= _IDLE_SHARE * _LOOK_SECONDS:
            return
        used = now


def find_processes(pid: int) -> list[int]:
    """A process, and those that it has started."""
    found = [pid]
    for parent in found:
        for listed in Path(f"/proc/{parent}/task").glob("*/children"):
            # A thread may end between the two looks.
            with suppress(FileNotFoundError, ProcessLookupError):
                found += map(int, listed.read_text().split())
    return found


def _cpu_seconds(pid: int) -> float:
    ticks = 0
    for process in find_processes(pid):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])  # proc(5): utime, stime
    return ticks / os.sysconf("SC_CLK_TCK")
