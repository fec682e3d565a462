"""Figures that several scenarios show."""

from __future__ import annotations

from benchmarks.scenario import Figure

BYTES = Figure("rate", "content delivered", "MB/s")
ROWS = Figure("rate", "rows delivered", "rows/s")
ANSWERS = Figure("rate", "answers", "1/s")
SENT = Figure("bytes", "sent", "MiB", more_is_better=False)
P50 = Figure("p50", "median", "ms", more_is_better=False)
P99 = Figure("p99", "99th percentile", "ms", more_is_better=False)
MAX = Figure("max", "slowest", "ms", more_is_better=False)
