"""Where articles are worked on: in this process, or in several worker processes of which any may die."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from typing import Protocol

from extractor.errors import ExtractorError, WorkerDied
from extractor.extract import ARTICLES_AT_ONCE, Extractor, Failure, internal
from extractor.records.models import Record
from extractor.settings import Settings
from extractor.sources.raw import RawArticle

PRELOADED = ("extractor.rules.pipeline", "extractor.documents.reader", "extractor.records.assemble", "extractor.checks")
"""Imported once for all workers, which takes a second or two."""
CHUNK_ARTICLES = ARTICLES_AT_ONCE
"""Articles sent to a worker at once, at most."""


@dataclass(frozen=True)
class Made:
    """A record as a worker hands it back, serialised."""

    id: str
    record: bytes
    facts: int
    seconds: float = 0.0
    """Its part, by length, of the time of all articles of its chunk."""


@dataclass(frozen=True)
class Failed:
    """An article that gave no record."""

    id: str
    reason: str
    message: str
    seconds: float = 0.0


Outcomes = list[Made | Failed]
"""What one input gave, in order."""


class Workers(Protocol):
    """Turns chunks of articles into outcomes."""

    jobs: int
    chunk: int
    """Articles to send at once, at most."""

    def submit(self, chunk: list[RawArticle]) -> Future[list[Outcomes]]:
        """Start on a chunk; the result has one list of outcomes for each of its articles."""

    def outcomes(self, raw: RawArticle, results: Future[list[Outcomes]] | None, index: int) -> Outcomes:
        """Wait for the outcomes of `raw`, the article at `index` of a submitted chunk, or do it now without one."""

    def stop(self) -> None:
        """End as soon as may be; what is not finished is dropped."""


class InProcess:
    """Works in this process."""

    jobs = 1
    chunk = CHUNK_ARTICLES

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def submit(self, chunk: list[RawArticle]) -> Future[list[Outcomes]]:
        future: Future[list[Outcomes]] = Future()
        future.set_result(_work(chunk, self._settings))
        return future

    def outcomes(self, raw: RawArticle, results: Future[list[Outcomes]] | None, index: int) -> Outcomes:
        return (results or self.submit([raw])).result()[index]

    def stop(self) -> None:
        pass


class Pool:
    """Worker processes. When one dies, the articles that were in flight are done again one by one to find the cause."""

    chunk = CHUNK_ARTICLES

    def __init__(self, jobs: int, settings: Settings) -> None:
        self.jobs = jobs
        self._settings = settings
        self._others = set(multiprocessing.active_children())
        # Not fork: this process has threads (the progress bar's), whose locks a forked child could find held.
        methods = multiprocessing.get_all_start_methods()
        self._context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        if "forkserver" in methods:
            self._context.set_forkserver_preload([__name__, *PRELOADED])
        self._pool = self._new(jobs)
        self._single: ProcessPoolExecutor | None = None

    def submit(self, chunk: list[RawArticle]) -> Future[list[Outcomes]]:
        with _sigint_blocked():  # workers inherit it: Ctrl-C is for the main process alone
            try:
                return self._pool.submit(_work, chunk, self._settings)
            except BrokenProcessPool:
                self._pool.shutdown(wait=False, cancel_futures=True)
                self._pool = self._new(self.jobs)
                return self._pool.submit(_work, chunk, self._settings)

    def outcomes(self, raw: RawArticle, results: Future[list[Outcomes]] | None, index: int) -> Outcomes:
        if results is not None:
            with suppress(BrokenProcessPool):
                return results.result()[index]
        return self._alone(raw)

    def stop(self) -> None:
        # The chunks being worked on are waited for: a worker ended while it sends its results could block the pool.
        try:
            for pool in (self._pool, self._single):
                if pool is not None:
                    pool.shutdown(wait=True, cancel_futures=True)
        except KeyboardInterrupt:  # a second Ctrl-C, by someone who does not want to wait
            for process in set(multiprocessing.active_children()) - self._others:
                process.kill()
            raise

    def _alone(self, raw: RawArticle) -> Outcomes:
        if self._single is None:
            self._single = self._new(1)
        started = time.monotonic()
        try:
            with _sigint_blocked():
                future = self._single.submit(_work, [raw], self._settings)
            return future.result()[0]
        except BrokenProcessPool:
            self._single = None
            error = WorkerDied(
                f"{raw.place}: the process working on it died, most likely for lack of memory; "
                "use fewer --jobs, or split the file"
            )
            return [Failed(raw.name, error.reason, str(error), time.monotonic() - started)]

    def _new(self, jobs: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(jobs, mp_context=self._context, initializer=_start_worker)


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:  # a killed main process must not leave workers behind, waiting for ever
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


_extractors: dict[Settings, Extractor] = {}
"""The pipeline of this process, built with the first article."""


def _work(chunk: list[RawArticle], settings: Settings) -> list[Outcomes]:
    extractor = _extractors.get(settings)
    if extractor is None:
        extractor = _extractors[settings] = Extractor(settings)
    started = time.monotonic()
    found = extractor.outcomes_of(chunk)
    serialised = [_serialised(raw, outcomes) for raw, outcomes in zip(chunk, found, strict=True)]
    pace = (time.monotonic() - started) / max(1, sum(len(raw.content) for raw in chunk))
    return [
        [replace(outcome, seconds=pace * len(raw.content) / len(outcomes)) for outcome in outcomes]
        for raw, outcomes in zip(chunk, serialised, strict=True)
    ]


def _serialised(raw: RawArticle, outcomes: list[Record | Failure]) -> Outcomes:
    found: Outcomes = []
    for outcome in outcomes:
        if isinstance(outcome, Failure):
            found.append(_failed(outcome.id, outcome.error))
            continue
        article_id = outcome.article.id
        try:
            found.append(Made(article_id, outcome.to_json().encode(), len(outcome.facts)))
        except Exception as error:
            found.append(_failed(article_id, internal(raw, article_id, error)))
    return found


def _failed(article_id: str, error: ExtractorError) -> Failed:
    return Failed(article_id, error.reason, _one_line(str(error)))


def _one_line(message: str) -> str:
    return " ".join(message.encode(errors="replace").decode().split())


@contextmanager
def _sigint_blocked() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
