"""What a server runs: `fastapi_compat.main:app`, configured by the environment."""

from __future__ import annotations

from fastapi_compat.app import create_app
from raw_asgi.settings import Settings, SettingsError

try:
    app = create_app(Settings.from_env())
except SettingsError as error:
    # One line that names the variable, and no traceback above it.
    raise SystemExit(str(error)) from None
