"""`fastapi_compat` with the generated tables."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.generated import TABLES
from fastapi_compat.app import create_app
from raw_asgi.settings import Settings

app = create_app(replace(Settings.from_env(), tables=TABLES))
