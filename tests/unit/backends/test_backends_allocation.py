"""Memory that is freed and taken again: `raw_asgi.backends.allocation`."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

# In a process of its own: what it counts holds until the largest block that was ever freed.
# Three buffers of 256 KiB, as a server makes them of each piece, a hundred times.
COUNTING = """
import resource, sys
from raw_asgi.backends.allocation import keep_freed_buffers

def count_faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(100):
        buffers = [b"x" * 262144 for _ in range(3)]
        del buffers
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if sys.argv[1] == "keep":
    keep_freed_buffers()
print(count_faults())
"""


def _count_faults(how: str) -> int:
    """How often the system had to find a page for one of 75 MiB of buffers, 19200 of 4 KiB."""
    environment = {name: it for name, it in os.environ.items() if not name.startswith("MALLOC_")}
    finished = subprocess.run(  # noqa: S603 -- our own interpreter and arguments
        [sys.executable, "-c", COUNTING, how],
        capture_output=True, text=True, timeout=30, check=True, env=environment,
    )  # fmt: skip
    return int(finished.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="this C library has ways of its own")
def test_freed_buffers_are_kept_for_the_next_ones() -> None:
    assert _count_faults("keep") <= 1000
