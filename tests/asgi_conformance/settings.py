"""Settings: the small values that the suite gives its subject through the environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """A subject's configuration (CONTRACT.md, Configuration)."""

    files: Path
    database: Path
    gzip: bool
    faults: bool = True
    max_upload_bytes: int = 1024 * 1024
    chunk_bytes: int = 65536
    flush_seconds: float = 0.05
    heartbeat_seconds: float = 0.2
    replay_events: int = 8

    def environment(self) -> dict[str, str]:
        """The settings as the environment variables that an application reads."""
        return {
            "MORE_BODY_FILES": str(self.files),
            "MORE_BODY_DATABASE": str(self.database),
            "MORE_BODY_GZIP": str(int(self.gzip)),
            "MORE_BODY_FAULTS": str(int(self.faults)),
            "MORE_BODY_MAX_UPLOAD_BYTES": str(self.max_upload_bytes),
            "MORE_BODY_CHUNK_BYTES": str(self.chunk_bytes),
            "MORE_BODY_FLUSH_SECONDS": str(self.flush_seconds),
            "MORE_BODY_HEARTBEAT_SECONDS": str(self.heartbeat_seconds),
            "MORE_BODY_REPLAY_EVENTS": str(self.replay_events),
        }
