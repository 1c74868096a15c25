"""Collect the text inside an XML paragraph without losing a space or gluing a raised number to its neighbour."""

from __future__ import annotations

import re

from lxml import etree

from extractor.documents.normalise import superscript

# Citation marks are put between these private-use characters while a paragraph is joined, to be judged in context.
_MARK, _END = "\ue000", "\ue001"
_CITATION = rf"{_MARK}[^{_MARK}{_END}]*{_END}"
_BETWEEN = r"[\s,;.–—\-⁻]*(?:and\s+)?"
_BRACKETED_CITATIONS = re.compile(rf" ?[\[(]\s*(?:{_CITATION}{_BETWEEN})+[\])]")
_LONE_CITATION = re.compile(rf"(\s?){_MARK}([^{_MARK}{_END}]*){_END}")
_NUMBER_LIST = re.compile(r"[\s\d,;–—\-⁰¹²³⁴⁵⁶⁷⁸⁹⁻*†‡a-d]*")
FOOTNOTE_MARK = re.compile(r"\s*(?:[a-z](?:\s*,\s*[a-z])*|[*†‡§¶#‖]+(?:\s*,\s*[*†‡§¶#‖]+)*)\s*")
"""Raised in a table cell: a letter or sign that leads to the table's foot, never a part of the number before it."""
_TEX_BODY = re.compile(r"\\begin\{document\}(.*?)\\end\{document\}", re.DOTALL)
_TEX_RAISED = re.compile(r"\^\{?([+\-]?\d{1,6})\}?")
_TEX_SIGNS = {"times": "×", "pm": "±", "cdot": "·", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "sim": "~", "%": "%"}
_TEX_SIGN = re.compile(r"\\(times|pm|cdot|leq?|geq?|sim|%)(?![A-Za-z])")
_TEX_COMMAND = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}$_^&]")
_LEFT_OUT = frozenset({"object-id", "graphic", "inline-graphic", "media", "alt-text", "long-desc"})
_SPACED = frozenset({"break", "p", "title", "label", "list-item", "def-item", "term", "def", "td", "th"})
"""Elements that set their text apart, so that it does not run into what follows."""
_FOOTNOTE_REFERENCES = frozenset({"fn", "table-fn", "author-notes", "corresp"})


def inline_text(element: etree._Element, *, skip: frozenset[str] = frozenset()) -> str:
    """The text of `element` and its descendants, text nodes exactly as they stand, children named in `skip` left out.

    Raised numbers become superscript digits. Citation marks go: raised ones, and bracketed ones with their brackets.
    """
    parts: list[str] = []
    _collect(element, parts, skip)
    return without_citations("".join(parts))


def collect(element: etree._Element, parts: list[str]) -> None:
    """Append what `element` (without its tail) adds to a paragraph; the paragraph then goes to `without_citations`."""
    _append(element, parts, frozenset())


def _collect(element: etree._Element, parts: list[str], skip: frozenset[str]) -> None:
    if element.text:
        parts.append(element.text)
    for child in element:
        if child.tag not in skip:
            _append(child, parts, skip)
        if child.tail:
            parts.append(child.tail)


def _append(child: etree._Element, parts: list[str], skip: frozenset[str]) -> None:
    tag = child.tag
    if not isinstance(tag, str):
        parts.append(child.text or "" if tag is etree.Entity else "")
        return
    if tag in _LEFT_OUT:
        return
    if tag == "tex-math":
        parent = child.getparent()
        if parent is None or parent.find("math") is None:
            parts.append(tex_text("".join(str(t) for t in child.itertext())))
        return
    if tag == "xref" and child.get("ref-type") in ("bibr", "ref"):
        raised = child.find(".//sup") is not None
        parts.append(f"{_MARK}{'⁰' if raised else ''}{''.join(str(t) for t in child.itertext())}{_END}")
        return
    if tag == "xref" and child.get("ref-type") in _FOOTNOTE_REFERENCES:
        return
    inner: list[str] = []
    _collect(child, inner, skip)
    text = "".join(inner)
    if tag == "sup" and FOOTNOTE_MARK.fullmatch(text) and _in_cell(child):
        return
    if tag == "sup":
        text = text.replace(_MARK, _MARK + "⁰") if _MARK in text else superscript(text)
    if tag in _SPACED:
        text = f"{text} "
    parts.append(text)


def tex_text(source: str) -> str:
    """The letters and numbers of a TeX formula, powers in superscript digits; for files that have no other form."""
    body = _TEX_BODY.search(source)
    formula = _TEX_RAISED.sub(lambda power: superscript(power[1]), body[1] if body else source)
    formula = _TEX_SIGN.sub(lambda sign: _TEX_SIGNS[sign[1]], formula)
    return " ".join(_TEX_COMMAND.sub("", formula).split())


def _in_cell(element: etree._Element) -> bool:
    return next(element.iterancestors("td", "th"), None) is not None


def without_citations(text: str) -> str:
    """Remove the citation marks that hold nothing but numbers, and bracketed ones altogether; keep "Smith (2004)"."""
    if _MARK not in text:
        return text
    text = _BRACKETED_CITATIONS.sub("", text)
    return re.sub(r"[,–\-]+(?=\ue002)|\ue002", "", _LONE_CITATION.sub(_kept_citation, text))


def _kept_citation(found: re.Match[str]) -> str:
    space, cited = found[1], found[2]
    raised = cited.startswith("⁰")
    if raised or (not space and _NUMBER_LIST.fullmatch(cited)):
        return "\ue002"
    return space + cited
