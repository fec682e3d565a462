"""What makes files durable: `raw_asgi.backends.durability`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from raw_asgi.backends.durability import begin_writing_out, sync_directory


def test_what_is_written_out_early_stays_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("wb", buffering=0) as file:
        for turn in range(1, 5):
            file.write(bytes([turn]) * 5000)
            begin_writing_out(file.fileno(), (turn - 1) * 5000, turn * 5000)
    assert path.read_bytes() == b"\1" * 5000 + b"\2" * 5000 + b"\3" * 5000 + b"\4" * 5000


def test_what_cannot_be_written_out_early_is_no_failure() -> None:
    reading, writing = os.pipe()
    try:
        begin_writing_out(writing, 0, 1)
    finally:
        os.close(reading)
        os.close(writing)


def test_a_directory_that_is_not_there_cannot_be_made_durable(tmp_path: Path) -> None:
    sync_directory(tmp_path)
    with pytest.raises(FileNotFoundError):
        sync_directory(tmp_path / "missing")
