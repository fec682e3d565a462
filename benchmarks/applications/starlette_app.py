"""`starlette_app` with the generated tables."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.generated import TABLES
from raw_asgi.settings import Settings
from starlette_app.app import create_app

app = create_app(replace(Settings.from_env(), tables=TABLES))
