"""What an application is told before it starts: CONTRACT.md, *Configuration*."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from raw_asgi.backends.tables import Table

_SQLITE = b"SQLite format 3\0"  # "Database File Format", §1.2.1
_DIGITS = re.compile(r"[0-9]{1,18}")
_DECIMAL = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


class SettingsError(ValueError):
    """A variable of the environment has a value that does not fit; one line that names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The configuration of one application.

    Sizes are in bytes, times in seconds. `tables` are the program's own, by name, beside
    those of the database.
    """

    files: Path = Path(".data/files")
    database: Path | None = None
    gzip: bool = False
    faults: bool = False
    max_upload_bytes: int = 1 << 30
    chunk_bytes: int = 65536
    flush_seconds: float = 0.05
    heartbeat_seconds: float = 15.0
    replay_events: int = 1024
    tables: Mapping[str, Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises SettingsError for a value that no application can work with."""
        for name in ("chunk_bytes", "flush_seconds", "heartbeat_seconds", "replay_events"):
            if not getattr(self, name) > 0:
                raise SettingsError(f"{name} must be above 0")
        if self.max_upload_bytes < 0:
            raise SettingsError("max_upload_bytes must not be below 0")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the `MORE_BODY_*` variables of `environ`, the process's own unless given.

        Raises SettingsError for a value that does not fit.
        """
        read = _Reader(os.environ if environ is None else environ)
        default = cls()
        return cls(
            files=read.directory("MORE_BODY_FILES") or default.files,
            database=read.database("MORE_BODY_DATABASE"),
            gzip=read.switch("MORE_BODY_GZIP"),
            faults=read.switch("MORE_BODY_FAULTS"),
            max_upload_bytes=read.integer(
                "MORE_BODY_MAX_UPLOAD_BYTES", default.max_upload_bytes, 0, 1 << 59
            ),
            chunk_bytes=read.integer("MORE_BODY_CHUNK_BYTES", default.chunk_bytes, 1, 1 << 24),
            flush_seconds=read.seconds("MORE_BODY_FLUSH_SECONDS", default.flush_seconds),
            heartbeat_seconds=read.seconds(
                "MORE_BODY_HEARTBEAT_SECONDS", default.heartbeat_seconds
            ),
            replay_events=read.integer(
                "MORE_BODY_REPLAY_EVENTS", default.replay_events, 1, 1 << 24
            ),
        )


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def path(self, name: str) -> Path | None:
        value = self._environ.get(name, "")
        if not value:
            return None
        try:
            path = Path(value).expanduser()
            path.exists()
        except (OSError, RuntimeError):
            # A name that is too long, a way that is barred, a home that nobody has.
            raise SettingsError(f"{name}: {value!r} is not a path that can be used") from None
        return path

    def directory(self, name: str) -> Path | None:
        path = self.path(name)
        if path is not None and path.exists() and not path.is_dir():
            raise SettingsError(f"{name}: {str(path)!r} is not a directory")
        return path

    def database(self, name: str) -> Path | None:
        path = self.path(name)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                head = file.read(len(_SQLITE))
        except OSError:
            raise SettingsError(f"{name}: {str(path)!r} is no file that can be read") from None
        # An empty file is an empty database.
        if head not in (_SQLITE, b""):
            raise SettingsError(f"{name}: {str(path)!r} is no SQLite file")
        return path

    def switch(self, name: str) -> bool:
        value = self._environ.get(name, "") or "0"
        if value not in ("0", "1"):
            raise SettingsError(f"{name}: 0 or 1 is wanted, not {value!r}")
        return value == "1"

    def integer(self, name: str, default: int, least: int, most: int) -> int:
        value = self._environ.get(name, "") or str(default)
        if not _DIGITS.fullmatch(value) or not least <= int(value) <= most:
            raise SettingsError(f"{name}: {least} to {most} is wanted, not {value!r}")
        return int(value)

    def seconds(self, name: str, default: float) -> float:
        value = self._environ.get(name, "") or str(default)
        if not _DECIMAL.fullmatch(value) or not 0 < float(value) < math.inf:
            raise SettingsError(f"{name}: a number of seconds above 0 is wanted, not {value!r}")
        return float(value)
