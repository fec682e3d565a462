"""What makes files durable: `raw_asgi.backends.durability`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from raw_asgi.backends import durability
from raw_asgi.backends.durability import begin_writing_out, make_directory, sync_directory


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


def test_a_directory_that_is_made_is_named_durably(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[Path, list[Path]]] = []

    def sync_and_note(directory: Path) -> None:
        sync_directory(directory)
        synced.append((directory, list(directory.iterdir())))

    monkeypatch.setattr(durability, "sync_directory", sync_and_note)
    above = tmp_path / "above"
    make_directory(above / "below")
    assert (above / "below").is_dir()
    assert synced == [(tmp_path, [above]), (above, [above / "below"])]
    make_directory(above / "below")
    assert len(synced) == 2, "what was there is made durable again"


def test_a_directory_in_whose_place_a_file_is_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        make_directory(tmp_path / "file")
    with pytest.raises(NotADirectoryError):
        make_directory(tmp_path / "file" / "below")
