"""What a server runs: `starlette_app.main:app`, configured by the environment."""

from __future__ import annotations

from raw_asgi.settings import Settings, SettingsError
from starlette_app.app import create_app

try:
    app = create_app(Settings.from_env())
except SettingsError as error:
    # A traceback would bury the one line that names the variable.
    raise SystemExit(str(error)) from None
