"""One form for a word's spellings: British to American, plural to singular, lower case.

Lexicons are read through the same function, so a form need not be a real word, only the same for all spellings.
"""

from __future__ import annotations

import re
import sys

_BRITISH = re.compile(
    r"haem|aemi|oedem|oea|oesoph|aesthe|tumour|leuco|caesar|faec|paed|gynaec|foet|oestr|isation|ological|titre|vour"
    r"|behaviou|odou|colou|labou|fibre|centre|uraem|oestra|aetio|practise|ylise"
)
_AMERICAN = {
    "haem": "hem", "aemi": "emi", "oedem": "edem", "oea": "ea", "oesoph": "esoph", "aesthe": "esthe",
    "tumour": "tumor", "leuco": "leuko", "caesar": "cesar", "faec": "fec", "paed": "ped", "gynaec": "gynec",
    "foet": "fet", "oestr": "estr", "isation": "ization", "ological": "ologic", "titre": "titer", "vour": "vor",
    "behaviou": "behavio", "odou": "odo", "colou": "colo", "labou": "labo", "fibre": "fiber", "centre": "center",
    "uraem": "urem", "oestra": "estra", "aetio": "etio", "practise": "practice", "ylise": "ylize",
}  # fmt: skip
_GREEK_PLURAL = re.compile(r"(metasta|diagno|cri|thrombo|steno|necro|anastomo|psycho|prosthe|sclero)ses$")


_known: dict[str, str] = {}
_MAX_KNOWN = 1 << 16


def normal_form(word: str) -> str:
    """The form that stands for all spellings of a word.

    >>> [normal_form(w) for w in ("Tumours", "anaemia", "toxicities", "metastases", "haematological", "flushes")]
    ['tumor', 'anemia', 'toxicity', 'metastasis', 'hematologic', 'flush']
    """
    found = _known.get(word)
    if found is None:
        found = sys.intern(_form(word))
        if len(_known) < _MAX_KNOWN:
            _known[word] = found
    return found


def _form(word: str) -> str:
    word = word.lower()
    if len(word) < 4:
        return word
    word = _BRITISH.sub(lambda m: _AMERICAN[m.group()], word)
    if word[-1] != "s":
        return word[:-2] if word.endswith(("'s", "’s")) else word
    if word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("ses") and _GREEK_PLURAL.search(word):
        return word[:-2] + "is"
    return word[:-1]


def normal_forms(term: str) -> tuple[str, ...]:
    """The normal forms of a term's words, with hyphens as blanks."""
    return tuple(normal_form(word) for word in re.split(r"[\s‐‑–—-]+", term.strip()))
