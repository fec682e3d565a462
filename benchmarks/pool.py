"""The pool: servers that are started when they are first needed, each in a directory of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from benchmarks.hosting import DoesNotStart, Host, Server
from benchmarks.loads.load import Target
from benchmarks.material import Material, link_files
from benchmarks.peers import nginx
from benchmarks.subjects import Subject


class NotInstalled(Exception):
    """What a subject needs is not there; the text names it."""


class Pool:
    """The servers of a run. Those that run idle cost the one that is measured nothing."""

    def __init__(self, material: Material, scratch: Path) -> None:
        self._material = material
        self._scratch = scratch
        self._servers: dict[Host, Server] = {}
        self._failures: dict[Host, NotInstalled | DoesNotStart] = {}

    def prepare(self, hosts: set[Host]) -> None:
        """Start what does not run yet, side by side. What does not start is told by `find`."""
        missing = hosts - self._servers.keys() - self._failures.keys()
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            starting = {host: threads.submit(self.start, host) for host in missing}
        for host, started in starting.items():
            try:
                self._servers[host] = started.result()
            except (NotInstalled, DoesNotStart) as failure:
                self._failures[host] = failure

    def find(self, subject: Subject) -> Target:
        """The subject, running. Raises NotInstalled, DoesNotStart."""
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
        """End the others."""
        for host in self._servers.keys() - hosts:
            self._servers.pop(host).stop()

    def start(self, host: Host) -> Server:
        """A server that whoever asked for it ends. Raises NotInstalled, DoesNotStart."""
        if host.needs is not None and nginx.find() is None:
            raise NotInstalled(f"{host.needs} is not installed")
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
