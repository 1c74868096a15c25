"""A polite HTTP client: paced, retrying, cached, bounded, and unable to reach private addresses.

`PoliteClient` is the only thing in the program that sends requests. It may be used by several threads at once.
"""

from __future__ import annotations

import email.utils
import logging
import random
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
import requests_cache
import tenacity
from protego import Protego
from requests.cookies import RequestsCookieJar

from extractor import __version__
from extractor.errors import (
    BadAnswer,
    FetchError,
    NotFound,
    RobotsDisallowed,
    ServiceFailed,
    Unreachable,
    UnsafeRedirect,
)
from extractor.sources.addresses import AddressGuard, Resolver
from extractor.sources.connections import GuardedAdapter, IncompleteAnswer
from extractor.sources.options import FetchOptions
from extractor.sources.pacing import HostPacer
from extractor.sources.redact import holds_secret, redact_library_logs, redact_text, redact_url

log = logging.getLogger(__name__)

ROBOTS_NAME = "extractor"
_ROBOTS_BYTES = 512_000
"""RFC 9309, 2.5: a crawler must read at least 500 KiB of a robots.txt; the rest is left."""
_CRAWL_DELAY_LIMIT = 60.0
"""Seconds; a longer Crawl-delay is held to this."""
_ROBOTS_KEPT = 500
_WORTH_RETRYING = frozenset({408, 425, 429})
_NOT_WORTH_RETRYING = frozenset({501, 505, 511})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADERS_THAT_MATTER = (
    "content-type", "content-length", "content-encoding", "content-language", "content-location", "date", "etag",
    "last-modified", "cache-control", "expires", "x-robots-tag",
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """One complete answer. `url` is as asked, `final_url` after redirects, both free of credentials.

    `content` is the body with only its Content-Encoding undone; `headers` are those that matter, with lower-case
    names; `retrieved_at` is UTC, ISO 8601 to the second.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    retrieved_at: str
    redirects: tuple[str, ...] = ()
    from_cache: bool = False
    """The server was not asked, or said that nothing has changed."""

    @property
    def content_type(self) -> str:
        """As declared, with parameters; "" if not declared."""
        return self.headers.get("content-type", "")

    @property
    def media_type(self) -> str:
        """The declared type without parameters, in lower case."""
        return self.content_type.partition(";")[0].strip().lower()


Check = Callable[[Answer], None]


class _Transient(Exception):
    """One try has failed in a way that another may not. `failure` is what to raise when the tries are used up."""

    def __init__(self, failure: FetchError, retry_after: float | None = None) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.retry_after = retry_after


class PoliteClient:
    """Sends requests as `FetchOptions` says. `sleep`, `clock`, `now`, `chance` and `resolver` can be replaced in tests.

    Close it, or use it as a context manager, to give back connections and the cache file.
    """

    def __init__(
        self,
        options: FetchOptions,
        *,
        sleep: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: random.Random | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        redact_library_logs()
        self.options = options
        self._stopped = threading.Event()
        self._sleep = sleep or self._sleep_unless_stopped
        self._now = now
        self._chance = chance or random.Random()
        allow = options.allow_private_addresses
        self.guard = AddressGuard(allow) if resolver is None else AddressGuard(allow, resolver)
        self.pacer = HostPacer(_intervals(options), options.web_interval, clock=clock, sleep=self._sleep)
        self.user_agent = _user_agent(options)
        self._robots: OrderedDict[str, Protego | FetchError] = OrderedDict()
        self._robots_lock = threading.Lock()
        self._plain = self._equipped(requests.Session())
        self._cached = self._cached_session()

    def __enter__(self) -> PoliteClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back the connections and the cache file."""
        self._cached.close()
        self._plain.close()

    def stop(self) -> None:
        """Let no further request begin: those that wait for their turn or for another try fail at once."""
        self._stopped.set()

    def _sleep_unless_stopped(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise Unreachable("stopped before it was asked for")

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        accept: str = "*/*",
        robots: bool = False,
        check: Check | None = None,
        pages_of_any_status: frozenset[int] = frozenset(),
    ) -> Answer:
        """The answer to a GET, after redirects and as many tries as it takes.

        `robots`: obey robots.txt, on every host on the way. `check` may raise `BadAnswer` for a body that another try
        may mend. A status of 400 or above is an error unless it is among `pages_of_any_status`.
        Raises the subclasses of `FetchError`, and `TooLarge`.
        """
        request = requests.Request("GET", url, params=dict(params or {}), headers={"Accept": accept})
        return self._retrying(request, robots, check, pages_of_any_status)

    def post(self, url: str, form: Mapping[str, str], *, check: Check | None = None) -> Answer:
        """The answer to a POST of `form`, which must be safe to repeat. As `get` otherwise; never cached."""
        return self._retrying(requests.Request("POST", url, data=dict(form)), False, check, frozenset())

    def _retrying(
        self, request: requests.Request, robots: bool, check: Check | None, any_status: frozenset[int]
    ) -> Answer:
        tries = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.options.attempts),
            wait=self._pause,
            retry=tenacity.retry_if_exception_type(_Transient),
            sleep=self._sleep,
            before_sleep=self._say_again,
            reraise=True,
        )
        again = False

        def one_try() -> Answer:
            nonlocal again
            answer = self._follow(request, robots, any_status, force=again)
            again = True
            if check is not None:
                try:
                    check(answer)
                except BadAnswer as failure:
                    raise _Transient(failure) from None
            return answer

        try:
            return tries(one_try)
        except _Transient as last:
            many = f" (after {self.options.attempts} tries)" if self.options.attempts > 1 else ""
            failure = last.failure
            failure.args = (f"{failure}{many}",)
            raise failure from None

    def _pause(self, state: tenacity.RetryCallState) -> float:
        """Full jitter over a doubling ceiling, never less than the server asked for.

        Source: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
        """
        ceiling = min(self.options.backoff_limit, self.options.backoff * 2 ** (state.attempt_number - 1))
        drawn = self._chance.uniform(0, ceiling)
        failed = state.outcome.exception() if state.outcome else None
        asked = failed.retry_after if isinstance(failed, _Transient) else None
        return drawn if asked is None else asked + drawn

    def _say_again(self, state: tenacity.RetryCallState) -> None:
        failed = state.outcome.exception() if state.outcome else None
        wait = state.next_action.sleep if state.next_action else 0.0
        log.info("%s; again in %.1f s", redact_text(str(failed)), wait)

    def _follow(self, request: requests.Request, robots: bool, any_status: frozenset[int], force: bool) -> Answer:
        """One try: the request and the redirects it leads to, each checked like the first."""
        prepared = _prepare(request)
        asked = str(prepared.url)
        cookies = RequestsCookieJar()  # kept for one chain of redirects only: some sites loop without
        passed: list[str] = []
        while True:
            url = str(prepared.url)
            self.guard.check_url(url)
            if robots and urlsplit(url).hostname != urlsplit(self.options.doi_url).hostname:
                self._obey_robots(url)
            response = self._send(prepared, force)
            location = self._plain.get_redirect_target(response)
            if response.status_code not in _REDIRECTS or not location:
                return self._answer(asked, passed, response, any_status)
            passed.append(url)
            target = urljoin(url, location.strip())
            if urlsplit(target).scheme.lower() not in ("http", "https"):
                raise UnsafeRedirect(
                    f"{redact_url(url)} redirects to {redact_url(target)!r}; only http and https are followed"
                )
            if len(passed) > self.options.max_redirects:
                raise UnsafeRedirect(f"{redact_url(asked)} redirects more than {self.options.max_redirects} times")
            cookies.update(response.cookies)
            keeps_method = response.status_code in (307, 308)
            # A user name and password in the address asked are not carried on: the target gets only what it names.
            prepared = _prepare(
                requests.Request(
                    prepared.method if keeps_method else "GET",
                    target,
                    data=request.data if keeps_method else None,
                    headers=request.headers,
                    cookies=cookies,
                )
            )

    def _send(self, prepared: requests.PreparedRequest, force: bool) -> requests.Response:
        url = str(prepared.url)
        where = redact_url(url)
        if self._stopped.is_set():
            raise Unreachable(f"{where}: stopped before it was asked for")
        prepared.headers["User-Agent"] = self.user_agent
        prepared.headers["Accept-Encoding"] = "gzip"
        cacheable = self._cached is not self._plain and prepared.method == "GET" and not holds_secret(url)
        session = self._cached if cacheable else self._plain
        settings = session.merge_environment_settings(url, {}, True, None, None)
        timeout = (self.options.connect_timeout, self.options.read_timeout)
        how: dict[str, bool] = {}
        if cacheable:
            how = {"force_refresh": True} if force else {"refresh": self.options.refresh}
        try:
            return session.send(prepared, timeout=timeout, allow_redirects=False, **settings, **how)
        except sqlite3.Error as error:
            log.warning("the HTTP cache %s cannot be used (%s); going on without it", self.options.cache, error)
            self._cached = self._plain
            return self._send(prepared, force)
        except IncompleteAnswer as error:
            raise _Transient(BadAnswer(f"{where}: {error}")) from None
        except requests.exceptions.SSLError as error:
            failure = Unreachable(f"{where}: no trusted connection ({_cause(error)})")
            if "CERTIFICATE" in str(error).upper():
                raise failure from None
            raise _Transient(failure) from None
        except requests.Timeout:
            limit = f"{self.options.read_timeout:g} s, {self.options.deadline:g} s in all"
            raise _Transient(Unreachable(f"{where}: no complete answer in time ({limit})")) from None
        except requests.RequestException as error:
            raise _Transient(Unreachable(f"{where}: {_cause(error)}")) from None

    def _answer(self, asked: str, passed: list[str], response: requests.Response, any_status: frozenset[int]) -> Answer:
        url, status = str(response.url), response.status_code
        where = redact_url(url)
        if status in _WORTH_RETRYING or (status >= 500 and status not in _NOT_WORTH_RETRYING):
            raise self._server_trouble(url, response)
        if status >= 400 and status not in any_status:
            if status in (404, 410):
                raise NotFound(f"{where}: not there (HTTP {status})")
            raise ServiceFailed(f"{where}: refused with HTTP {status} {response.reason or ''}".rstrip(), status)
        if status >= 300 and status not in any_status:
            raise ServiceFailed(f"{where}: HTTP {status} without a target", status)
        from_cache = bool(getattr(response, "from_cache", False))
        stored = getattr(response, "created_at", None) if from_cache else None
        # Bytes that the server has just confirmed count as retrieved now.
        retrieved = self._now() if stored is None or getattr(response, "revalidated", False) else stored
        return Answer(
            url=redact_url(asked),
            final_url=where,
            status=status,
            headers={name: response.headers[name] for name in _HEADERS_THAT_MATTER if name in response.headers},
            content=response.content,
            retrieved_at=retrieved.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            redirects=tuple(redact_url(url) for url in passed),
            from_cache=from_cache,
        )

    def _server_trouble(self, url: str, response: requests.Response) -> Exception:
        status = response.status_code
        message = f"{redact_url(url)}: HTTP {status} {response.reason or ''}".rstrip()
        pause = self._retry_after(response.headers.get("Retry-After"))
        if pause is None:
            return _Transient(ServiceFailed(message, status))
        if pause > self.options.retry_after_limit:
            return ServiceFailed(f"{message}; it asks for a pause of {pause:.0f} s, so try again later", status)
        self.pacer.hold(urlsplit(url).hostname or "", pause)
        return _Transient(ServiceFailed(message, status), pause)

    def _retry_after(self, header: str | None) -> float | None:
        """Seconds from a Retry-After header, which is a number of seconds or a date (RFC 9110, 10.2.3)."""
        text = (header or "").strip()
        if text.isdecimal():
            return float(text)
        try:
            until = email.utils.parsedate_to_datetime(text)
        except ValueError:
            return None
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        return max(0.0, (until - self._now()).total_seconds())

    def _obey_robots(self, url: str) -> None:
        if self.options.ignore_robots:
            return
        rules = self._robots_of(url)
        if isinstance(rules, FetchError):
            raise rules
        if not rules.can_fetch(url, ROBOTS_NAME):
            raise RobotsDisallowed(f"{redact_url(url)}: the site's robots.txt does not allow it")

    def _robots_of(self, url: str) -> Protego | FetchError:
        """The rules of the site of `url`, asked for once; two threads may both ask, which does no harm."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
        with self._robots_lock:
            known = self._robots.get(origin)
        if known is not None:
            return known
        rules = self._ask_robots(origin, parts.hostname or "")
        with self._robots_lock:
            self._robots[origin] = rules
            while len(self._robots) > _ROBOTS_KEPT:
                self._robots.popitem(last=False)
        return rules

    def _ask_robots(self, origin: str, host: str) -> Protego | FetchError:
        """RFC 9309, 2.3.1: a missing robots.txt allows all, one that the site fails to give forbids all.

        What went wrong is remembered, so that a dead site is not asked again for each of its pages.
        """
        try:
            answer = self.get(f"{origin}/robots.txt", accept="text/plain")
        except NotFound:
            return Protego.parse("")
        except ServiceFailed as failure:
            if failure.status is not None and 400 <= failure.status < 500 and failure.status != 429:
                return Protego.parse("")
            return RobotsDisallowed(f"{origin}/robots.txt cannot be had, which forbids the site: {failure}")
        except UnsafeRedirect:
            return Protego.parse("")
        except (Unreachable, BadAnswer) as failure:
            return failure
        rules = Protego.parse(answer.content[:_ROBOTS_BYTES].decode("utf-8", errors="replace"))
        delay = rules.crawl_delay(ROBOTS_NAME)
        if delay:
            self.pacer.slow_down(host, min(float(delay), _CRAWL_DELAY_LIMIT))
        return rules

    def _cached_session(self) -> requests.Session:
        path = self.options.cache
        if path is None:
            return self._plain
        try:
            return self._equipped(_new_cache(path))
        except (OSError, sqlite3.Error) as error:
            log.warning("the HTTP cache %s cannot be used (%s); going on without it", path, error)
            return self._plain

    def _equipped(self, session: requests.Session) -> requests.Session:
        adapter = GuardedAdapter(
            self.guard,
            max_bytes=self.options.max_bytes,
            deadline_seconds=self.options.deadline,
            connections=self.options.workers,
            before_send=self.pacer.wait,
        )
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return session


def _new_cache(path: Path) -> requests.Session:
    """Stores what carries a validator or a lifetime; JSON, because a pickle from a cache folder could run code."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return requests_cache.CachedSession(
        str(path),
        backend="sqlite",
        serializer="json",
        cache_control=True,
        expire_after=requests_cache.EXPIRE_IMMEDIATELY,
        allowable_codes=(200,),
        allowable_methods=("GET",),
        wal=True,
    )


def _intervals(options: FetchOptions) -> dict[str, float]:
    services = (options.europepmc_url, options.crossref_url, options.doi_url)
    intervals = {urlsplit(url).hostname or "": options.service_interval for url in services}
    # Last, and the longest wins: a mirror may serve several of them from one host.
    ncbi = urlsplit(options.eutils_url).hostname or ""
    intervals[ncbi] = max(options.seconds_between_ncbi_requests, intervals.get(ncbi, 0.0))
    return intervals


def _user_agent(options: FetchOptions) -> str:
    contact = f"; mailto:{options.email}" if options.email else ""
    return f"{ROBOTS_NAME}/{__version__} (reads clinical trial articles{contact}) requests/{requests.__version__}"


def _prepare(request: requests.Request) -> requests.PreparedRequest:
    try:
        return request.prepare()
    except (requests.RequestException, ValueError):
        raise FetchError(f"{redact_url(str(request.url))} is no valid address") from None


def _cause(error: Exception) -> str:
    """The innermost reason of a `requests` exception, in words and without addresses."""
    inner: object = error
    for _ in range(5):
        first = inner.args[0] if isinstance(inner, Exception) and inner.args else None
        deeper = getattr(inner, "reason", None) or first
        if not isinstance(deeper, Exception):
            break
        inner = deeper
    text = redact_text(str(inner) or type(inner).__name__)
    return text.rpartition(": ")[2] if ">: " in text else text
