"""Leaf through mistakes in the terminal: labels on the left, the text with its spans on the right.

Keys: n and p (or the arrows right and left) for the next and the previous mistake, m and f for misses or false alarms
alone, a for both, up and down for the label, q to leave.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from extractor.evaluation.errors import Mistake, Tag
from extractor.evaluation.report import STYLES, highlighted

ALL = "all labels"
_TAGS: dict[str, tuple[Tag, ...]] = {"both": ("missed", "false"), "missed": ("missed",), "false": ("false",)}


class ErrorBrowser(App[None]):
    """Shows `mistakes` one by one; `label` is the one to begin with, all if None."""

    TITLE = "extractor evaluate"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    OptionList { width: 34; height: 100%; }
    VerticalScroll { width: 1fr; padding: 0 1; }
    """
    BINDINGS = [  # noqa: RUF012  # textual reads a plain list here
        Binding("n,right", "step(1)", "next"),
        Binding("p,left", "step(-1)", "previous"),
        Binding("m", "only('missed')", "misses"),
        Binding("f", "only('false')", "false alarms"),
        Binding("a", "only('both')", "both"),
        Binding("q,escape", "quit", "leave"),
    ]

    def __init__(self, mistakes: Sequence[Mistake], label: str | None = None) -> None:
        super().__init__()
        self.mistakes = mistakes
        self.labels = [ALL, *dict.fromkeys(sorted(m.label for m in mistakes))]
        self.label = label if label in self.labels else ALL
        self.tags = "both"
        self.place = 0

    @property
    def chosen(self) -> list[Mistake]:
        """The mistakes of the label and kind chosen."""
        return [m for m in self.mistakes if m.tag in _TAGS[self.tags] and self.label in (ALL, m.label)]

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield OptionList(*(self._option(label) for label in self.labels))
            with VerticalScroll():
                yield Static(id="mistake")
        yield Footer()

    def on_mount(self) -> None:
        labels = self.query_one(OptionList)
        labels.highlighted = self.labels.index(self.label)
        labels.focus()
        self._show()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        label = self.labels[event.option_index]
        if label != self.label:
            self.label, self.place = label, 0
            self._show()

    def action_step(self, by: int) -> None:
        """Go on or back; stops at both ends."""
        self.place = max(0, min(self.place + by, len(self.chosen) - 1))
        self._show()

    def action_only(self, tags: str) -> None:
        """Misses, false alarms, or both."""
        self.tags, self.place = tags, 0
        self._show()

    def _option(self, label: str) -> Option:
        counts = [sum(m.tag == tag and label in (ALL, m.label) for m in self.mistakes) for tag in _TAGS["both"]]
        return Option(f"{label}  {counts[0]} | {counts[1]}")

    def _show(self) -> None:
        chosen = self.chosen
        shown = page(chosen[self.place], self.place + 1, len(chosen)) if chosen else Text("no such mistake")
        self.query_one("#mistake", Static).update(shown)
        self.query_one(VerticalScroll).scroll_home(animate=False)


def page(mistake: Mistake, number: int, count: int) -> Group:
    """One mistake as it is shown: heading, what stands there instead, the text, the key to its colours."""
    heading = Text.assemble(
        f"{number} of {count}   ",
        (mistake.tag.upper(), "bold yellow" if mistake.tag == "missed" else "bold red"),
        f"  {mistake.label}  ",
        (mistake.quoted, "bold"),
        f"   {mistake.article}",
    )
    key = Text.assemble(
        ("annotated", STYLES["annotated"]), "   ", ("found", STYLES["found"]), "   ",
        ("found, of no scored label", STYLES["other"]), "   ", ("this mistake", STYLES["this"]),
    )  # fmt: skip
    instead = Text("\n".join(mistake.instead), style="italic")
    return Group(heading, instead, Text(), highlighted(mistake), Text(), key)
