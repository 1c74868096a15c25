"""The check's outcome as tables for the terminal: what failed or is doubtful, each with its sentence."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from extractor.checks.comparison import VERDICTS
from extractor.outputs.check_report import CheckedRecord, Finding, findings, plain

STYLES = {"fail": "bold red", "warn": "yellow", "pass": "green", "skip": "dim"}
VERDICT_STYLES = {"agrees": "green", "rounded": "green", "differs": "bold red", "not_in_study": "yellow"}
WIDE = 100
"""Columns of a terminal that has room for the sentence beside the message; in narrower ones it stands below."""
QUOTE = 300
"""Characters of a sentence shown, at most."""


def print_report(console: Console, checked: Sequence[CheckedRecord], show_passed: bool = False) -> None:
    """Print one block for each record, and one closing line; `show_passed` adds a line for each check that agreed."""
    totals = {"fail": 0, "warn": 0, "pass": 0, "skip": 0}
    for one in checked:
        found = findings(one.record)
        for finding in found:
            totals[finding.status] += 1
        _print_record(console, one, found, show_passed)
        if one.comparison is not None:
            _print_comparison(console, one)
    told = ", ".join(
        f"{totals[status]} {word}" for status, word in (("fail", "failed"), ("warn", "doubtful"), ("pass", "passed"))
    )
    records = "1 record" if len(checked) == 1 else f"{len(checked)} records"
    console.print(Text(f"{records}: {told}", style="bold"))


def _print_record(console: Console, one: CheckedRecord, found: Sequence[Finding], show_passed: bool) -> None:
    title = one.record.article.title or ""
    console.print(
        Text.assemble((plain(one.record.article.id), "bold"), "  ", plain(title)), overflow="ellipsis", no_wrap=True
    )
    shown = [f for f in found if f.status in ("fail", "warn") or (f.status == "skip") or show_passed]
    passed = sorted({f.name for f in found if f.status == "pass"} - {f.name for f in shown})
    if console.width < WIDE:
        for finding in shown:
            head = Text.assemble((finding.status, STYLES[finding.status]), "  ", (finding.name, "bold"), "  ")
            console.print(Padding(head + Text(plain(_with_facts(finding))), (0, 0, 0, 2)))
            if finding.quote:
                console.print(Padding(Text(plain(_shortened(finding.quote)), style="dim"), (0, 0, 0, 8)))
    elif shown:
        table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
        table.add_column("", no_wrap=True)
        table.add_column("check", no_wrap=True)
        table.add_column("what", ratio=2)
        table.add_column("sentence", ratio=3)
        for finding in shown:
            style = STYLES[finding.status]
            table.add_row(
                Text(finding.status, style=style),
                finding.name,
                Text(plain(_with_facts(finding))),
                Text(plain(_shortened(finding.quote))),
            )
        console.print(table)
    if passed and not show_passed:
        console.print(Text(f"  passed: {', '.join(passed)}", style="green"))
    if not found:
        console.print(Text("  no check applies", style="dim"))
    console.print()


def _with_facts(finding: Finding) -> str:
    if not finding.facts or finding.status == "pass":
        return finding.message
    return f"{finding.message} ({', '.join(finding.facts)})"


def _shortened(quote: str) -> str:
    return quote if len(quote) <= QUOTE else quote[: QUOTE - 1] + "…"


def _print_comparison(console: Console, one: CheckedRecord) -> None:
    if one.comparison is None or one.study is None:
        return
    console.print(Text(f"  against the study {plain(one.study.article.title or one.study.article.id)}", style="bold"))
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("number", no_wrap=True)
    table.add_column("the news says", ratio=1)
    table.add_column("the study says", ratio=1)
    for number in one.comparison.numbers:
        study = number.study_quote or number.note or ""
        if number.study_quote and number.computed:
            study += f" [computed: {number.computed}]"
        if number.study_quote and number.note:
            study += f" [{number.note}]"
        table.add_row(
            Text(VERDICTS[number.verdict], style=VERDICT_STYLES[number.verdict]),
            Text(plain(" ".join(one.record.text[number.news_span.start : number.news_span.end].split()))),
            Text(plain(_shortened(number.news_quote))),
            Text(plain(_shortened(study))),
        )
    for missing in one.comparison.left_out:
        table.add_row(
            Text("left out", style="yellow"),
            "",
            Text(plain(missing.message)),
            Text(plain(_shortened(missing.study_quote))),
        )
    console.print(table)
