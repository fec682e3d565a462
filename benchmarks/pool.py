"""The pool: servers that are started when they are first needed, each in a directory of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from benchmarks.hosting import Host, Server
from benchmarks.loads.load import Target
from benchmarks.material import Material, link_files
from benchmarks.peers import nginx
from benchmarks.subjects import Subject


class NotInstalled(Exception):
    """What a subject needs is not there."""


class Pool:
    """The servers of a run. Those that run idle cost the one that is measured nothing."""

    def __init__(self, material: Material, scratch: Path) -> None:
        self._material = material
        self._scratch = scratch
        self._servers: dict[Host, Server] = {}
        self._failures: dict[Host, Exception] = {}

    def prepare(self, hosts: set[Host]) -> None:
        """Start what does not run yet, side by side. What does not start is told by `find`."""
        self.keep({host for host, server in self._servers.items() if server.runs})
        missing = hosts - self._servers.keys() - self._failures.keys()
        threads = ThreadPoolExecutor(os.cpu_count())
        try:
            list(threads.map(self._add, missing))
        finally:
            # Also where this is interrupted: what is about to start would be left behind.
            threads.shutdown(cancel_futures=True)

    def find(self, subject: Subject) -> Target:
        """The subject, running. Raises NotInstalled, DoesNotStart, or why else it is not."""
        self.prepare({subject.host})
        if subject.host in self._failures:
            raise self._failures[subject.host]
        return make_target(subject, self._servers[subject.host])

    @contextmanager
    def start_anew(self, subject: Subject) -> Iterator[Target]:
        """The subject in a process of its own. Raises NotInstalled, DoesNotStart."""
        server = self.start(subject.host)
        try:
            yield make_target(subject, server)
        finally:
            server.stop()

    def keep(self, hosts: set[Host]) -> None:
        """End the others; those that have ended by themselves are started again when needed."""
        for host in self._servers.keys() - hosts:
            self._servers.pop(host).stop()

    def _add(self, host: Host) -> None:
        try:
            self._servers[host] = self.start(host)
        except Exception as failure:  # told of its subjects by `find`; the others start
            self._failures[host] = failure

    def start(self, host: Host) -> Server:
        """A server that whoever asked for it ends. Raises NotInstalled, DoesNotStart."""
        if host.needs is not None and nginx.find() is None:
            raise NotInstalled("not installed")
        directory = self._scratch / host.name.replace(":", "-")
        shutil.rmtree(directory, ignore_errors=True)
        environment = {
            "MORE_BODY_FILES": str(link_files(self._material, directory)),
            "MORE_BODY_DATABASE": str(self._material.database.resolve()),
        }
        return Server(host, environment, directory)


def make_target(subject: Subject, server: Server) -> Target:
    """Where a subject is found."""
    return Target(server.address, subject.prefix, server.pid, server.directory / "files")
