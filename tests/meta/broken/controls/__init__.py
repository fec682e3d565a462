"""The table of the negative controls: which mistake each check is shown to notice."""

from __future__ import annotations

from broken.control import Control
from broken.controls import csv_rows, events, files, gzip, jsonl_rows, rules, tables, uploads

_FAMILIES = (files, tables, csv_rows, jsonl_rows, events, uploads, gzip, rules)

CONTROLS: tuple[Control, ...] = tuple(
    control for family in _FAMILIES for control in family.CONTROLS
)
