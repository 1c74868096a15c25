"""Takes credentials out of addresses and messages before they are written anywhere."""

from __future__ import annotations

import logging
import re
from urllib.parse import SplitResult, urlsplit, urlunsplit

REDACTED = "REDACTED"

# Query parameters that carry a secret: API keys, sessions, and the signed links of the large cloud stores.
_SECRET_NAME = (
    r"(?:[\w.-]*(?:api[-_]?key|access[-_]?key|token|secret|passw(?:or)?d|signature|credential|session[-_]?id)[\w.-]*"
    r"|auth|authorization|key|pwd|sid|sig|jwt|apikey|key-pair-id|policy)"
)
_SECRET_PARAMETER_NAME = re.compile(_SECRET_NAME, re.IGNORECASE)
_SECRET_PARAMETER = re.compile(rf"(?P<name>(?<![\w.%-]){_SECRET_NAME})=(?P<value>[^&#;\s'\"<>)]+)", re.IGNORECASE)
_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^/?#\s'\"]*@(?=[^/?#\s'\"@])", re.IGNORECASE)

_CHATTY_LOGGERS = (
    "urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry", "urllib3.response",
    "requests_cache.session", "requests_cache.backends.base", "requests_cache.backends.sqlite",
    "requests_cache.policy.actions", "requests_cache.policy.expiration", "extractor.sources",
)  # fmt: skip


def redact_text(text: str) -> str:
    """`text` without passwords in addresses and without the values of secret query parameters."""
    text = _USERINFO.sub(r"\g<scheme>", text)
    return _SECRET_PARAMETER.sub(rf"\g<name>={REDACTED}", text)


def redact_url(url: str) -> str:
    """The address without user name, password, fragment and secret parameters; unchanged where it has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return redact_text(url)
    netloc = parts.netloc.rpartition("@")[2]
    query = _SECRET_PARAMETER.sub(rf"\g<name>={REDACTED}", parts.query)
    return urlunsplit(SplitResult(parts.scheme, netloc, parts.path, query, ""))


def is_secret_parameter(name: str) -> bool:
    """Whether a query parameter of this name carries a secret."""
    return _SECRET_PARAMETER_NAME.fullmatch(name) is not None


def holds_secret(url: str) -> bool:
    """Whether `url` carries a password or a secret parameter."""
    return redact_url(url) != url.partition("#")[0]


class RedactingFilter(logging.Filter):
    """Rewrites a log record's message with `redact_text`; drops nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        safe = redact_text(message)
        if safe != message:
            record.msg, record.args = safe, None
        return True


def redact_library_logs() -> None:
    """Put the filter on the loggers of the HTTP libraries, which print whole query strings at debug level."""
    for name in _CHATTY_LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, RedactingFilter) for known in logger.filters):
            logger.addFilter(RedactingFilter())
