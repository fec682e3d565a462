"""Which application a path belongs to, under any `root_path`.

www.rst, *HTTP Connection Scope*: `root_path` is where the application is mounted, the same as
SCRIPT_NAME in WSGI; whether `path` begins with it the text leaves open. uvicorn and the
frameworks put it there, hypercorn and daphne do not. Both are taken.
"""

from __future__ import annotations

from raw_asgi.asgi.types import Scope


def route_path(scope: Scope) -> str:
    """The decoded path below `root_path`: empty, or with a leading slash."""
    path: str = scope["path"]
    root_path: str = scope.get("root_path", "").rstrip("/")
    if root_path and path.startswith(root_path):
        below = path[len(root_path) :]
        if not below or below.startswith("/"):
            return below
    return path


def mount(scope: Scope, prefix: str) -> Scope | None:
    """The scope for an application mounted at `prefix`; None where the path is not below it.

    In the copy `path` begins with `root_path`, whatever the server did, so that nothing is
    left to guess. `prefix` begins with a slash and does not end with one.
    """
    path = route_path(scope)
    if path != prefix and not path.startswith(prefix + "/"):
        return None
    root_path = scope.get("root_path", "").rstrip("/")
    return {**scope, "root_path": root_path + prefix, "path": root_path + path}
