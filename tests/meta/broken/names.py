"""Mistakes in the names that an upload may have."""

from __future__ import annotations

import re
import unicodedata

from broken.messages import change_path, change_status, refuse
from raw_asgi.asgi.types import ASGIApp

_PREFIX = "/uploads/"


def cleans_names(app: ASGIApp) -> ASGIApp:
    """Makes a good name of a bad one, and stores under a name that was not asked for."""

    def clean(path: str) -> str:
        if not path.startswith(_PREFIX):
            return path
        name = re.sub(r"[^A-Za-z0-9_-]|^$", "_", path.removeprefix(_PREFIX))
        return _PREFIX + name

    return change_path(app, clean)


def cuts_names(app: ASGIApp) -> ASGIApp:
    return change_path(
        app, lambda path: path[: len(_PREFIX) + 100] if path.startswith(_PREFIX) else path
    )


def normalises_names(app: ASGIApp) -> ASGIApp:
    return change_path(app, lambda path: unicodedata.normalize("NFC", path))


def a_bad_name_is_404(app: ASGIApp) -> ASGIApp:
    return change_status(app, 422, 404)


def names_in_ascii(app: ASGIApp) -> ASGIApp:
    return refuse(app, lambda scope: not scope["path"].isascii(), 422)
