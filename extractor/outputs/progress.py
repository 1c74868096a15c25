"""The batch's progress on a terminal: a bar with rate and time left, and each failure as it happens."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from extractor.outputs.manifest import ManifestLine
from extractor.outputs.tally import Tally
from extractor.sources.store import count_inputs


class ProgressBar:
    """A batch's Watcher for the terminal; use it in a `with` block. Failures are printed even where no bar is shown.

    The inputs are counted in a thread of their own, so that a folder of a million files is not listed before the work
    begins; until that is done, or inside a tar, the bar shows no time left.
    """

    def __init__(self, console: Console, inputs: Sequence[str | Path], bar: bool) -> None:
        self._console = console
        self._inputs = inputs
        self._bar = bar
        self._progress = Progress(
            TextColumn("articles"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[failures]}", style="red"),
            console=console,
            disable=not bar,
            transient=True,
        )
        self._task = self._progress.add_task("", total=None, failures="")

    def __enter__(self) -> Self:
        self._progress.start()
        if self._bar:
            threading.Thread(target=self._count, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def advanced(self, tally: Tally) -> None:
        """One more input is dealt with."""
        failures = f"{tally.failed} failed" if tally.failed else ""
        self._progress.update(self._task, advance=1, failures=failures)
        task = self._progress.tasks[0]
        if task.total is not None and task.completed > task.total:
            task.total = None  # a set of many articles comes in parts, which names alone do not tell

    def failed(self, line: ManifestLine) -> None:
        """Name the article that gave no record, and the reason."""
        message = line.message or ""
        prefix = "" if line.place in message else f"{line.place}: "
        self._console.print(Text(f"extractor: {prefix}{message}"), soft_wrap=True)

    def _count(self) -> None:
        total = count_inputs(self._inputs)
        if total:
            self._progress.update(self._task, total=total)


class _Rate(ProgressColumn):
    """Inputs a second, over the last seconds."""

    def render(self, task: Task) -> Text:
        speed = task.speed
        return Text("" if speed is None else f"{speed:.0f}/s" if speed >= 10 else f"{speed:.1f}/s", style="cyan")
