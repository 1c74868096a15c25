"""Parse XML from anywhere: safely, and forgiving of what publishers and archives really write.

Nothing outside the file is ever loaded. A document type with a plain reference to an external DTD (as PubMed and JATS
have) is accepted without loading it; one that declares entities is refused, because an article never needs them and
an entity bomb does. Elements lose their namespace: `mml:math` is `math`, declared or not.
"""

from __future__ import annotations

import re
from html.entities import html5

from lxml import etree

from extractor.documents.normalise import without_control_characters
from extractor.errors import DamagedSource, UnsafeMarkup

_NAME = r"[A-Za-z_:][\w:.\-]*"
_PROLOG_PART = re.compile(r"\s+|<\?(?:[^?]|\?(?!>))*\?>|<!--(?:[^-]|-(?!->))*-->")
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_INNER_PROLOG = re.compile(r"<\?xml\b[^<>]*\?>|<!DOCTYPE\b[^<>\[\]]*>", re.IGNORECASE)
"""Of a second document in the same file: several answers of a service written one after the other."""
_ENTITY_DECLARATION = re.compile(r"<!ENTITY\b", re.IGNORECASE)
_ROOT = re.compile(rf"<({_NAME})")
_NAMED_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_NUMBERED_ENTITY = re.compile(r"&#(?:[xX]([0-9A-Fa-f]{1,8})|([0-9]{1,9}));")
_BARE_AMPERSAND = re.compile(r"&(?!(?:#[0-9]{1,9}|#[xX][0-9A-Fa-f]{1,8}|amp|lt|gt|quot|apos);)")
_BARE_LESS_THAN = re.compile(r"<(?![A-Za-z_/!?])")
_TAG = re.compile(rf"<(/?)({_NAME})((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*?)(/?)>")
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_CDATA = "<![CDATA["
_MAX_DEPTH = 250
"""libxml2 stops at 256 open elements; real articles stay under 30."""


def root_name(text: str) -> str | None:
    """The first element's name without its namespace prefix; None if the text does not begin as markup."""
    start = _skip_prolog(text)
    found = _ROOT.match(text, start)
    return found[1].split(":")[-1] if found else None


def refuse_entity_declarations(text: str, place: str) -> None:
    """Raises UnsafeMarkup if the document type declares entities; they are never expanded, here or anywhere."""
    start = _skip_prolog(text, stop_at_doctype=True)
    if not _DOCTYPE.match(text, start):
        return
    root = _skip_prolog(text)
    if _ENTITY_DECLARATION.search(text, start, root):
        raise UnsafeMarkup(
            f"{place}: the document type declares entities, which could unpack without end or read other files; "
            "remove the declarations and replace the entities by their text"
        )


def parse_xml(text: str, place: str, *, size: int) -> etree._Element:
    """The root element of decoded XML; several roots (a fragment of an article) are put under one `article`.

    Namespaces, comments and processing instructions are gone. `size` is the number of bytes, for messages. Raises
    UnsafeMarkup for entity declarations or absurd nesting and DamagedSource for XML that is cut off or beyond repair.
    """
    refuse_entity_declarations(text, place)
    # Characters that XML forbids come from bad exports; no parser takes them and they say nothing.
    body = without_control_characters(text[_skip_prolog(text) :])
    body = _resolve_entities(body)
    lines_before = text.count("\n", 0, _skip_prolog(text))
    try:
        root = _parse(body, recover=False)
    except etree.XMLSyntaxError as error:
        if "Excessive depth" in str(error):
            raise UnsafeMarkup(f"{place}: elements nested over {_MAX_DEPTH} deep; no article is") from error
        root = _recover(body, place, size=size, line=(error.lineno or 1) + lines_before)
    _strip_namespaces(root)
    return root


def _parse(body: str, *, recover: bool) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        remove_comments=True, remove_pis=True, recover=recover, huge_tree=False,
    )  # fmt: skip
    return etree.fromstring(body.encode("utf-8"), parser)


def _skip_prolog(text: str, *, stop_at_doctype: bool = False) -> int:
    """Where the root element (or the document type) begins, past declarations, comments and instructions."""
    position = 0
    while True:
        part = _PROLOG_PART.match(text, position)
        if part:
            position = part.end()
        elif not stop_at_doctype and _DOCTYPE.match(text, position):
            position = _doctype_end(text, position)
        else:
            return position


def _doctype_end(text: str, start: int) -> int:
    """Past the `>` that closes the document type; quotes and the internal subset may hold others."""
    depth = 0
    quote = ""
    for found in re.finditer(r"[\[\]>\"']", text[start : start + 100_000]):
        character = found[0]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            # An apostrophe inside the subset's comments is no quote; the subset is only searched, never read.
            quote = character if depth == 0 else ""
        elif character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
        elif depth <= 0:
            return start + found.end()
    return len(text)


def _resolve_entities(body: str) -> str:
    """HTML's named characters as themselves (JATS files without their DTD use them); CDATA is left alone."""
    if not _NAMED_ENTITY.search(body):
        return body
    parts: list[str] = []
    position = 0
    while position < len(body):
        start = body.find(_CDATA, position)
        end = body.find("]]>", start) if start >= 0 else -1
        stop = start if end >= 0 else len(body)
        parts.append(_NAMED_ENTITY.sub(_named_character, body[position:stop]))
        parts.append(body[stop : end + 3] if end >= 0 else "")
        position = end + 3 if end >= 0 else len(body)
    return "".join(parts)


def _named_character(entity: re.Match[str]) -> str:
    name = entity[1]
    if name in _XML_ENTITIES:
        return entity[0]
    character = html5.get(name + ";")
    return character if character is not None else f"&amp;{name};"


def _recover(body: str, place: str, *, size: int, line: int) -> etree._Element:
    """Parse what a strict parser refuses: fragments without a root, unknown prefixes, stray tags, bare `<` and `&`."""
    _refuse_truncated(body, place, size=size)
    repaired = _INNER_PROLOG.sub("", body)
    repaired = _NUMBERED_ENTITY.sub(_numbered_character, repaired)
    repaired = _BARE_AMPERSAND.sub("&amp;", repaired)
    repaired = _BARE_LESS_THAN.sub("&lt;", repaired)
    try:
        return _unwrapped(_parse(f"<article>{_balance(repaired)}</article>", recover=True))
    except etree.XMLSyntaxError as error:
        raise DamagedSource(
            f"{place}: not readable as XML from line {line} on ({error.msg}); get the file again"
        ) from error


def _unwrapped(wrapper: etree._Element) -> etree._Element:
    """The file's own root where it has one; the wrapper is for fragments that have several."""
    return wrapper[0] if len(wrapper) == 1 else wrapper


def _refuse_truncated(body: str, place: str, *, size: int) -> None:
    end = body.rstrip()
    cut_in_tag = end.rfind("<") > end.rfind(">")
    root = _ROOT.match(body)
    # With the closing bracket, because </article-meta> does not close <article>.
    unclosed = root is not None and not re.search(rf"</{re.escape(root[1])}\s*>", body) and not end.endswith("/>")
    if cut_in_tag or unclosed:
        where = f"line {body.count(chr(10)) + 1} of the markup, byte {size:,}"
        what = "inside a tag" if cut_in_tag else f"before <{root[1] if root else '?'}> is closed"
        raise DamagedSource(f"{place}: the XML stops {what} ({where}); the file is cut off, get it again")


def _numbered_character(entity: re.Match[str]) -> str:
    code = int(entity[1], 16) if entity[1] else int(entity[2])
    character = chr(code) if code <= 0x10FFFF else ""
    return entity[0] if without_control_characters(character) else ""


def _balance(body: str) -> str:
    """Every closing tag has its partner: strays are dropped, forgotten ones added where their parent closes.

    libxml2's own recovery lets a stray closing tag end whatever is open and then drops the rest of the file.
    """
    parts: list[str] = []
    open_names: list[str] = []
    open_counts: dict[str, int] = {}
    position = 0
    for tag in _TAG.finditer(body):
        parts.append(body[position : tag.start()])
        position = tag.end()
        closing, name, _, empty = tag.groups()
        if not closing:
            parts.append(tag[0])
            if not empty:
                open_names.append(name)
                open_counts[name] = open_counts.get(name, 0) + 1
            continue
        if not open_counts.get(name):
            continue
        while True:
            innermost = open_names.pop()
            open_counts[innermost] -= 1
            parts.append(f"</{innermost}>")
            if innermost == name:
                break
    parts.append(body[position:])
    parts.extend(f"</{name}>" for name in reversed(open_names))
    return "".join(parts)


def _strip_namespaces(root: etree._Element) -> None:
    for element in root.iter():
        tag = element.tag
        if isinstance(tag, str) and ("}" in tag or ":" in tag):
            element.tag = tag.rpartition("}")[2].rpartition(":")[2]
