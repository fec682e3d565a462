"""What the C library does with memory that is freed."""

from __future__ import annotations

_LARGEST_BYTES = 1 << 22


def keep_freed_buffers() -> None:
    """Have glibc keep freed buffers for the next ones, for the whole of the process.

    It gives blocks from 128 KiB up back to the system, until a larger one was freed: from then
    on it keeps blocks up to that size, and twice that size in all (mallopt(3), M_MMAP_THRESHOLD:
    dynamic unless the user has set it). A server makes several buffers of up to 256 KiB of each
    piece that it receives, and to have the system map and clear their pages each time takes
    twice as long as all else in receiving: uvicorn takes 0.3 of the processor time to receive
    1 GiB, and a whole upload takes 0.7, once they are kept. Other C libraries are left as they
    are.
    """
    # Never written to, so that no page of it is ever there.
    bytes(_LARGEST_BYTES)
