"""Spaces the requests to each host, over all threads of the process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping


class HostPacer:
    """At least `interval` seconds between two requests to one host, counted from send to send.

    `intervals` maps host names to seconds, `default` holds for all others. Separate processes do not know of each
    other: run one fetch at a time against one service.
    """

    def __init__(
        self,
        intervals: Mapping[str, float],
        default: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._intervals = {host.lower(): seconds for host, seconds in intervals.items()}
        self._default = default
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    def wait(self, host: str) -> None:
        """Return when the next request to `host` may be sent; each caller gets a slot of its own."""
        host = host.lower()
        while True:
            with self._lock:
                now = self._clock()
                start = self._next.get(host, now)
                if start <= now:
                    self._next[host] = now + self._intervals.get(host, self._default)
                    self._forget_past(now)
                    return
            self._sleep(start - now)

    def hold(self, host: str, seconds: float) -> None:
        """No request to `host` for the next `seconds`, from any thread: the server has asked for a pause."""
        host = host.lower()
        with self._lock:
            self._next[host] = max(self._next.get(host, 0.0), self._clock() + seconds)

    def slow_down(self, host: str, interval: float) -> None:
        """Space requests to `host` by `interval` seconds if that is more than now (a Crawl-delay)."""
        host = host.lower()
        with self._lock:
            self._intervals[host] = max(interval, self._intervals.get(host, self._default))

    def _forget_past(self, now: float) -> None:
        if len(self._next) > 10_000:
            self._next = {host: at for host, at in self._next.items() if at > now}
