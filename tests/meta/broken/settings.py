"""Mistakes in how the settings are read. These take the place of the application at its start."""

from __future__ import annotations

import os
import sys

from raw_asgi.app import create_app
from raw_asgi.asgi.types import ASGIApp
from raw_asgi.settings import Settings, SettingsError


def takes_what_does_not_fit(_app: ASGIApp) -> ASGIApp:
    """Falls back to the default where a value does not fit."""
    environ = dict(os.environ)
    while True:
        try:
            return create_app(Settings.from_env(environ))
        except SettingsError as error:
            del environ[str(error).partition(":")[0]]


def stops_with_a_traceback(_app: ASGIApp) -> ASGIApp:
    return create_app(Settings.from_env())


def takes_empty_for_a_value(_app: ASGIApp) -> ASGIApp:
    for name, value in os.environ.items():
        if name.startswith("MORE_BODY_") and not value:
            sys.exit(f"{name}: a value is wanted, not {value!r}")
    return create_app(Settings.from_env())
