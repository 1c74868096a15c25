"""Turn an article's bytes into text.

The order of trust is: byte order mark; bytes that can only be UTF-16; valid UTF-8, whatever is declared (other
encodings almost never look like it by chance); what the server, the XML declaration or the page declares;
windows-1252 for mostly ASCII bytes; charset-normalizer's guess. Nothing fails: bytes without a meaning become U+FFFD.
"""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD = 4096
_SAMPLE = 1 << 18
_DECLARED_BY_SERVER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_DECLARED_INSIDE = re.compile(
    rb"<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']\s*([\w.:-]+)|<meta\b[^>]{0,400}?\bcharset\s*=\s*[\"']?\s*([\w.:-]+)",
    re.IGNORECASE,
)
_AS_WINDOWS_1252 = frozenset({"ascii", "iso8859-1", "cp1252"})
"""Labels that browsers read as windows-1252 (WHATWG Encoding Standard)."""


def decode(content: bytes, content_type: str | None = None) -> str:
    """The text of `content` without its byte order mark; `content_type` is the server's header, if any."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    wide = _wide_encoding(content)
    if wide:
        return content.decode(wide, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _declared(content, content_type)
    if declared in _AS_WINDOWS_1252:
        return content.decode("cp1252", "replace")
    if declared and declared != "utf-8":
        return content.decode(declared, "replace")
    if _is_broken_utf8(content):
        return content.decode("utf-8", "replace")
    return content.decode(_guess(content), "replace")


def _wide_encoding(content: bytes) -> str | None:
    """UTF-16 without a mark: in Western text every other byte is zero."""
    head = content[: _HEAD & ~1]
    if head.count(0) < len(head) // 4 or len(head) < 4:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 9 * even and odd > len(head) // 4:
        return "utf-16-le"
    if even > 9 * odd and even > len(head) // 4:
        return "utf-16-be"
    return None


def _declared(content: bytes, content_type: str | None) -> str | None:
    """Python's name of the declared encoding; None if nothing (known) is declared."""
    labels = []
    if content_type and (by_server := _DECLARED_BY_SERVER.search(content_type)):
        labels.append(by_server[1])
    labels += [(m[1] or m[2]).decode("ascii", "replace") for m in _DECLARED_INSIDE.finditer(content[:_HEAD])]
    for label in labels:
        try:
            name = codecs.lookup(label).name
        except LookupError:
            continue
        # A declaration readable as ASCII cannot be true of a two-byte encoding.
        if not name.startswith(("utf-16", "utf-32")) and codecs.lookup(name)._is_text_encoding:
            return name
    return None


def _is_broken_utf8(content: bytes) -> bool:
    """Whether the bytes are UTF-8 with a few faults (cut inside a character, one bad quote pasted in)."""
    sample = content[:_SAMPLE].decode("utf-8", "replace")
    faults = sample.count("�")
    wide = sum(1 for character in sample if character > "\x7f") - faults
    return wide > 2 * faults


def _guess(content: bytes) -> str:
    sample = content[:_SAMPLE]
    high = sum(1 for byte in sample if byte > 0x7F)
    if high < len(sample) // 4:
        # Letter frequencies say nothing in mostly ASCII text; windows-1252 is by far the likeliest.
        return "cp1252"
    from charset_normalizer import from_bytes  # only now: it takes longer to import than most articles to read

    best = from_bytes(sample).best()
    return best.encoding if best is not None else "cp1252"
