"""How many altered numbers do the checks notice, and how often do they cry wolf?

    python benchmarks/mutation.py FOLDER_OF_TEXTS [--limit N] [--alarms]

Every article is extracted once. Untouched, its record shows the false alarms: printed articles hold few true errors, so
nearly every `fail` is one. Then one number of each record is altered, once for each kind of mutation that the record
has a place for, and the checks run again; a mutation counts as detected if a check says something it did not say of
the untouched record. "In the record" alters the record only, as an editing slip does; "in the text" alters what is
printed, record and all, so that only arithmetic can notice. Deterministic: places are drawn by a seed and the
article's id.
"""

from __future__ import annotations

import argparse
import copy
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from extractor.checks import run_checks
from extractor.checks.load import EditedRecord
from extractor.checks.reparse import reparse
from extractor.checks.structure import structure_checks
from extractor.errors import ExtractorError
from extractor.extract import Extractor
from extractor.records.models import Record
from extractor.sources.store import FailedInput, read_inputs

SEED = 20240425
Dump = dict[str, Any]
Mutation = Callable[[Dump, random.Random], Dump | None]


def findings(record: Record) -> Counter[tuple[str, str, tuple[str, ...]]]:
    """(check, status, facts) of everything that is not a pass."""
    checked = run_checks(record)
    found = [*checked.checks, *(c for f in checked.facts for c in f.checks)]
    if isinstance(record, EditedRecord):
        found += structure_checks(record)
    return Counter((c.name, c.status, c.facts) for c in found if c.status in ("fail", "warn"))


# --- altering what is printed ---------------------------------------------------------------------------------------


def rewritten(dump: Dump, edits: dict[tuple[int, int], str]) -> Dump:
    """The record with other text at some value spans: text, all offsets, and the values read again."""
    places = sorted(edits)
    text: str = dump["text"]
    parts, shifts, last, shift = [], [], 0, 0
    for start, end in places:
        parts += [text[last:start], edits[start, end]]
        shift += len(edits[start, end]) - (end - start)
        shifts.append((end, shift))
        last = end
    new = "".join([*parts, text[last:]])

    def moved(offset: int) -> int:
        return offset + next((by for end, by in reversed(shifts) if offset >= end), 0)

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("start"), int) and isinstance(node.get("end"), int):
                node["start"], node["end"] = moved(node["start"]), moved(node["end"])
            for entry in node.values():
                walk(entry)
        elif isinstance(node, list):
            for entry in node:
                walk(entry)

    made = copy.deepcopy(dump)
    touched = {(f, v) for f, fact in enumerate(dump["facts"]) for v, value in enumerate(fact["values"])
               if (value["start"], value["end"]) in edits}  # fmt: skip
    walk(made)
    made["text"] = new
    for f, v in touched:
        value = made["facts"][f]["values"][v]
        value["text"] = new[value["start"] : value["end"]]
        value["value"] = reparse(value["text"]).value
    return made


def values(dump: Dump, *statistics: str) -> list[tuple[Dump, Dump]]:
    """(fact, value) of the values whose number is printed in digits, each printed number once."""
    seen: set[tuple[int, int]] = set()
    found = []
    for fact in dump["facts"]:
        for value in fact["values"]:
            place = value["start"], value["end"]
            if place in seen or value["value"] is None or not any(c.isdigit() for c in value["text"]):
                continue
            if not statistics or value["statistic"] in statistics:
                seen.add(place)
                found.append((fact, value))
    return found


def other_digit(written: str, chance: random.Random) -> str:
    """`written` with one digit changed; never a new leading zero."""
    digits = [i for i, char in enumerate(written) if char.isdigit()]
    place = chance.choice(digits)
    low = "1" if place == digits[0] and len(digits) > 1 and written[place] != "0" else "0"
    return (
        written[:place]
        + chance.choice([d for d in "0123456789" if d != written[place] and d >= low])
        + written[place + 1 :]
    )


def number_of(written: str) -> str:
    """The digits of a text, without sign, unit or words."""
    kept = [i for i, char in enumerate(written) if char.isdigit()]
    return written[kept[0] : kept[-1] + 1]


def with_number(written: str, number: str) -> str:
    return written.replace(number_of(written), number, 1)


def digit_in_record(dump: Dump, chance: random.Random) -> Dump | None:
    places = [
        (f, v)
        for f, fact in enumerate(dump["facts"])
        for v, value in enumerate(fact["values"])
        if value["value"] is not None
    ]
    if not places:
        return None
    f, v = chance.choice(places)
    made = copy.deepcopy(dump)
    value = made["facts"][f]["values"][v]
    before = value["value"]
    while value["value"] == before:
        value["value"] = float(
            other_digit(f"{before:.10g}" if "e" not in f"{before:.10g}" else f"{before:.12f}", chance)
        )
    return made


def span_in_record(dump: Dump, chance: random.Random) -> Dump | None:
    places = [(f, v) for f, fact in enumerate(dump["facts"]) for v in range(len(fact["values"]))]
    if not places:
        return None
    f, v = chance.choice(places)
    made = copy.deepcopy(dump)
    value = made["facts"][f]["values"][v]
    edge = chance.choice(["start", "end"])
    value[edge] = int(other_digit(str(value[edge]), chance))
    return made


def text_in_record(dump: Dump, chance: random.Random) -> Dump | None:
    found = [(f, v) for f, fact in enumerate(dump["facts"]) for v, value in enumerate(fact["values"])
             if any(c.isdigit() for c in value["text"])]  # fmt: skip
    if not found:
        return None
    f, v = chance.choice(found)
    made = copy.deepcopy(dump)
    value = made["facts"][f]["values"][v]
    value["text"] = other_digit(value["text"], chance)
    return made


def digit_of(*statistics: str, partners: tuple[str, ...] = ()) -> Mutation:
    """A printed digit of one of these statistics changed, in a fact that has all `partners`."""

    def mutate(dump: Dump, chance: random.Random) -> Dump | None:
        found = [
            (fact, value) for fact, value in values(dump, *statistics)
            if set(partners) <= {other["statistic"] for other in fact["values"]}
        ]  # fmt: skip
        if not found:
            return None
        _, value = chance.choice(found)
        return rewritten(dump, {(value["start"], value["end"]): other_digit(value["text"], chance)})

    return mutate


def percent_count_swap(dump: Dump, chance: random.Random) -> Dump | None:
    found = []
    for fact in dump["facts"]:
        by = {value["statistic"]: value for value in fact["values"] if any(c.isdigit() for c in value["text"])}
        if "count" in by and "percent" in by and number_of(by["count"]["text"]) != number_of(by["percent"]["text"]):
            found.append((by["count"], by["percent"]))
    if not found:
        return None
    count, percent = chance.choice(found)
    return rewritten(
        dump,
        {
            (count["start"], count["end"]): with_number(count["text"], number_of(percent["text"])),
            (percent["start"], percent["end"]): with_number(percent["text"], number_of(count["text"])),
        },
    )


def arms_swap(dump: Dump, chance: random.Random) -> Dump | None:
    """The percents (else counts) of two arms for one endpoint change places."""
    groups: dict[tuple[Any, ...], list[Dump]] = defaultdict(list)
    for fact, value in values(dump, "percent", "count"):
        if fact["arm"] is not None:
            groups[fact["kind"], fact["evidence"]["start"], value["statistic"]].append(value)
    pairs = [g[:2] for g in groups.values() if len(g) >= 2 and number_of(g[0]["text"]) != number_of(g[1]["text"])]
    if not pairs:
        return None
    one, other = chance.choice(pairs)
    return rewritten(
        dump,
        {
            (one["start"], one["end"]): with_number(one["text"], number_of(other["text"])),
            (other["start"], other["end"]): with_number(other["text"], number_of(one["text"])),
        },
    )


def wrong_denominator(dump: Dump, chance: random.Random) -> Dump | None:
    found = [
        (fact, value) for fact, value in values(dump, "denominator")
        if {"count", "percent"} <= {v["statistic"] for v in fact["values"]}
    ]  # fmt: skip
    others = [
        number_of(v["text"])
        for f, v in values(dump, "count", "denominator")
        if f["kind"] == "cohort_size" or v["statistic"] == "denominator"
    ]
    if not found:
        return None
    _, value = chance.choice(found)
    candidates = [n for n in others if n != number_of(value["text"])]
    number = chance.choice(candidates) if candidates else str(round(float(value["value"]) * 1.15) + 1)
    return rewritten(dump, {(value["start"], value["end"]): with_number(value["text"], number)})


def size_changed(dump: Dump, chance: random.Random) -> Dump | None:
    found = [value for fact, value in values(dump, "count") if fact["kind"] == "cohort_size"]
    if not found:
        return None
    value = chance.choice(found)
    return rewritten(dump, {(value["start"], value["end"]): other_digit(value["text"], chance)})


MUTATIONS: dict[str, Mutation] = {
    "record: digit of a value": digit_in_record,
    "record: digit of a span": span_in_record,
    "record: digit of a text": text_in_record,
    "text: any digit": digit_of(),
    "text: digit of a percent beside its count": digit_of("percent", partners=("count",)),
    "text: digit of a count beside its percent": digit_of("count", partners=("percent",)),
    "text: percent and count swapped": percent_count_swap,
    "text: percents or counts of two arms swapped": arms_swap,
    "text: wrong denominator": wrong_denominator,
    "text: CI bound moved": digit_of("ci_low", "ci_high"),
    "text: ratio changed": digit_of(
        "hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio", partners=("ci_low", "ci_high")
    ),
    "text: p-value beside a CI": digit_of("p_value", partners=("ci_low", "ci_high")),
    "text: size of the study or an arm": size_changed,
}


# --- the study ------------------------------------------------------------------------------------------------------


def records(folder: Path, limit: int | None) -> Iterator[Record]:
    extractor = Extractor()
    done = 0
    for given in read_inputs([folder]):
        if limit is not None and done >= limit:
            return
        if isinstance(given, FailedInput):
            print(f"{given.place}: {given.error}", file=sys.stderr)
            continue
        try:
            for record in extractor.records(given):
                done += 1
                yield record
        except ExtractorError as error:
            print(f"{given.place}: {error}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="texts, pages or XML; anything `extractor batch` reads")
    parser.add_argument("--limit", type=int, help="articles, at most")
    parser.add_argument("--alarms", action="store_true", help="print every alarm on an untouched record")
    arguments = parser.parse_args()

    tried: Counter[str] = Counter()
    noticed: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    by_check: dict[str, Counter[str]] = defaultdict(Counter)
    alarms: dict[str, Counter[str]] = {"fail": Counter(), "warn": Counter()}
    alarmed = Counter[str]()
    facts = count = 0
    for record in records(arguments.folder, arguments.limit):
        count += 1
        facts += len(record.facts)
        base = findings(record)
        for status in ("fail", "warn"):
            names = {name for name, s, _ in base if s == status}
            alarmed[status] += bool(names)
            alarms[status].update(names)
        if arguments.alarms:
            print_alarms(record)
        dump = record.model_dump(mode="json")
        for name, mutate in MUTATIONS.items():
            altered = mutate(dump, random.Random(f"{SEED} {name} {record.article.id}"))
            if altered is None:
                continue
            tried[name] += 1
            new = findings(EditedRecord.model_validate(altered)) - base
            noticed[name] += bool(new)
            failed[name] += any(status == "fail" for _, status, _ in new)
            by_check[name].update({check for check, _, _ in new})

    console = Console(width=150)
    console.print(f"{count} articles, {facts} facts\n")
    table = Table(title="Mutations", title_justify="left")
    for heading in ("mutation", "tried", "detected", "of it fail", "by"):
        table.add_column(heading, justify="left" if heading in ("mutation", "by") else "right")
    for name in MUTATIONS:
        if tried[name]:
            by = ", ".join(f"{check} {n / tried[name]:.0%}" for check, n in by_check[name].most_common(4))
            table.add_row(
                name, str(tried[name]), f"{noticed[name] / tried[name]:.1%}", f"{failed[name] / tried[name]:.1%}", by
            )
    console.print(table)
    table = Table(title="Untouched articles with an alarm", title_justify="left")
    for heading in ("check", "fail", "warn"):
        table.add_column(heading, justify="left" if heading == "check" else "right")
    for name in sorted(set(alarms["fail"]) | set(alarms["warn"])):
        table.add_row(name, f"{alarms['fail'][name] / count:.2%}", f"{alarms['warn'][name] / count:.2%}")
    table.add_section()
    table.add_row("any", f"{alarmed['fail'] / count:.2%}", f"{alarmed['warn'] / count:.2%}")
    console.print(table)


def print_alarms(record: Record) -> None:
    """Each alarm with its sentence, to be read."""
    checked = run_checks(record)
    by_id = {fact.id: fact for fact in checked.facts}
    for check in [*checked.checks, *(c for f in checked.facts for c in f.checks)]:
        if check.status in ("fail", "warn"):
            evidence = by_id[check.facts[0]].evidence if check.facts else None
            quote = " ".join(record.text[evidence.start : evidence.end].split()) if evidence else ""
            print(f"{record.article.id}\t{check.status}\t{check.name}\t{check.message}\t{quote}")


if __name__ == "__main__":
    main()
