"""What a server runs: `raw_asgi.main:app`, configured by the environment."""

from __future__ import annotations

from raw_asgi.app import create_app
from raw_asgi.settings import Settings, SettingsError

try:
    app = create_app(Settings.from_env())
except SettingsError as error:
    # One line, and no traceback: it is the reader's typing error, not the program's.
    raise SystemExit(str(error)) from None
