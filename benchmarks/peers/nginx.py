"""nginx, for files."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence

from benchmarks.hosting import Host, Place

# One worker, as the others have (without a master, nginx does not survive a socket that it
# inherits); it runs as whoever runs the benchmarks.
_CONFIGURATION = """\
daemon off;
user {user};
worker_processes 1;
error_log stderr;
pid {directory}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    default_type application/octet-stream;
    {temporary}
    server {{
        listen 127.0.0.1:{port} backlog=2048;
        location /files/ {{ alias {directory}/files/; }}
    }}
}}
"""
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def command(place: Place) -> Sequence[str]:
    """Write the configuration; nginx finds the socket by its variable of the environment."""
    directory = place.directory.resolve()
    temporary = " ".join(f"{name}_temp_path {directory}/{name};" for name in _TEMPORARY)
    written = directory / "nginx.conf"
    written.write_text(
        _CONFIGURATION.format(
            user=pwd.getpwuid(os.getuid()).pw_name,
            directory=directory,
            port=place.port,
            temporary=temporary,
        )
    )
    return [find() or "nginx", "-c", str(written), "-p", str(directory)]


def find() -> str | None:
    """The executable; distributions put it where not every PATH leads."""
    return shutil.which("nginx", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))


def find_version() -> str | None:
    """The version that is installed."""
    program = find()
    if program is None:
        return None
    told = subprocess.run([program, "-v"], capture_output=True, text=True, check=True)  # noqa: S603 - as found
    return told.stderr.strip().rpartition("/")[2]


NGINX = Host("nginx", command, needs="nginx")
