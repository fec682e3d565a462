"""Settling: what is looked at may end meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.loads.settling import find_processes


def test_a_thread_that_ends_while_it_is_looked_at_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def list_one_that_has_ended(_path: Path, _pattern: str) -> Iterator[Path]:
        yield tmp_path / "1" / "children"

    monkeypatch.setattr(Path, "glob", list_one_that_has_ended)
    assert find_processes(os.getpid()) == [os.getpid()]
