"""The servers of a benchmark: those that end are started again, none is left behind."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.hosting import Host, Place, host_module
from benchmarks.material import Material
from benchmarks.pool import Pool
from benchmarks.subjects import Subject


def test_a_server_that_has_ended_is_started_again(tmp_path: Path) -> None:
    pool = _make_pool(tmp_path)
    subject = Subject("limit", "limit", host_module("benchmarks.limits.rows"))
    try:
        first = pool.find(subject)
        assert pool.find(subject).pid == first.pid
        os.kill(first.pid, signal.SIGKILL)
        os.waitid(os.P_PID, first.pid, os.WEXITED | os.WNOWAIT)
        again = pool.find(subject)
        assert again.pid != first.pid
        with socket.create_connection(again.address, 10) as connection:
            connection.sendall(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(8) == b"HTTP/1.1"
    finally:
        pool.keep(set())


def test_no_server_is_left_behind_where_starting_is_interrupted(tmp_path: Path) -> None:
    limit = host_module("benchmarks.limits.rows")
    ports: list[int] = []
    starting = threading.Event()

    def start(place: Place) -> Sequence[str]:
        ports.append(place.port)
        starting.set()
        return limit.command(place)

    def interrupt(_: Place) -> Sequence[str]:
        starting.wait(10)
        raise KeyboardInterrupt

    pool = _make_pool(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        pool.prepare({Host("started", start), Host("interrupted", interrupt)})
    pool.keep(set())
    (port,) = ports
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 10)


def _make_pool(directory: Path) -> Pool:
    files = directory / "material"
    files.mkdir()
    return Pool(Material(files, directory / "bench.db"), directory / "scratch")
