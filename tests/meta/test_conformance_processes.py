"""Processes of the suite: a server that cannot be started says why, once and in one line."""

# ruff: noqa: ARG002 - the commands of these servers need nothing of what they are given

from __future__ import annotations

from collections.abc import Sequence

import pytest
from asgi_conformance.process import DoesNotStart, Process
from asgi_conformance.servers import TLS, Mode, Server, find_server


class Faulty(Server):
    """A server whose class is at fault."""

    def command(
        self, mode: Mode, descriptor: int, root_path: str, tls: TLS | None
    ) -> Sequence[str]:
        raise KeyError(mode.name)


class Nowhere(Server):
    """A server whose program is not there."""

    def command(
        self, mode: Mode, descriptor: int, root_path: str, tls: TLS | None
    ) -> Sequence[str]:
        return ["no-such-program", "--fd", str(descriptor)]


class Plain(Server):
    """A server that knows no TLS."""

    def command(
        self, mode: Mode, descriptor: int, root_path: str, tls: TLS | None
    ) -> Sequence[str]:
        raise NotImplementedError("no TLS")


def _start(server: type[Server]) -> None:
    Process(find_server(f"{__name__}:{server.__name__}"), {})


def test_a_server_class_that_fails_is_named() -> None:
    with pytest.raises(DoesNotStart, match=r"^Faulty\.command: KeyError\('default'\)$"):
        _start(Faulty)


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(DoesNotStart, match=r"^no-such-program: No such file or directory$"):
        _start(Nowhere)


def test_a_server_without_tls_is_no_fault() -> None:
    with pytest.raises(NotImplementedError, match="no TLS"):
        _start(Plain)
