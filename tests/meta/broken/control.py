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
    the family unless given. `waits`: the check notices by waiting in vain. Of checks that only
    observe, the application may fail one: `server` is one under which it passes, `mended` what
    makes it pass.
    """

    check: str
    mistake: Break
    spares: str = ""
    waits: bool = False
    server: str = "uvicorn"
    mended: Break | None = None

    @property
    def family(self) -> str:
        return self.check.partition("-")[0]

    @property
    def gzip(self) -> bool:
        """Whether the cell is one with the gzip middleware."""
        return self.family == "gzip" or self.mistake.__module__ == "broken.gzip"

    @property
    def name(self) -> str:
        """The mistake's name, as the switch takes it."""
        return _name(self.mistake)

    @property
    def passing(self) -> str:
        """What the switch takes for the application that passes the check."""
        return "" if self.mended is None else _name(self.mended)

    @property
    def spared(self) -> str:
        return self.spares or _SPARED[self.family]

    def __str__(self) -> str:
        return f"{self.check}-{self.mistake.__name__}"


def _name(change: Break) -> str:
    return f"{change.__module__}:{change.__name__}"
