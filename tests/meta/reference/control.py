"""A control of the server layer: a check, and a mistake of a server that it must notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reference.switch import Mistake


@dataclass(frozen=True, slots=True)
class Control:
    """A check and a mistake that it must notice.

    `spares` is a check that the mistake must not fail, lest it breaks more than it says. `waits`:
    the check notices by waiting in vain. `http` is the protocol that it is run over. `mended` is
    a server that passes the check, where the whole one is one that it is not applicable to.

    A check that only observes notices where it says something else of the mistake than of the
    whole server, or measures what is twice as much or half.
    """

    check: str
    mistake: Mistake
    spares: str = "scope-is-dict"
    waits: bool = False
    http: Literal["1.1", "2"] = "1.1"
    mended: Mistake | None = None

    @property
    def name(self) -> str:
        """The mistake's name, as the switch takes it."""
        return _name(self.mistake)

    @property
    def passing(self) -> str:
        """What the switch takes for the server that passes the check."""
        return "" if self.mended is None else _name(self.mended)

    def __str__(self) -> str:
        return f"{self.check}-{self.mistake.__name__}-h{self.http[0]}"


def _name(change: Mistake) -> str:
    return f"{change.__module__}:{change.__name__}"
