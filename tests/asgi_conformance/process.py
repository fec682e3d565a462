"""Processes: a server of its own for each cell, on a socket that it inherits."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path

from asgi_conformance.servers import TLS, Variant
from asgi_conformance.side_channel import SideChannel

START_SECONDS = 30.0
STOP_SECONDS = 4.0
BUFFER_BYTES = 128 * 1024

# What is said to a server to see whether it answers: a request; HTTP/2's preface (RFC 9113
# §3.4) with empty SETTINGS, which the server answers with its own.
_FIRST_WORDS = {
    "1.1": b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    "2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0",
}
_ALPN = {"1.1": "http/1.1", "2": "h2"}


class DoesNotStart(Exception):
    """The server ended, stayed dumb, or answered nonsense. The text says why, with its output."""


class Process:
    """A server on a socket of 127.0.0.1, with whatever processes it makes."""

    def __init__(
        self,
        variant: Variant,
        variables: Mapping[str, str],
        *,
        log: Path | None = None,
        port: int = 0,
        root_path: str = "",
        tls: TLS | None = None,
        until_ready: bool = True,
    ) -> None:
        """Start the server; returns once it answers, or at once where `until_ready` is False.

        `variables` are added to the environment; without a `log` the output goes where this
        process's goes. Raises `DoesNotStart`, `OSError` where the port is taken, and
        `NotImplementedError` where the server cannot serve TLS.
        """
        self.variant = variant
        self.log = log
        self.tls = tls
        inherited = {n: v for n, v in os.environ.items() if not n.startswith("MORE_BODY_")}
        path = os.pathsep.join([str(Path.cwd()), *filter(None, sys.path)])
        with (
            socket.create_server(("127.0.0.1", port), backlog=128) as listener,
            log.open("wb") if log else nullcontext() as out,
        ):
            self.address: tuple[str, int] = listener.getsockname()
            # The server's connections inherit it. Left to itself, the system buffers megabytes,
            # which every check of flow would have to fill before anything showed.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
            command = _make_command(variant, listener.fileno(), root_path, tls)
            try:
                self._process = subprocess.Popen(  # noqa: S603 - the server, as asked for
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT if out else None,
                    env={**inherited, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **variables},
                    pass_fds=[listener.fileno()],
                    start_new_session=True,
                )
            except OSError as error:
                raise DoesNotStart(f"{command[0]}: {error.strerror}") from error
        # From here the listening socket is the server's alone: if the server ends, those who
        # wait for it are reset.
        if not until_ready:
            return
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """The process that was started, which is the one to be told to stop."""
        return self._process.pid

    @property
    def pids(self) -> list[int]:
        """The process that was started, and those that came of it, as far as the system tells."""
        listed = Path("/proc").glob("[0-9]*")
        return [pid for pid in (int(entry.name) for entry in listed) if self._owns(pid)] or [
            self.pid
        ]

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def create_context(self) -> ssl.SSLContext | None:
        """What a client needs for TLS with this server, in its protocol; None without TLS."""
        if self.tls is None:
            return None
        context = ssl.create_default_context(cafile=self.tls.authority)
        context.set_alpn_protocols([_ALPN[self.variant.mode.http]])
        return context

    def output(self, start: int = 0) -> str:
        """What the server has written from byte `start` of its log on; nothing without a log."""
        return self.log.read_bytes()[start:].decode("utf-8", "replace") if self.log else ""

    def terminate(self) -> None:
        """Tell the server to stop, and do not wait for it."""
        self._process.send_signal(self.variant.server.stop_signal)

    def wait(self, timeout: float) -> int | None:
        """The exit status, or None where the server still runs after so many seconds."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """End the server and its children at once.

        How a server ends when it is told to is a matter of checks, which tell servers of their
        own (`terminate`); here it would only take time.
        """
        with suppress(ProcessLookupError):  # nobody is left in its process group
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _owns(self, pid: int) -> bool:
        try:
            return os.getpgid(pid) == self.pid
        except ProcessLookupError:
            return False  # it has ended since it was listed

    def _wait_until_it_answers(self) -> None:
        try:
            with self._connect() as connection:
                connection.sendall(_FIRST_WORDS[self.variant.mode.http])
                if connection.recv(1):
                    return
        except TimeoutError:
            raise DoesNotStart(f"no answer in {START_SECONDS} s\n{self.output()}") from None
        except ssl.SSLError as error:
            raise DoesNotStart(f"no TLS: {error}\n{self.output()}") from None
        except ConnectionError:
            pass  # the server ended before it took the connection
        status = self.wait(STOP_SECONDS)
        what = "no answer" if status is None else f"exit status {status}"
        raise DoesNotStart(f"{what}\n{self.output()}")

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(self.address, START_SECONDS)
        context = self.create_context()
        if context is None:
            return connection
        return context.wrap_socket(connection, server_hostname=self.address[0])


def _make_command(
    variant: Variant, descriptor: int, root_path: str, tls: TLS | None
) -> Sequence[str]:
    try:
        return variant.command(descriptor, root_path, tls)
    except NotImplementedError:
        raise  # it knows no TLS, which is no fault
    except Exception as error:
        raise DoesNotStart(f"{type(variant.server).__name__}.command: {error!r}") from error


class ServerProcess(Process):
    """A running server with a recorder in it, and the side channel to it."""

    log: Path

    def __init__(
        self,
        variant: Variant,
        application: str,
        environment: Mapping[str, str],
        log: Path,
        *,
        middleware: str | None = None,
        root_path: str = "",
        tls: TLS | None = None,
        until_ready: bool = True,
    ) -> None:
        """Start the server as `Process` does. Raises what that raises."""
        self.side_channel = SideChannel()
        variables = {
            **environment,
            "ASGI_CONFORMANCE_APP": application,
            "ASGI_CONFORMANCE_MIDDLEWARE": middleware or "",
            "ASGI_CONFORMANCE_RECORDER": self.side_channel.address,
        }
        try:
            super().__init__(
                variant,
                variables,
                log=log,
                root_path=root_path,
                tls=tls,
                until_ready=until_ready,
            )
        except BaseException:
            self.side_channel.close()
            raise

    @property
    def alive(self) -> bool:
        # A process that ends has closed its sockets some time before it is gone.
        if super().alive and self.side_channel.ended:
            self.wait(STOP_SECONDS)
        return super().alive

    def stop(self) -> None:
        super().stop()
        self.side_channel.close()
