"""Hotspots: a flame graph of py-spy as text, short enough to be read and kept."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# A frame's title, its height in the picture, its first sample, and how many it has.
_FRAME = re.compile(
    r"<g><title>(?P<name>[^<]*) \([0-9,]+ samples?, [0-9.]+%\)</title>"
    r'<rect [^>]*y="(?P<y>[0-9]+)"[^>]*fg:x="(?P<first>[0-9]+)" fg:w="(?P<samples>[0-9]+)"'
)
_PLACE = re.compile(r"(?P<function>.*) \((?P<path>[^()]*?)(?::(?P<line>[0-9]+))?\)")
_THREAD = re.compile(r"thread \([^)]*\)(?:: (?P<name>.*))?")
_HIGH = 16  # of a frame in the picture
_SHOWN = 20
_LEAST = 0.005  # of the samples

# Around everything, so that they tell nothing.
_AROUND = ("<frozen runpy>", "benchmarks/", "threading.py  Thread._bootstrap")

_LEGEND = """\
Runner.run's own is the event loop and what it does in the kernel, which are not Python;
Condition.wait's is that of a thread that waits for work and was seen awake."""


@dataclass(slots=True)
class Frame:
    """A line of code that was in progress in so many samples; `own` of them in no Python below."""

    name: str
    first: int
    samples: int
    own: int
    parent: Frame | None = field(default=None, repr=False)

    @property
    def function(self) -> str:
        """Without the line."""
        found = _PLACE.fullmatch(self.name)
        return f"{found['path']}  {found['function']}" if found else self.name

    def list_callers(self) -> Iterator[Frame]:
        """From the nearest to the thread."""
        frame = self.parent
        while frame is not None:
            yield frame
            frame = frame.parent


def summarize(svg: str, root: Path) -> str:
    """Where the samples of a flame graph were: by thread, by line, by function.

    Lines of files below `root` are quoted. Raises ValueError where there are no frames.
    """
    frames = read_frames(svg)
    threads = [frame for frame in frames if _THREAD.fullmatch(frame.name)]
    total = sum(frame.samples for frame in threads)
    if not total:
        raise ValueError("there is no sample in it")
    by_thread: Counter[str] = Counter()
    own: Counter[str] = Counter()
    below: Counter[str] = Counter()
    for frame in frames:
        thread = _THREAD.fullmatch(frame.name)
        if thread:
            by_thread[thread["name"] or "nameless"] += frame.samples
        elif frame.parent is not None:
            own[frame.name] += frame.own
            # A function that calls itself is counted once.
            again = any(caller.function == frame.function for caller in frame.list_callers())
            if not again and not frame.function.startswith(_AROUND):
                below[frame.function] += frame.samples
    lines = [f"{total:,} samples of threads that worked, in"]
    lines += [f"{_share(count, total)}  {name}" for name, count in by_thread.most_common()]
    lines += ["", _LEGEND, "", "By line, without the Python that it calls:"]
    for name, count in _choose(own, total):
        lines += [f"{_share(count, total)}  {_place(name)}", *_quote(name, root)]
    lines += ["", "By function, with all that it calls:"]
    lines += [f"{_share(count, total)}  {name}" for name, count in _choose(below, total)]
    return "\n".join(lines) + "\n"


def read_frames(svg: str) -> list[Frame]:
    """The frames of a flame graph whose root is at the top."""
    rows: dict[int, list[Frame]] = {}
    for found in _FRAME.finditer(svg):
        samples = int(found["samples"])
        frame = Frame(html.unescape(found["name"]), int(found["first"]), samples, samples)
        rows.setdefault(int(found["y"]), []).append(frame)
    for row in rows.values():
        row.sort(key=lambda frame: frame.first)
    for y, row in rows.items():
        for frame in row:
            parent = _find_parent(rows.get(y - _HIGH, []), frame)
            if parent is not None:
                frame.parent = parent
                parent.own -= frame.samples
    return [frame for _, row in sorted(rows.items()) for frame in row]


def _find_parent(above: Sequence[Frame], frame: Frame) -> Frame | None:
    place = bisect_right(above, frame.first, key=lambda other: other.first) - 1
    if place < 0 or above[place].name == "all":
        return None
    return above[place]


def _choose(counts: Counter[str], total: int) -> list[tuple[str, int]]:
    return [(n, count) for n, count in counts.most_common(_SHOWN) if count >= _LEAST * total]


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:5.1f} %"


def _place(name: str) -> str:
    found = _PLACE.fullmatch(name)
    if not found:
        return name
    line = f":{found['line']}" if found["line"] else ""
    return f"{found['path']}{line}  {found['function']}"


def _quote(name: str, root: Path) -> list[str]:
    """The line itself: its number alone says little once the file has changed."""
    found = _PLACE.fullmatch(name)
    if not found or not found["line"] or not (root / found["path"]).is_file():
        return []
    lines = (root / found["path"]).read_text("utf-8").splitlines()
    number = int(found["line"])
    return [f"         | {lines[number - 1].strip()}"] if number <= len(lines) else []
