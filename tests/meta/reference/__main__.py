"""The command line: `python -m reference package.module:app --port 8000`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import socket
import sys
from pathlib import Path

from reference.server import load_application, serve
from reference.tls import create_context, read_certificate


def main() -> int:
    """Serve; returns the exit status."""
    parser = argparse.ArgumentParser(prog="reference", description="the reference ASGI server")
    parser.add_argument("application", help="module:attribute")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--fd", type=int, help="the listening socket, inherited")
    where.add_argument("--port", type=int, default=8000, help="on 127.0.0.1 (default: 8000)")
    parser.add_argument("--root-path", default="")
    parser.add_argument("--certfile", type=Path, help="serve TLS with this chain, in PEM")
    parser.add_argument("--keyfile", type=Path, help="its key (default: in the same file)")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    listener = (
        socket.create_server(("127.0.0.1", arguments.port))
        if arguments.fd is None
        else socket.socket(fileno=arguments.fd)
    )
    certificate: Path | None = arguments.certfile
    key: Path | None = arguments.keyfile or certificate
    with listener:
        return asyncio.run(
            serve(
                load_application(arguments.application),
                listener,
                root_path=arguments.root_path,
                tls=create_context(certificate, key) if certificate and key else None,
                server_certificate=read_certificate(certificate) if certificate else None,
            )
        )


if __name__ == "__main__":
    sys.exit(main())
