"""Mounting: a host that has the application under a path of its own.

A middleware for the checks of the rule mount. A request whose `asgi-conformance-mount` is
`in-path /outer` is handed on as a request below the mount point `/outer`, which is then in
`root_path` and in front of `path`; with `beside-path /outer` it is in `root_path` alone. The
mount point is percent-encoded. Other requests pass as they came. The lifespan is the host's:
what it mounts gets none.
"""

from __future__ import annotations

from urllib.parse import unquote

from asgi_conformance.recorder import Application, Receive, Scope, Send

HEADER = "asgi-conformance-mount"
FORMS = ("in-path", "beside-path")


class Mount:
    """An ASGI application that mounts another."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _run_lifespan(receive, send)
            return
        value = dict(scope["headers"]).get(HEADER.encode())
        if value is not None:
            form, _, mount_point = value.decode("latin-1").partition(" ")
            scope = _move(scope, mount_point, in_path=form == "in-path")
        await self._application(scope, receive, send)


def _move(scope: Scope, mount_point: str, *, in_path: bool) -> Scope:
    # Some servers put their own root_path in front of path; the host's takes its place.
    own: str = scope.get("root_path", "")
    path: str = scope["path"]
    raw_path: bytes = scope.get("raw_path") or b""
    if own and path.startswith(f"{own}/"):
        path = path.removeprefix(own)
        raw_path = raw_path.removeprefix(own.encode())
    moved = {**scope, "root_path": unquote(mount_point), "path": path, "raw_path": raw_path}
    if in_path:
        moved["path"] = unquote(mount_point) + path
        moved["raw_path"] = mount_point.encode() + raw_path
    return moved


async def _run_lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
