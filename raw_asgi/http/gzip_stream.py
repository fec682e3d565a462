"""The gzip coding, piece by piece (RFC 1952; RFC 9110 §8.4.1.3)."""

from __future__ import annotations

import zlib
from enum import IntEnum
from typing import Any

from isal import isal_zlib

_WINDOW = 31  # zlib.h, deflateInit2: a window of 2^15 bytes, plus 16 for the gzip container

# Of zlib's levels the last that is 3 to 5 times as fast as level 9; it makes 0 to 8 % more bytes
# of tables, logs, JSON and source code. Level 6 makes 1 to 4 % less, and is a third slower.
_LEVEL = 5

# isal is 7 to 10 times as fast again. What it makes of text that hardly repeats itself is as
# small; of tables and source code it makes 10 to 25 % more, at any of its levels, since it keeps
# one place alone to look for a repetition. So a sample is compressed by both, and isal has it
# where that adds no more than 2 %. What begins in small pieces is zlib's: there is no hurry.
_ISAL_LEVEL = isal_zlib.ISAL_DEFAULT_COMPRESSION
_SAMPLE_BYTES = 32 * 1024
_MAY_ADD = 1.02


class Flush(IntEnum):
    """What is to come out, by zlib's names: what is full, all so far, or the member's end."""

    NO = zlib.Z_NO_FLUSH
    SYNC = zlib.Z_SYNC_FLUSH
    FINISH = zlib.Z_FINISH


class GZipStream:
    """Compresses a body that comes in pieces to one gzip member.

    `fast` tells which coder the first piece made it choose: whether 0.5 ms are enough for
    256 KiB, or for 32 KiB.
    """

    def __init__(self) -> None:
        self._compressor: Any = None
        self.fast = False

    def compress(self, piece: bytes, flush: Flush = Flush.NO) -> bytes:
        """What comes out for a piece, which may be nothing yet.

        Takes as long as compressing does, and lets other threads run; calls must not overlap.
        """
        if self._compressor is None:
            self.fast = _shrinks_fast(piece[:_SAMPLE_BYTES])
            if self.fast:
                self._compressor = isal_zlib.compressobj(_ISAL_LEVEL, zlib.DEFLATED, _WINDOW)
            else:
                self._compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW)
        compressed: bytes = self._compressor.compress(piece)
        if flush is not Flush.NO:
            compressed += self._compressor.flush(flush)
        return compressed


def _shrinks_fast(sample: bytes) -> bool:
    if len(sample) < _SAMPLE_BYTES:
        return False
    size = len(isal_zlib.compress(sample, _ISAL_LEVEL))
    return size <= _MAY_ADD * len(zlib.compress(sample, _LEVEL))
