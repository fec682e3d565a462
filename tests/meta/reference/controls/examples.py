"""Controls by the mistakes that are there to copy from."""

from __future__ import annotations

from reference.control import Control
from reference.mistakes import examples

CONTROLS = (Control("scope-state-copied", examples.SharesState),)
