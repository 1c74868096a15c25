"""Read `<table>` elements (HTML and JATS share them) as grids, spanned cells repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

_MAX_SPAN = 200
"""Spans above are slips of the pen or attacks (colspan="1000000")."""
_MAX_CELLS = 200_000
"""Of one table, spans counted; the rows after that many are not read."""


@dataclass(frozen=True, eq=False)
class GridCell:
    """A cell's text as collected (white space not folded); the same object stands at each place it spans."""

    text: str
    header: bool


def read_grid(table: etree._Element, cell_text: Callable[[etree._Element], str]) -> list[list[GridCell]]:
    """The table's rows; `cell_text` collects the text of one `td` or `th`. Rows without any text are left out.

    Colspan and rowspan repeat a cell (the same object), so that column n is the same column in every row.
    """
    grid: list[list[GridCell]] = []
    pending: dict[int, tuple[GridCell, int]] = {}
    cells_left = _MAX_CELLS
    for row_element, in_head in _rows(table):
        row: list[GridCell] = []
        for element in row_element:
            if element.tag not in ("td", "th"):
                continue
            _fill_pending(row, pending)
            cell = GridCell(cell_text(element), in_head or element.tag == "th")
            rowspan = _span(element, "rowspan")
            for _ in range(_span(element, "colspan")):
                if rowspan > 1:
                    pending[len(row)] = (cell, rowspan - 1)
                row.append(cell)
        _fill_pending(row, pending, to_end=True)
        if any(cell.text.strip() for cell in row):
            grid.append(row)
        cells_left -= len(row)
        if cells_left <= 0:
            break
    return grid


def _fill_pending(row: list[GridCell], pending: dict[int, tuple[GridCell, int]], *, to_end: bool = False) -> None:
    """Put the cells that reach down from earlier rows where they belong."""
    # A cell put into `pending` by the row being read starts further left than len(row), so it waits for the next row.
    while len(row) in pending or (to_end and any(column > len(row) for column in pending)):
        column = len(row)
        if column not in pending:
            row.append(GridCell("", header=False))
            continue
        cell, rows_left = pending.pop(column)
        row.append(cell)
        if rows_left > 1:
            pending[column] = (cell, rows_left - 1)


def _rows(table: etree._Element) -> Iterator[tuple[etree._Element, bool]]:
    """The table's own rows and whether they are in its head; rows of tables nested in a cell are not its own."""
    if any(child.tag in ("td", "th") for child in table):
        yield table, False  # cells without a row
    for child in table:
        if child.tag == "tr":
            yield child, False
        elif child.tag in ("thead", "tbody", "tfoot"):
            for row in child:
                if row.tag == "tr":
                    yield row, child.tag == "thead"


def _span(element: etree._Element, name: str) -> int:
    value = element.get(name, "1").strip()
    return max(1, min(int(value), _MAX_SPAN)) if value.isascii() and value.isdigit() else 1
