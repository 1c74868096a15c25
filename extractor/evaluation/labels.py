"""What the labels of an annotation scheme mean in a record: kind of fact, statistic, role of the arm.

The mapping is a TSV file (`pico_labels.tsv` is the one used by default, and explains the columns), so that a corpus
with labels of its own can be measured without code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import get_args

from extractor.errors import AnnotationError
from extractor.records.models import ArmRole, Kind, Statistic

DEFAULT = "pico_labels.tsv"
COLUMNS = ("label", "kind", "statistic", "role")
KINDS: tuple[str, ...] = get_args(Kind)
STATISTICS: tuple[str, ...] = get_args(Statistic)
ROLES: tuple[str, ...] = ("none", *get_args(ArmRole))
_OTHER = {"intervention": "control", "control": "intervention"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a label may stand for; `roles` hold "none" for a fact without an arm."""

    kinds: frozenset[str]
    statistics: frozenset[str]
    roles: frozenset[str]

    def fits(self, kind: str, statistic: str, role: str) -> bool:
        """Whether a value of a record is meant."""
        return kind in self.kinds and statistic in self.statistics and role in self.roles

    def swapped(self) -> Meaning:
        """The same for the other arm: intervention for control, and the reverse."""
        return Meaning(self.kinds, self.statistics, frozenset(_OTHER.get(role, role) for role in self.roles))

    def merged(self) -> Meaning:
        """The same for intervention and control alike."""
        arms = self.roles | self.swapped().roles if self.roles & _OTHER.keys() else self.roles
        return Meaning(self.kinds, self.statistics, frozenset(arms))


@dataclass(frozen=True)
class Labels:
    """The labels scored, in the order of the file, each with what it may mean."""

    meanings: dict[str, tuple[Meaning, ...]]

    @cached_property
    def canonical(self) -> dict[str, str]:
        """Label -> the first label that means the same: synonyms are scored as one."""
        first: dict[frozenset[Meaning], str] = {}
        return {label: first.setdefault(frozenset(meanings), label) for label, meanings in self.meanings.items()}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The labels scored, without synonyms."""
        return tuple(dict.fromkeys(self.canonical.values()))

    def of(self, kind: str, statistic: str, role: str) -> str | None:
        """The first label that a value of this kind, statistic and role has, None if it is none of theirs."""
        for label in self.names:
            if any(meaning.fits(kind, statistic, role) for meaning in self.meanings[label]):
                return label
        return None

    @cached_property
    def swapped(self) -> dict[str, str]:
        """Label -> the label of the other arm; itself if it speaks of no arm, "" if no label is."""
        named = {frozenset(meanings): label for label, meanings in reversed(self.meanings.items())}
        return {
            label: named.get(frozenset(m.swapped() for m in meanings), "") for label, meanings in self.meanings.items()
        }

    @cached_property
    def merged(self) -> dict[str, str]:
        """Label -> the first label that means the same but for the arm."""
        first: dict[frozenset[Meaning], str] = {}
        return {
            label: first.setdefault(frozenset(m.merged() for m in meanings), label)
            for label, meanings in self.meanings.items()
        }


def read_labels(path: Path | None = None) -> Labels:
    """The mapping in a file, the packaged one without; raises AnnotationError naming file and line."""
    if path is None:
        return parse(resources.files(__package__).joinpath(DEFAULT).read_text(encoding="utf-8"), DEFAULT)
    try:
        return parse(path.read_bytes().decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise AnnotationError(f"{path}: not UTF-8 (byte {error.start})") from error
    except OSError as error:
        raise AnnotationError(f"{path}: cannot be read ({error.strerror})") from error


def parse(content: str, place: str) -> Labels:
    """The mapping in the text of a file; raises AnnotationError for a missing column or an unknown word."""
    header: list[str] | None = None
    meanings: dict[str, tuple[Meaning, ...]] = {}
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        where = f"{place}:{number}"
        if header is None:
            if not set(COLUMNS) <= set(cells):
                raise AnnotationError(
                    f"{where}: needs the columns {', '.join(COLUMNS)}, with tabs between; has {cells}"
                )
            header = cells
            continue
        if len(cells) != len(header):
            raise AnnotationError(f"{where}: {len(cells)} cells under {len(header)} columns")
        row = dict(zip(header, cells, strict=True))
        if not row["label"]:
            raise AnnotationError(f"{where}: no label")
        meaning = Meaning(
            _words(row["kind"], KINDS, f"{where}: kind"),
            _words(row["statistic"], STATISTICS, f"{where}: statistic"),
            _words(row["role"], ROLES, f"{where}: role"),
        )
        meanings[row["label"]] = (*meanings.get(row["label"], ()), meaning)
    if not meanings:
        raise AnnotationError(f"{place}: no labels in it")
    return Labels(meanings)


def _words(cell: str, known: Sequence[str], where: str) -> frozenset[str]:
    """The words that a cell names: some, all but some, or all."""
    if cell == "*":
        return frozenset(known)
    wanted = frozenset(word.strip() for word in cell.removeprefix("!").split(","))
    unknown = sorted(wanted - set(known))
    if unknown:
        raise AnnotationError(f"{where} {unknown[0]!r} is unknown; it is * or one of {', '.join(known)}")
    return frozenset(known) - wanted if cell.startswith("!") else wanted
