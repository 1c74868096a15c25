"""Lay blocks of text out as `Document.text`, keeping the span of every section and table cell.

Blocks are separated by an empty line, a table's rows by a line end and its cells by a tab, so no cell's text can be
mistaken for its neighbour's.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractor.documents.model import Cell, Section, Table
from extractor.documents.normalise import fold_space
from extractor.documents.tables import GridCell
from extractor.spans import Span

_GAP = "\n\n"


class Layout:
    """Collects blocks in reading order; `text`, `sections` and `tables` then go into a `Document`."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._titles: list[tuple[str, int]] = []
        self.tables: list[Table] = []

    def _write(self, text: str) -> Span:
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        return Span(start, self._length)

    def _gap(self) -> None:
        if self._length:
            self._write(_GAP)

    def block(self, text: str) -> Span | None:
        """Add a paragraph or heading, white space folded; None (and nothing written) if it is empty."""
        folded = fold_space(text)
        if not folded:
            return None
        self._gap()
        return self._write(folded)

    def section(self, title: str, heading: str | None = None) -> None:
        """A section called `title` begins with the next block; `heading`, if given, is that block."""
        self._titles.append((fold_space(title), self._length + (len(_GAP) if self._length else 0)))
        if heading:
            self.block(heading)

    def table(self, table_id: str, caption: str, grid: Sequence[Sequence[GridCell]]) -> None:
        """Add a table: its caption as a block, then its rows. Start and end take in the caption."""
        caption_span = self.block(caption)
        placed: dict[int, Cell] = {}
        rows: list[tuple[Cell, ...]] = []
        self._gap()
        start = caption_span.start if caption_span else self._length
        for number, grid_row in enumerate(grid):
            if number:
                self._write("\n")
            row: list[Cell] = []
            for column, cell in enumerate(grid_row):
                if column:
                    self._write("\t")
                if id(cell) not in placed:
                    text = fold_space(cell.text)
                    span = self._write(text)
                    placed[id(cell)] = Cell(text, span.start, span.end, cell.header)
                row.append(placed[id(cell)])
            rows.append(tuple(row))
        self.tables.append(Table(table_id, fold_space(caption), tuple(rows), start, self._length))

    @property
    def text(self) -> str:
        """Everything written so far."""
        return "".join(self._parts)

    @property
    def sections(self) -> tuple[Section, ...]:
        """One after the other, without gaps or overlaps; text before the first title is a section called ""."""
        titles = self._titles
        if not titles:
            return ()
        if titles[0][1] > 0:
            titles = [("", 0), *titles]
        ends = [start for _, start in titles[1:]] + [self._length]
        spans = [(title, min(start, self._length), end) for (title, start), end in zip(titles, ends, strict=True)]
        return tuple(
            Section(title, start, self._trimmed(start, min(end, self._length)))
            for title, start, end in spans
            if start < end
        )

    def _trimmed(self, start: int, end: int) -> int:
        return max(start, end - len(_GAP)) if end < self._length else end
