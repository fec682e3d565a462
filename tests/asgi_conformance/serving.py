"""Serving: `python -m asgi_conformance serve`, to see by hand what a check saw.

The server is started as the suite starts it, and what the recorder sees is printed.
"""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from asgi_conformance.cells import PROBE
from asgi_conformance.certificates import find_certificate
from asgi_conformance.material import prepare_settings
from asgi_conformance.process import DoesNotStart, Process
from asgi_conformance.server.script import HEADER, body, start, write
from asgi_conformance.servers import UnknownServer, Variant, find_server

_PORT = 8000
_GRACE_SECONDS = 8.0


def run(arguments: Sequence[str]) -> int:
    """Serve until Ctrl-C; the exit status, 1 where the server does not start or ends by itself."""
    options = _parse(arguments)
    # SIGINT, too: a shell has what it starts in the background ignore it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        variant = find_server(options.server)
        with TemporaryDirectory(prefix="asgi-conformance-") as directory:
            process = _start(variant, options, Path(directory))
            try:
                _describe(process, options.app)
                status = _wait(process)
            finally:
                process.stop()
    except UnknownServer as error:
        return _complain(str(error))
    except (DoesNotStart, NotImplementedError) as error:
        return _complain(f"{options.server} does not start: {error}")
    except OSError as error:
        return _complain(f"port {options.port}: {error.strerror}")
    except KeyboardInterrupt:
        return 0
    return 0 if status is None else _complain(f"the server ended, exit status {status}")


def _parse(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser("python -m asgi_conformance serve", description=__doc__)
    parser.add_argument("server", metavar="SERVER", help="as for --asgi-server: NAME or NAME-MODE")
    parser.add_argument(
        "--app",
        metavar="MODULE:APP",
        default=PROBE,
        help="an application of the contract, with the suite's material; the probe unless told",
    )
    parser.add_argument("--gzip", action="store_true", help="MORE_BODY_GZIP=1")
    parser.add_argument("--port", type=int, default=_PORT, help=f"{_PORT} unless told; 0: any")
    parser.add_argument("--root-path", default="", help="the root_path that the server is given")
    parser.add_argument("--middleware", metavar="MODULE:CALLABLE", default="")
    parser.add_argument("--tls", action="store_true", help="encrypt")
    return parser.parse_args(arguments)


def _start(variant: Variant, options: Namespace, directory: Path) -> Process:
    if variant.missing:
        raise DoesNotStart(f"pip install {' '.join(variant.missing)}")
    variables = {
        **prepare_settings(directory, gzip=options.gzip).environment(),
        "ASGI_CONFORMANCE_APP": options.app,
        "ASGI_CONFORMANCE_MIDDLEWARE": options.middleware,
        "ASGI_CONFORMANCE_RECORDER": "",
    }
    tls = find_certificate() if options.tls else None
    return Process(variant, variables, port=options.port, root_path=options.root_path, tls=tls)


def _describe(process: Process, application: str) -> None:
    host, port = process.address
    scheme = "http" if process.tls is None else "https"
    options = ["-i"]
    if process.tls is not None:
        options += ["--cacert", str(process.tls.authority)]
    elif process.variant.mode.http == "2":
        options += ["--http2-prior-knowledge"]
    target = "/csv/numbers?rows=3"
    if application == PROBE:
        script = write([start(200, ("content-type", "text/plain")), body(b"hello\n")])
        options += ["-H", f"'{HEADER}: {script}'"]
        target = "/"
    lines = (
        f"{application} under {process.variant.name}; Ctrl-C ends it. In another terminal:",
        "",
        f"URL={scheme}://{host}:{port}",
        f'curl {" ".join(options)} "$URL{target}"',
        "",
    )
    print("\n".join(lines), flush=True)


def _wait(process: Process) -> int | None:
    """Wait for the server's end, which Ctrl-C asks for: then None, else its exit status."""
    try:
        while (status := process.wait(3600)) is None:
            pass
    except KeyboardInterrupt:
        process.terminate()
        process.wait(_GRACE_SECONDS)
        return None
    return status


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _complain(text: str) -> int:
    print(text, file=sys.stderr)
    return 1
