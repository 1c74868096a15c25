"""What a user may name to be fetched: an address, a PMID, a PMCID or a DOI, in any usual form.

Parsing needs no network: an address at PubMed, PubMed Central, Europe PMC or doi.org becomes the identifier it holds.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from extractor.errors import UnknownReference, UsageError
from extractor.sources.redact import is_secret_parameter, redact_text, redact_url

ReferenceKind = Literal["pmid", "pmcid", "doi", "url"]

_PMID = re.compile(r"(?:(?:info:)?(?:PMID|PubMed(?: ?ID)?)\s*[:#/]?\s*)?0*(?P<digits>[1-9]\d{0,8})", re.IGNORECASE)
_PMCID = re.compile(r"(?:PMC(?:ID)?\s*:\s*)?PMC\s*0*(?P<digits>[1-9]\d{0,9})(?:\.\d+)?", re.IGNORECASE)
# Crossref's own recommendation for modern DOIs, with "<" and ">" added for the SICI forms of older journals.
_DOI_BODY = r"10\.\d{4,9}(?:\.\d+)*/[-._;()/:a-z0-9<>\[\]+#&$*!'@,%=~|]+"
_DOI = re.compile(rf"(?:(?:info:)?doi\s*[:/]?\s*)?(?P<doi>{_DOI_BODY})", re.IGNORECASE)
_DOI_ANYWHERE = re.compile(rf"(?<![\w.])(?P<doi>{_DOI_BODY})", re.IGNORECASE)
_SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*):(?!\d)", re.IGNORECASE)
_BARE_HOST = re.compile(r"www\.[^\s/?#.]+\.[^\s]+", re.IGNORECASE)

_PUBMED_HOSTS = {"pubmed.ncbi.nlm.nih.gov", "www.pubmed.gov", "pubmed.gov", "www.pubmed.com", "pubmed.com"}
_PUBMED_PATH = re.compile(r"/(?:pubmed/|m/pubmed/|entrez/.*?)?(?P<digits>\d+)/?", re.IGNORECASE)
_PMC_PATH = re.compile(r"/(?:pmc/)?articles?/(?:pmc/)?(?P<pmcid>PMC\d+)(?:\.\d+)?(?:/.*)?", re.IGNORECASE)
_EUROPE_PMC_MED = re.compile(r"/(?:article|abstract)/med/(?P<digits>\d+)/?.*", re.IGNORECASE)
_DOI_HOSTS = {"doi.org", "www.doi.org", "dx.doi.org", "hdl.handle.net"}
# Parameters that only say where a reader came from: two addresses that differ in them alone are one page.
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id|igshid|ref_src", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """One thing to fetch. `value` is in normal form: digits, "PMC" and digits, a lower-case DOI, or an address.

    `written` is what the user gave, without credentials.
    """

    kind: ReferenceKind
    value: str
    written: str

    @property
    def key(self) -> str:
        """The same for two references to the same thing, whatever their form."""
        return f"{self.kind}:{canonical_url(self.value) if self.kind == 'url' else self.value}"


def parse_reference(text: str) -> Reference:
    """The reference that `text` spells. Raises `UnknownReference`, saying what would be understood."""
    text = text.strip().strip("<>\"'\u201c\u201d\u2018\u2019").strip()
    written = redact_text(redact_url(text) if "://" in text else text)
    if match := _PMCID.fullmatch(text):
        return Reference("pmcid", f"PMC{match['digits']}", written)
    if match := _PMID.fullmatch(text):
        return Reference("pmid", match["digits"], written)
    if match := _DOI.fullmatch(text):
        return Reference("doi", tidy_doi(match["doi"]), written)
    if _BARE_HOST.fullmatch(text):
        text = f"https://{text}"
    scheme = _SCHEME.match(text)
    if scheme is None:
        raise UnknownReference(
            f"{written!r} is no reference: give an address (https://...), "
            "a PMID (PMID: 123), a PMCID (PMC123) or a DOI (10.1234/...)"
        )
    if scheme["scheme"].lower() in ("pmid", "pmcid", "doi"):
        raise UnknownReference(
            f"{written!r} is no {scheme['scheme'].upper()}; write PMID: 123, PMC123 or doi:10.1234/..."
        )
    if scheme["scheme"].lower() not in ("http", "https"):
        raise UnknownReference(
            f"{written!r}: only http and https addresses are fetched; a local file goes to `extractor batch`"
        )
    return _parse_address(text, written)


def _parse_address(text: str, written: str) -> Reference:
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower()
    except ValueError as error:
        raise UnknownReference(f"{written!r} is no valid address ({error})") from None
    if not host or re.search(r"\s", text):
        raise UnknownReference(f"{written!r} is no valid address: it has a space in it, or no host")
    path = unquote(parts.path)
    ncbi = host == "ncbi.nlm.nih.gov" or host.endswith(".ncbi.nlm.nih.gov")
    europe_pmc = host in ("europepmc.org", "www.europepmc.org")
    if (ncbi or europe_pmc) and (match := _PMC_PATH.fullmatch(path)) and not path.lower().endswith(".pdf"):
        return Reference("pmcid", match["pmcid"].upper(), written)
    if host in _PUBMED_HOSTS or (ncbi and path.lower().startswith("/pubmed/")):
        if match := _PUBMED_PATH.fullmatch(path):
            return Reference("pmid", match["digits"].lstrip("0"), written)
    elif europe_pmc and (match := _EUROPE_PMC_MED.fullmatch(path)):
        return Reference("pmid", match["digits"].lstrip("0"), written)
    elif host in _DOI_HOSTS and (match := _DOI.fullmatch(path.lstrip("/"))):
        return Reference("doi", tidy_doi(match["doi"]), written)
    return Reference(
        "url", urlunsplit(SplitResult(parts.scheme.lower(), parts.netloc, parts.path, parts.query, "")), written
    )


def tidy_doi(doi: str) -> str:
    """A DOI in lower case (they are compared without case) and without the punctuation of the sentence around it."""
    doi = unquote(doi).lower()
    while True:
        shorter = doi.rstrip(".,;:'\"!*")
        for opening, closing in ("()", "[]", "<>"):
            if shorter.endswith(closing) and shorter.count(closing) > shorter.count(opening):
                shorter = shorter[:-1]
        if shorter == doi:
            return doi
        doi = shorter


def find_dois(text: str) -> list[str]:
    """The DOIs written anywhere in a text or in a publisher's address, in order, each once.

    What publishers put behind the DOI in an address ("/full", "/abstract", ".pdf") is taken off.
    """
    found = (tidy_doi(match["doi"].partition("?")[0]) for match in _DOI_ANYWHERE.finditer(unquote(text)))
    cut = (
        re.sub(r"(?:/(?:full|abstract|pdf|epdf|html|meta|fulltext|full-text|full\.pdf)|\.pdf)+$", "", doi)
        for doi in found
    )
    return list(dict.fromkeys(cut))


def canonical_url(url: str) -> str:
    """The address for comparing: host in lower case, no fragment, no tracking parameters, and no credentials.

    A secret in the query is replaced by a hash of it, because it may tell two pages apart.
    """
    parts = urlsplit(url)
    query = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.fullmatch(name)
    ]
    query = [(name, _veiled(value) if is_secret_parameter(name) else value) for name, value in query]
    host = parts.netloc.rpartition("@")[2].lower()
    host = host.removesuffix(":80" if parts.scheme == "http" else ":443")
    return urlunsplit(SplitResult(parts.scheme.lower(), host, parts.path or "/", urlencode(query), ""))


def _veiled(secret: str) -> str:
    return secret if secret.startswith("sha256-") else f"sha256-{hashlib.sha256(secret.encode()).hexdigest()[:12]}"


def read_reference_file(path: Path | str) -> Iterator[str]:
    """The references of a file (or of standard input for "-"), one a line; blank lines and lines from "#" are left out.

    A line may hold several, with commas, semicolons or tabs between, if each of them is a reference by itself.
    Raises `UsageError` if the file cannot be read as UTF-8 text.
    """
    try:
        if str(path) == "-":
            yield from _references_of_lines(sys.stdin)
        else:
            with Path(path).open(encoding="utf-8-sig") as lines:
                yield from _references_of_lines(lines)
    except OSError as error:
        raise UsageError(f"{path}: the references cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None


def _references_of_lines(lines: Iterator[str]) -> Iterator[str]:
    for raw in lines:
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        pieces = [piece.strip() for piece in re.split(r"[,;\t]", line) if piece.strip()]
        if len(pieces) > 1 and all(_parses(piece) for piece in pieces):
            yield from pieces
        else:
            yield line


def _parses(text: str) -> bool:
    try:
        parse_reference(text)
    except UnknownReference:
        return False
    return True
