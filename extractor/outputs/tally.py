"""How a batch tells of itself while it runs: the counts so far, and who wants to know of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from extractor.outputs.manifest import ManifestLine


@dataclass
class Tally:
    """What became of the inputs of one run, counted in articles."""

    done: int = 0
    failed: int = 0
    unchanged: int = 0
    repeated: int = 0
    facts: int = 0
    seconds: float = 0.0
    interrupted: bool = False


class Watcher(Protocol):
    """Is told of the run while it goes on; the progress bar is one."""

    def advanced(self, tally: Tally) -> None:
        """One more input is dealt with."""

    def failed(self, line: ManifestLine) -> None:
        """An article gave no record."""


class Silent:
    """The Watcher that shows nothing."""

    def advanced(self, tally: Tally) -> None:
        """Nothing."""

    def failed(self, line: ManifestLine) -> None:
        """Nothing."""
