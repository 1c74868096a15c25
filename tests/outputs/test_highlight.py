"""A text cut at the edges of its marks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extractor.outputs.highlight import Mark, Piece, pieces


def test_crossing_marks() -> None:
    assert pieces("abcdef", [Mark(1, 4, "x"), Mark(3, 6, "y")]) == [
        Piece("a", (), ()), Piece("bc", ("x",), ("x",)), Piece("d", ("x", "y"), ("y",)), Piece("ef", ("y",), ()),
    ]  # fmt: skip


def test_nothing_to_mark() -> None:
    assert pieces("ab", []) == [Piece("ab", (), ())]
    assert pieces("", []) == []
    assert pieces("ab", [Mark(1, 1, "empty"), Mark(5, 9, "beyond")]) == [Piece("ab", (), ())]


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8))
def test_pieces_are_the_text_and_cover_what_the_marks_cover(text: str, spans: list[tuple[int, int]]) -> None:
    marks = [Mark(start, end, number) for number, (start, end) in enumerate(spans)]
    cut = pieces(text, marks)
    assert "".join(piece.text for piece in cut) == text
    assert all(piece.text for piece in cut)
    for number, (start, end) in enumerate(spans):
        assert "".join(piece.text for piece in cut if number in piece.marks) == text[start:end]
