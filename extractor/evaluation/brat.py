"""Read a brat collection: `<id>.txt` with `<id>.ann` beside it.

A line of an .ann file is an id, a tab and what it stands for: `T` entities (label, offsets, text; several stretches
with `;` between them), `#` notes on an entity, and events, relations, attributes and normalisations, which are passed
over. Offsets count Unicode code points. Source: the stand-off format of https://brat.nlplab.org/standoff.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from extractor.errors import AnnotationError
from extractor.spans import Span

_PASSED_OVER = frozenset("ERAMN*")
"""First letters of lines that say nothing about what stands where."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotated entity. `text` is what the file says stands there, `line` its line in the file."""

    id: str
    label: str
    fragments: tuple[Span, ...]
    text: str
    line: int
    notes: tuple[str, ...] = ()

    @property
    def span(self) -> Span:
        """The first stretch: of an entity in several pieces ("14 [and 12] percent") it is the number, mostly."""
        return self.fragments[0]


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """One text with its annotations in the order of the file; `doubts` name those whose text is not at their place."""

    id: str
    path: Path
    text: str
    annotations: tuple[Annotation, ...]
    doubts: tuple[str, ...] = ()


def read_collection(folder: Path) -> Iterator[AnnotatedText]:
    """Every .ann file of `folder` with its text, in the order of their names; a .txt alone was not annotated.

    Raises AnnotationError if there are none, if a text is missing, or if a file cannot be understood.
    """
    if not folder.is_dir():
        raise AnnotationError(f"{folder}: no such folder; give one with ID.txt and ID.ann files")
    files = sorted(folder.glob("*.ann"))
    if not files:
        inner = next(iter(sorted(folder.glob("*/*.ann"))), None)
        hint = f"; there are some in {inner.parent}" if inner else ""
        raise AnnotationError(f"{folder}: no .ann files{hint}")
    for path in files:
        yield read_annotated(path)


def read_annotated(path: Path) -> AnnotatedText:
    """One .ann file and the .txt beside it; raises AnnotationError naming file and line."""
    beside = path.with_suffix(".txt")
    if not beside.exists():
        raise AnnotationError(f"{path}: there is no {beside.name} beside it")
    text = _decoded(beside)
    annotations = parse(_decoded(path).removeprefix("\ufeff"), str(path), len(text))
    doubts = tuple(
        f"{path}:{a.line}: {a.id} should be {a.text!r}, but {found!r} stands there"
        for a in annotations
        if _spaced(found := " ".join(fragment.of(text) for fragment in a.fragments)) != _spaced(a.text)
    )
    return AnnotatedText(path.stem, path, text, annotations, doubts)


def parse(content: str, place: str, length: int) -> tuple[Annotation, ...]:
    """The entities in the content of an .ann file; `place` names it, `length` is the text's, in code points.

    Raises AnnotationError with `place` and line for a line of no known kind, offsets that are no numbers, run
    backwards or leave the text, an id given twice, or a note on an entity that is not there.
    """
    found: dict[str, Annotation] = {}
    notes: list[tuple[int, str, str]] = []
    for number, line in enumerate(content.split("\n"), 1):
        line = line.rstrip("\r")
        if not line.strip():
            continue
        where = f"{place}:{number}"
        if line[0] == "T":
            entity = _entity(line, where, number, length)
            if entity.id in found:
                raise AnnotationError(f"{where}: {entity.id} was given in line {found[entity.id].line} already")
            found[entity.id] = entity
        elif line[0] == "#":
            cells = line.split("\t")
            heading = cells[1].split() if len(cells) > 1 else []
            if len(heading) != 2:
                raise AnnotationError(f"{where}: a note is `#1<tab>AnnotatorNotes T1<tab>words`, not {_short(line)}")
            notes.append((number, heading[1], cells[2] if len(cells) > 2 else ""))
        elif line[0] not in _PASSED_OVER:
            raise AnnotationError(f"{where}: not a brat annotation: {_short(line)}")
    for number, about, words in notes:
        if about in found:
            found[about] = replace(found[about], notes=(*found[about].notes, words))
        elif about.startswith("T"):
            raise AnnotationError(f"{place}:{number}: a note on {about}, which the file does not have")
    return tuple(found.values())


def _entity(line: str, where: str, number: int, length: int) -> Annotation:
    cells = line.split("\t", 2)
    label, _, offsets = cells[1].partition(" ") if len(cells) > 1 else ("", "", "")
    if not label or not offsets.strip():
        raise AnnotationError(f"{where}: an entity is `T1<tab>label start end<tab>text`, not {_short(line)}")
    fragments = []
    for piece in offsets.split(";"):
        try:
            start, end = map(int, piece.split())
        except ValueError:
            raise AnnotationError(f"{where}: {piece.strip()!r} is not a start and an end") from None
        if not 0 <= start < end:
            raise AnnotationError(f"{where}: {cells[0]} runs from {start} to {end}")
        if end > length:
            raise AnnotationError(f"{where}: {cells[0]} ends at {end}, but the text has {length} characters")
        fragments.append(Span(start, end))
    return Annotation(cells[0], label, tuple(fragments), cells[2] if len(cells) > 2 else "", number)


def _decoded(path: Path) -> str:
    # Bytes, because reading as text would turn \r\n into one character and move every offset after it.
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise AnnotationError(f"{path}: not UTF-8 (byte {error.start}); brat files are") from error
    except OSError as error:
        raise AnnotationError(f"{path}: cannot be read ({error.strerror})") from error


def _spaced(text: str) -> str:
    """brat writes a line break inside an entity as a space."""
    return " ".join(text.split())


def _short(line: str) -> str:
    return repr(line if len(line) <= 60 else line[:59] + "…")
