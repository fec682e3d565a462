"""Which application a path belongs to, under any `root_path`.

www.rst, *HTTP Connection Scope*: `root_path` is where the application is mounted, the same as
SCRIPT_NAME in WSGI; whether `path` begins with it the text leaves open. uvicorn and the
frameworks put it there, hypercorn and daphne do not; and behind these, `path` begins with what
the framework added alone, which is an end of `root_path`. All of them are taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from raw_asgi.asgi.types import Scope


def route_path(scope: Scope) -> str:
    """The decoded path below `root_path`: empty, or with a leading slash."""
    return next(_read_paths(scope))


def mount(scope: Scope, prefixes: Collection[str]) -> tuple[str, Scope] | None:
    """The prefix of the application that the path belongs to, and the scope for it.

    In the copy `path` begins with `root_path`, whatever the server did, so that nothing is
    left to guess. A prefix begins with a slash and does not end with one. None where the path
    is below none of them.
    """
    root_path = _root_path(scope)
    for path in _read_paths(scope):
        for prefix in prefixes:
            if _is_below(path, prefix):
                return prefix, {**scope, "root_path": root_path + prefix, "path": root_path + path}
    return None


def _read_paths(scope: Scope) -> Iterator[str]:
    """What the path below `root_path` can be, the likeliest first."""
    path: str = scope["path"]
    before = _root_path(scope)
    while before:
        if _is_below(path, before):
            yield path[len(before) :]
        _, slash, rest = before[1:].partition("/")
        before = slash + rest
    yield path


def _root_path(scope: Scope) -> str:
    root_path: str = scope.get("root_path", "")
    return root_path.rstrip("/")


def _is_below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix + "/")
