"""Read a web page: its main text without menus, teasers, share buttons, newsletter boxes and footers.

trafilatura finds the main content, BeautifulSoup that of pages too short for it; what they let through is dropped
by the headings of `lexicons/boilerplate.tsv`. Where they find much less than the article body that the page states in
its JSON-LD, that is taken. Tables are read from the page itself, so that spanned cells are known.
"""

from __future__ import annotations

import logging
import re
from copy import deepcopy
from typing import NamedTuple

from lxml import etree, html

from extractor.documents.boilerplate import RUNNING_TEXT, boilerplate_lines
from extractor.documents.inline import FOOTNOTE_MARK
from extractor.documents.language import detect_language
from extractor.documents.layout import Layout
from extractor.documents.markup import refuse_entity_declarations
from extractor.documents.metadata import authors_in, dateline, is_date_line, journal_reported, trial_numbers
from extractor.documents.model import Document, Identifiers, Metadata
from extractor.documents.normalise import fold_space, superscript, without_control_characters
from extractor.documents.page_metadata import PageMetadata, element_text, read_page_metadata
from extractor.documents.tables import GridCell, read_grid
from extractor.errors import UnsafeMarkup
from extractor.spans import Span

_TOP_BLOCKS = 8
_STATED_BODY_RATIO = 1.6
"""How much longer the JSON-LD article body must be than the text found before it replaces it."""
_MIN_STATED_BODY = 400
_POOR_EXTRACTION = 600
"""Characters under which an extraction is compared with all of the page's paragraphs (pages built by scripts)."""
_SHORT_PAGE = 300
"""Characters under which trafilatura gives up and gives all of the page's text, menus too, as one paragraph."""
_BASELINE_RATIO = 4
_SENTENCE_END = re.compile(r"[.!?…][\"”’')\]]*\s*$")
_PARAGRAPH_BREAK = re.compile(r"\s*(?:\r?\n\s*)+|\s{4,}")
_REFERENCE_ANCHOR = re.compile(r"#(?:.*(?:ref|cite|note|bib|\br)\w*[-_]?\d*|\d+)$", re.IGNORECASE)
_FURNITURE = ["nav", "header", "footer", "aside", "form", "script", "style", "noscript", "button", "template"]
_PARAGRAPHS = ["p", "li", "blockquote", "dd", "h1", "h2", "h3", "h4", "td", "pre"]
_LAYOUT_LINK = 30
_MAX_MAIN_TABLES = 200
_MAIN_COLUMN_PARAGRAPHS = 2
"""Paragraphs of running text from which a table's cell is a column of the page, not a box in it."""


class _Block(NamedTuple):
    """A piece of the main text: a heading, a paragraph, or a table (then `table` holds it, and `text` its caption)."""

    kind: str
    text: str
    table: list[list[GridCell]] | None = None


def read_html(text: str, article_id: str, *, url: str | None = None, place: str = "") -> Document:
    """The document of a decoded page; `url` completes its links, `place` names it in messages.

    `Document.text` is "" where the page holds no text. Raises UnsafeMarkup for a document type with entities, and for
    absurd nesting.
    """
    refuse_entity_declarations(text, place or article_id)
    tree = _parse(text, place or article_id)
    if tree is None:
        return Document(id=article_id, format="html", text="")
    page = read_page_metadata(tree, url)
    blocks = _main_blocks(tree, page)
    return _document(article_id, page, blocks)


def _parse(text: str, place: str) -> html.HtmlElement | None:
    content = without_control_characters(text).encode("utf-8")
    try:
        tree, is_cut = _parse_to_depth(content, huge_tree=False)
        if is_cut:
            # Hundreds of elements left open; the parser stops there, and what wraps without meaning is taken off.
            tree, is_cut = _parse_to_depth(content, huge_tree=True)
            etree.strip_tags(tree, "div", "span", "font", "center", "b", "i", "em", "strong", "blockquote", "section")
    except (etree.ParserError, etree.XMLSyntaxError):
        return None  # nothing in it but white space and comments
    if is_cut:
        raise UnsafeMarkup(f"{place}: elements nested over 2,000 deep; no article is")
    for raised in list(tree.iter("sup")):
        _set_raised(raised)
    return tree


def _parse_to_depth(content: bytes, *, huge_tree: bool) -> tuple[html.HtmlElement, bool]:
    """The tree, and whether the parser stopped at its greatest depth (256 open elements, 2,048 in a huge tree)."""
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=huge_tree
    )
    tree = html.document_fromstring(content, parser=parser)
    return tree, any("depth" in entry.message for entry in parser.error_log)


def _set_raised(element: etree._Element) -> None:
    """Raised numbers in superscript digits; marks of references and of a table's footnotes go."""
    text = "".join(str(part) for part in element.itertext())
    anchor = element.find(".//a")
    leads_to_reference = anchor is not None and _REFERENCE_ANCHOR.search(anchor.get("href") or "")
    leads_to_foot = FOOTNOTE_MARK.fullmatch(text) and next(element.iterancestors("td", "th"), None) is not None
    if leads_to_reference or leads_to_foot:
        tail = element.tail
        element.clear()
        element.tail = tail
        return
    raised = superscript(text)
    if raised != text:
        tail = element.tail
        element.clear()
        element.text, element.tail = raised, tail


# --- main text ----------------------------------------------------------------------------------------------------


def _main_blocks(tree: html.HtmlElement, page: PageMetadata) -> list[_Block]:
    blocks = _trafilatura_blocks(tree)
    length = sum(len(block.text) for block in blocks)
    stated_length = len(page.article_body or "")
    # Short texts come from the same JSON-LD, but without its paragraphs.
    is_longer = stated_length > max(_MIN_STATED_BODY, _STATED_BODY_RATIO * length)
    is_same = len(blocks) == 1 and stated_length >= length and fold_space(page.article_body or "") == blocks[0].text
    if page.article_body and (is_longer or is_same):
        tables = [block for block in blocks if block.table is not None]
        stated = [_Block("p", part) for raw in _PARAGRAPH_BREAK.split(page.article_body) if (part := fold_space(raw))]
        return stated + tables
    return blocks


def _trafilatura_blocks(tree: html.HtmlElement) -> list[_Block]:
    from trafilatura import bare_extraction, baseline

    # It logs what it discards; what matters of that becomes an error of ours (NoText).
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    extracted = bare_extraction(deepcopy(tree), include_comments=False, with_metadata=False)
    body = getattr(extracted, "body", None)
    blocks: list[_Block] = []
    if body is not None:
        _collect_blocks(body, blocks, _page_tables(tree))
    length = sum(len(block.text) for block in blocks)
    if length >= _POOR_EXTRACTION:
        return blocks
    everything, text, _ = baseline(deepcopy(tree))
    if len(text) > _BASELINE_RATIO * length:
        blocks = []
        _collect_blocks(everything, blocks, {})
    elif len(blocks) < 2 and length < _SHORT_PAGE:
        blocks = _short_page_blocks(tree) or blocks
    return blocks


def _short_page_blocks(tree: html.HtmlElement) -> list[_Block]:
    """Headings and paragraphs of a page too short for trafilatura."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html.tostring(tree, encoding="unicode"), "lxml")
    for furniture in soup(_FURNITURE):
        furniture.decompose()
    main = soup.find("article") or soup.find("main") or soup.body
    blocks: list[_Block] = []
    for element in main.find_all(_PARAGRAPHS) if main is not None else []:
        if element.find(_PARAGRAPHS) is None:
            _add(blocks, "head" if element.name.startswith("h") else "p", element.get_text())
    if not blocks and main is not None:
        _add(blocks, "p", main.get_text(" "))
    return blocks


def _page_tables(tree: html.HtmlElement) -> dict[str, etree._Element]:
    """The page's tables by the letters they hold, to find the one that an extracted table was."""
    found: dict[str, etree._Element] = {}
    for number, table in enumerate(tree.iter("table")):
        if number >= _MAX_MAIN_TABLES:
            break
        if table.find(".//table") is None:
            found.setdefault(_letters(table), table)
    return found


def _letters(element: etree._Element) -> str:
    return re.sub(r"\s+", "", "".join(str(part) for part in element.itertext()))[:2000]


def _collect_blocks(element: etree._Element, blocks: list[_Block], tables: dict[str, etree._Element]) -> None:
    for child in element:
        if child.tag == "head":
            _add(blocks, "head", _joined(child))
        elif child.tag == "table":
            _add_table(child, blocks, tables)
        elif child.tag in ("list", "quote", "div", "section", "details") or (child.tag == "p" and _holds_blocks(child)):
            _add_paragraphs(blocks, child.text or "")
            _collect_blocks(child, blocks, tables)
        else:
            _add_paragraphs(blocks, _joined(child))
        if child.tail and child.tail.strip():
            _add_paragraphs(blocks, child.tail)


def _holds_blocks(element: etree._Element) -> bool:
    return any(child.tag in ("list", "table", "quote", "p", "head") for child in element)


def _joined(element: etree._Element) -> str:
    """The text of an extracted element, its line breaks as line ends."""
    parts = [element.text or ""]
    for child in element:
        parts.append("\n" if child.tag == "lb" else _joined(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _add(blocks: list[_Block], kind: str, text: str) -> None:
    if folded := fold_space(text):
        blocks.append(_Block(kind, folded))


def _add_paragraphs(blocks: list[_Block], text: str) -> None:
    """A line break after a full stop ends a paragraph; another is layout."""
    pending = ""
    for line in text.split("\n"):
        pending = f"{pending} {line}"
        if _SENTENCE_END.search(line):
            _add(blocks, "p", pending)
            pending = ""
    _add(blocks, "p", pending)


def _add_table(extracted: etree._Element, blocks: list[_Block], tables: dict[str, etree._Element]) -> None:
    original = tables.get(_letters(extracted))
    if original is not None:
        grid = read_grid(original, _cell_text)
        caption = original.find("caption")
        title = element_text(caption) if caption is not None else ""
    else:
        grid = [
            [GridCell(_cell_text(cell), cell.get("role") == "head") for cell in row if cell.tag == "cell"]
            for row in extracted
            if row.tag == "row"
        ]
        title = ""
    grid = [row for row in grid if any(cell.text.strip() for cell in row)]
    if len(grid) < 2 or max(len(row) for row in grid) < 2:
        _add_layout_cells(extracted, grid, blocks, tables)
        return
    blocks.append(_Block("table", title, grid))


def _add_layout_cells(
    extracted: etree._Element,
    grid: list[list[GridCell]],
    blocks: list[_Block],
    tables: dict[str, etree._Element],
) -> None:
    """Add what a table used for layout holds, each cell as one paragraph without the short ones, which are links.

    A cell with paragraphs of running text is the page's main column: it is read as the page itself is, and the cells
    beside it are added only if they hold a sentence (the others are weather, small ads, lists of links).
    """
    cells = [cell for row in extracted if row.tag == "row" for cell in row if cell.tag == "cell"]
    columns = [_column(cell, tables) for cell in cells]
    if any(_is_main_column(column) for column in columns):
        for column in columns:
            if any(block.table is not None or _SENTENCE_END.search(block.text) for block in column):
                blocks.extend(column)
        return
    seen: set[int] = set()
    for row in grid:
        for grid_cell in row:
            is_text = len(grid_cell.text.strip()) > _LAYOUT_LINK or _SENTENCE_END.search(grid_cell.text)
            if id(grid_cell) not in seen and is_text:
                seen.add(id(grid_cell))
                _add(blocks, "p", grid_cell.text)


def _column(cell: etree._Element, tables: dict[str, etree._Element]) -> list[_Block]:
    column: list[_Block] = []
    if _holds_blocks(cell):
        _add_paragraphs(column, cell.text or "")
        _collect_blocks(cell, column, tables)
    else:
        _add_paragraphs(column, _joined(cell))
    return column


def _is_main_column(column: list[_Block]) -> bool:
    running = [b for b in column if len(b.text) >= RUNNING_TEXT and _SENTENCE_END.search(b.text)]
    return len(running) >= _MAIN_COLUMN_PARAGRAPHS


def _cell_text(cell: etree._Element) -> str:
    parts = [cell.text or ""]
    for child in cell:
        if isinstance(child.tag, str) and child.tag not in ("script", "style"):
            parts.append(" " if child.tag in ("br", "p", "div", "li") else "")
            parts.append(_cell_text(child))
            parts.append(" " if child.tag in ("p", "div", "li") else "")
        parts.append(child.tail or "")
    return "".join(parts)


# --- laying it out ------------------------------------------------------------------------------------------------


def _document(article_id: str, page: PageMetadata, blocks: list[_Block]) -> Document:
    kept = _own_blocks(blocks, page.title)
    layout = Layout()
    datelines: list[Span] = []
    title = page.title
    if title and kept and not any(_is_title(block.text, title) for block in kept[:_TOP_BLOCKS]):
        layout.block(title)
    for number, block in enumerate(kept):
        if block.table is not None:
            layout.table(f"table{len(layout.tables) + 1}", block.text, block.table)
        elif block.kind == "head" and number > 0:
            layout.section(block.text, block.text)
        else:
            span = layout.block(block.text)
            if span and number < _TOP_BLOCKS and (opens := dateline(block.text)):
                datelines.append(Span(span.start, span.start + opens.end))
    text = layout.text if kept else ""
    journal = page.journal or journal_reported(text)
    return Document(
        id=article_id,
        format="html",
        text=text,
        metadata=Metadata(
            title=title or (kept[0].text if kept and kept[0].kind == "head" else None),
            authors=page.authors,
            journal=journal,
            publisher=page.publisher,
            published=page.published,
            language=detect_language(text, page.language),
            identifiers=Identifiers(doi=page.doi, pmid=page.pmid, trials=trial_numbers(text)),
            links=page.links,
        ),
        sections=layout.sections,
        tables=tuple(layout.tables),
        excluded=tuple(datelines),
    )


def _own_blocks(blocks: list[_Block], title: str | None) -> list[_Block]:
    """The blocks that are the article's own, without by-lines and date lines at the top."""
    marked = boilerplate_lines([block.text if block.table is None else "" for block in blocks])
    for number, block in enumerate(blocks[:_TOP_BLOCKS]):
        marked[number] = marked[number] or is_date_line(block.text) or bool(authors_in(block.text))
    own = [block for block, mark in zip(blocks, marked, strict=True) if not mark]
    return own[_title_position(own, title) :]


def _title_position(blocks: list[_Block], title: str | None) -> int:
    """Where the heading stands, if only kickers and menu entries ("Health") stand before it; else 0."""
    for number, block in enumerate(blocks[:_TOP_BLOCKS]):
        if title and _is_title(block.text, title):
            return number
        if len(block.text) > _LAYOUT_LINK or block.table is not None:
            break
    return 0


def _is_title(text: str, title: str) -> bool:
    return re.sub(r"\W+", "", text).lower() == re.sub(r"\W+", "", title).lower()
