"""A control: a check of the suite, and a mistake that it must notice."""

from __future__ import annotations

from dataclasses import dataclass

from broken.messages import Break

# What a mistake of a family leaves as it is.
_SPARED = {
    "csv": "csv-no-rows",
    "events": "events-get-status",
    "files": "files-unknown-parameter",
    "gzip": "gzip-failed-first",
    "jsonl": "jsonl-no-rows",
    "rules": "csv-no-rows",
    "tables": "tables-limit-zero",
    "uploads": "uploads-put-new",
}


@dataclass(frozen=True, slots=True)
class Control:
    """A check and a mistake that it must notice.

    `spares` is a check that the mistake must not fail, lest it breaks more than it says; that of
    the family unless given. `waits`: the check notices by waiting in vain.
    """

    check: str
    mistake: Break
    spares: str = ""
    waits: bool = False

    @property
    def family(self) -> str:
        return self.check.partition("-")[0]

    @property
    def gzip(self) -> bool:
        """Whether the cell is one with the gzip middleware."""
        return self.family == "gzip"

    @property
    def mounted(self) -> bool:
        """Whether the server is one with a `root_path` and a host in it."""
        return self.check.startswith("rules-mount-")

    @property
    def name(self) -> str:
        """The mistake's name, as the switch takes it."""
        return f"{self.mistake.__module__}:{self.mistake.__name__}"

    @property
    def spared(self) -> str:
        return self.spares or _SPARED[self.family]

    def __str__(self) -> str:
        return f"{self.check}-{self.mistake.__name__}"
