"""Every exception of the project, under one `ExtractorError`.

Each class says when it happens. A message names the article or file, the place and the next step; the
command line prints it as one line, the batch writes it into the manifest with the class's `reason`.
"""

from __future__ import annotations


class ExtractorError(Exception):
    """Base of all errors that a user can meet; anything else that escapes is a bug."""

    reason = "error"
    """Short machine-readable word for manifests, stable between versions."""


class UsageError(ExtractorError):
    """The call itself is wrong: an unknown option value, a missing folder, `--out` not writable (exit status 2)."""

    reason = "usage"


class SourceError(ExtractorError):
    """An article's bytes cannot be had or cannot be read as an article."""

    reason = "unreadable"


class MissingSource(SourceError):
    """The file or folder named does not exist."""

    reason = "missing"


class EmptySource(SourceError):
    """The file holds no bytes, or only white space."""

    reason = "empty"


class UnsupportedFormat(SourceError):
    """The bytes are no article format: PDF, image, office file, binary junk."""

    reason = "unsupported"


class TooLarge(SourceError):
    """The file, the archive member or what it unpacks to is over the limit in `settings`."""

    reason = "too_large"


class UnsafeArchive(SourceError):
    """An archive member that leaves the folder, is a link, or unpacks out of all proportion."""

    reason = "unsafe_archive"


class DamagedSource(SourceError):
    """Truncated gzip, zip or XML: the end of the data is missing, or a checksum is wrong."""

    reason = "damaged"


class UnsafeMarkup(SourceError):
    """XML that declares entities of its own or points outside itself."""

    reason = "unsafe_markup"


class NoText(SourceError):
    """The file was understood but holds no text (an empty page, an article without title and abstract)."""

    reason = "no_text"


class FetchError(SourceError):
    """A reference could not be fetched."""

    reason = "fetch"


class UnknownReference(FetchError):
    """What was given is no URL, PMID, PMCID or DOI in any form the program knows."""

    reason = "unknown_reference"


class NotFound(FetchError):
    """The service or site says that it has no such article (404, 410, or an answer without it)."""

    reason = "not_found"


class UnresolvedDoi(FetchError):
    """A DOI that PubMed, Europe PMC, Crossref and the DOI resolver all do not know."""

    reason = "doi_unresolved"


class PrivateAddress(FetchError):
    """A host that is, or resolves to, a loopback, private, link-local or metadata address."""

    reason = "private_address"


class UnsafeRedirect(FetchError):
    """A redirect that leaves http and https, goes in circles, or is one too many."""

    reason = "redirect"


class RobotsDisallowed(FetchError):
    """The site's robots.txt does not allow the page, or could not be had because the site failed."""

    reason = "robots"


class WrongContentType(FetchError):
    """The answer is not of a kind that can be an article: a PDF, an image, a login service's JSON."""

    reason = "content_type"


class ServiceFailed(FetchError):
    """The server refused, or went on failing until the retries were used up. `status` is its last HTTP status."""

    reason = "http_status"

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Unreachable(FetchError):
    """No connection, no name, no valid certificate, or no complete answer in time, after every retry."""

    reason = "network"


class BadAnswer(FetchError):
    """The answer is broken after every retry: not well-formed XML or JSON, or cut short."""

    reason = "bad_answer"


class NoStudyFound(FetchError):
    """No study matches what the news record says well enough."""

    reason = "no_match"


class AmbiguousStudy(FetchError):
    """Several studies match the news record about equally well; none is chosen."""

    reason = "ambiguous"


class AnnotationError(UsageError):
    """A gold annotation or a mapping of labels cannot be understood; names the file and, if there is one, the line."""

    reason = "annotation"


class LexiconError(ExtractorError):
    """A lexicon file is malformed: names the file, the line and the column."""

    reason = "lexicon"


class RecordError(ExtractorError):
    """A record is not valid: another schema version, not a record, a span outside its text, an ungrounded value."""

    reason = "record"


class InternalError(ExtractorError):
    """A bug met while one article was processed; the others go on. The message holds the original error."""

    reason = "internal"


class OutputError(ExtractorError):
    """Something could not be written: the disk is full, a folder is read-only. What was written before stays."""

    reason = "output"


class WorkerDied(ExtractorError):
    """The process that worked on an article ended without an answer, most often for lack of memory."""

    reason = "worker_died"
