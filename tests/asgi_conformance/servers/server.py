"""A server, as the suite knows one: its modes, its command line, and how it is told to stop."""

from __future__ import annotations

import signal
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

SUBJECT = "asgi_conformance.subject:app"
"""The import string of what every server of the suite serves."""


@dataclass(frozen=True, slots=True)
class TLS:
    """The files, in PEM, of a certificate for 127.0.0.1 and its key (PKCS #8).

    `authority` is the certificate that a client trusts it by.
    """

    certfile: Path
    keyfile: Path
    authority: Path


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to run a server.

    `name` is words of a-z and 0-9 joined by `-`, and stands in the names of cells. `http` is
    what the client speaks: `1.1`, or `2`, by prior knowledge where there is no TLS (RFC 9113
    §3.3). `options` are whatever the server's `command` makes of them. `distributions` are
    those that this mode needs besides the server's own.
    """

    name: str
    http: Literal["1.1", "2"] = "1.1"
    options: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ()


class Server(ABC):
    """A server that the suite can run. To add one, write such a class: docs/add-a-server.md.

    `distributions` are the names by which `pip` knows what must be installed; the first mode is
    the default.
    """

    distributions: tuple[str, ...] = ()
    modes: tuple[Mode, ...] = (Mode("default"),)
    stop_signal: signal.Signals = signal.SIGTERM

    @abstractmethod
    def command(
        self, mode: Mode, descriptor: int, root_path: str, tls: TLS | None
    ) -> Sequence[str]:
        """The command line that serves `SUBJECT` on the listening socket `descriptor`.

        One process runs the application, and `root_path` is handed to it. With `tls` the
        connections are encrypted; raises `NotImplementedError` where the server cannot.
        """


@dataclass(frozen=True, slots=True)
class Variant:
    """A server in one of its modes. `name` is what names it to the suite."""

    name: str
    server: Server
    mode: Mode

    @property
    def distributions(self) -> tuple[str, ...]:
        """What must be installed: the server's own, and what the mode needs."""
        return (*self.server.distributions, *self.mode.distributions)

    @property
    def missing(self) -> tuple[str, ...]:
        """Those of the distributions that are not installed."""
        return tuple(name for name in self.distributions if find_version(name) is None)

    @property
    def versions(self) -> dict[str, str]:
        """The versions of those that are installed."""
        found = {name: find_version(name) for name in self.distributions}
        return {name: number for name, number in found.items() if number is not None}

    def command(self, descriptor: int, root_path: str, tls: TLS | None = None) -> Sequence[str]:
        """See `Server.command`."""
        return self.server.command(self.mode, descriptor, root_path, tls)


def find_version(distribution: str) -> str | None:
    """The version of an installed distribution, None where it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
