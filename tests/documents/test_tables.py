"""Tables as grids: spans repeated, nested and malformed ones harmless."""

from __future__ import annotations

from lxml import etree

from extractor.documents.tables import read_grid


def grid(xml: str) -> list[list[str]]:
    table = etree.fromstring(xml)
    return [[cell.text for cell in row] for row in read_grid(table, lambda e: "".join(str(t) for t in e.itertext()))]


def test_colspan_and_rowspan_keep_columns_aligned() -> None:
    xml = (
        '<table><tr><th rowspan="2">A</th><th colspan="2">B</th></tr><tr><td>b1</td><td>b2</td></tr>'
        '<tr><td>a</td><td colspan="2">12</td></tr></table>'
    )
    assert grid(xml) == [["A", "B", "B"], ["A", "b1", "b2"], ["a", "12", "12"]]


def test_rowspan_in_the_last_column() -> None:
    xml = '<table><tr><td>a</td><td rowspan="3">z</td></tr><tr><td>b</td></tr><tr><td>c</td></tr></table>'
    assert grid(xml) == [["a", "z"], ["b", "z"], ["c", "z"]]


def test_rowspan_past_a_short_row_fills_the_gap() -> None:
    xml = '<table><tr><td>a</td><td>b</td><td rowspan="2">z</td></tr><tr><td>c</td></tr></table>'
    assert grid(xml) == [["a", "b", "z"], ["c", "", "z"]]


def test_absurd_and_broken_spans() -> None:
    assert len(grid('<table><tr><td colspan="1000000">x</td></tr></table>')[0]) == 200
    assert grid('<table><tr><td colspan="-3" rowspan="x">x</td><td colspan="²">y</td></tr></table>') == [["x", "y"]]


def test_many_wide_cells_stay_bounded() -> None:
    row = "<tr>" + '<td colspan="200" rowspan="200">x</td>' * 20 + "</tr>"
    assert sum(len(cells) for cells in grid(f"<table>{row * 300}</table>")) < 1_000_000


def test_rows_of_a_nested_table_are_its_own() -> None:
    assert grid("<table><tr><td>a<table><tr><td>b</td></tr></table></td></tr></table>") == [["ab"]]


def test_empty_rows_are_left_out() -> None:
    assert grid("<table><tr><td> </td></tr><tr/><tr><td>a</td></tr></table>") == [["a"]]


def test_header_cells() -> None:
    table = etree.fromstring(
        "<table><thead><tr><td>h</td></tr></thead><tbody><tr><th>r</th><td>1</td></tr></tbody></table>"
    )
    assert [[cell.header for cell in row] for row in read_grid(table, lambda e: e.text or "")] == [
        [True],
        [True, False],
    ]
