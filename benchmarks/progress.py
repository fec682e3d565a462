"""Progress: a bar that moves between measurements, never during one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Steps:
    """What is done now, and how much of it is done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def begin(self, name: str, total: int) -> None:
        """Something else is done from now on."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(name, total=total, label="")
        self._progress.refresh()

    def advance(self, label: str) -> None:
        """One step more; the label tells what is next."""
        if self._task is not None:
            self._progress.update(self._task, advance=1, label=label)
            self._progress.refresh()

    def move_to(self, done: int) -> None:
        """So many steps are done."""
        if self._task is not None:
            self._progress.update(self._task, completed=done)
            self._progress.refresh()


@contextmanager
def show_progress(console: Console) -> Iterator[Steps]:
    """A bar, while the block runs. It has no thread of its own, which would be measured too."""
    columns = (
        *(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()),
        TextColumn("{task.fields[label]}"),
    )
    with Progress(
        *columns,
        console=console,
        transient=True,
        auto_refresh=False,
        # Not on a terminal, each picture of it would be a line.
        disable=not console.is_terminal,
    ) as progress:
        yield Steps(progress)
