"""Run many articles: each ends as a record or as a named error, and an interrupted run can be taken up again.

The main process reads the inputs, decides what is unchanged, and writes records and manifest in the order of the
inputs; the workers turn bytes into records. Since only the main process gives out ids, and does so in order, the
output is the same for any number of workers. What is in flight is bounded in articles and in bytes.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from extractor import __version__
from extractor.errors import ExtractorError, OutputError, UsageError
from extractor.outputs.manifest import Entry, Manifest, ManifestLine
from extractor.outputs.record_files import RecordFolder, file_id, id_key, unique_id, with_id
from extractor.outputs.tally import Silent, Tally, Watcher
from extractor.settings import DEFAULTS, Settings
from extractor.sources.raw import RawArticle
from extractor.sources.store import FailedInput, read_inputs
from extractor.workers import Failed, InProcess, Outcomes, Pool, Workers

CHUNK_BYTES = 256_000
"""Raw bytes sent to a worker at once, unless one article alone is larger."""
CHUNKS_PER_JOB = 3
"""Chunks in flight for each worker: one being worked on, one waiting, one being read back."""
MAX_SLOTS = 2_000
"""Inputs waiting to be written in their order, at most."""
MAX_BYTES_IN_FLIGHT = 64_000_000
"""Raw bytes waiting, at most, unless one article alone is larger."""


@dataclass
class _Slot:
    """One input on its way through; `results` holds the outcomes of its chunk, `index` is its place in there."""

    place: str
    raw: RawArticle | None = None
    error: ExtractorError | None = None
    entry: Entry | None = None
    results: Future[list[Outcomes]] | None = None
    index: int = 0
    ends_chunk: bool = False

    @property
    def size(self) -> int:
        """Raw bytes held."""
        return len(self.raw.content) if self.raw is not None else 0

    @property
    def to_do(self) -> bool:
        """Whether a worker has to look at it."""
        return self.raw is not None and self.entry is None


def run(
    inputs: Sequence[str | Path],
    out: Path,
    jobs: int = 1,
    settings: Settings = DEFAULTS,
    watcher: Watcher | None = None,
) -> Tally:
    """Write `out/records/<id>.json` for every article under `inputs`, and `out/manifest.jsonl`.

    Inputs whose bytes, rules and version are those of an earlier run into `out`, and whose records are there, are
    left alone. On Ctrl-C everything finished stays and the tally says `interrupted`. `jobs` is the number of worker
    processes; 1 works in this process.
    Raises UsageError if `out` cannot be written or is in use by another run, OutputError if it no longer can midway.
    """
    if jobs < 1:
        raise UsageError(f"--jobs {jobs}: must be 1 or more")
    records = RecordFolder(out)
    with _sole_use_of(out):
        records.clean()
        try:
            manifest = Manifest(out / "manifest.jsonl")
        except OutputError as error:
            raise UsageError(str(error)) from error
        return _Run(inputs, records, manifest, jobs, settings, watcher or Silent()).go()


class _Run:
    """One run over the inputs."""

    def __init__(
        self,
        inputs: Sequence[str | Path],
        records: RecordFolder,
        manifest: Manifest,
        jobs: int,
        settings: Settings,
        watcher: Watcher,
    ) -> None:
        from extractor.rules.pipeline import rules_hash

        self.inputs = inputs
        self.records = records
        self.manifest = manifest
        self.settings = settings
        self.watcher = watcher
        self.jobs = jobs
        self.rules = rules_hash()
        self.tally = Tally()
        self.met: dict[str, None] = {}
        """Places in the order in which they were dealt with."""
        self.holders = {id_key(i): place for place, entry in manifest.entries.items() for i in entry.ids}
        """Who has which id, in this run and those before."""
        self.last_suffix: dict[str, int] = {}

    def go(self) -> Tally:
        started = time.monotonic()
        workers: Workers = InProcess(self.settings) if self.jobs == 1 else Pool(self.jobs, self.settings)
        try:
            try:
                for slot in self._in_order(workers):
                    self._settle(slot, workers)
            finally:
                workers.stop()
        except KeyboardInterrupt:
            self.tally.interrupted = True
        except BaseException:
            self.manifest.close()
            raise
        self.manifest.close(self.met)
        self.tally.seconds = time.monotonic() - started
        return self.tally

    # --- reading ahead ------------------------------------------------------------------------------------------

    def _in_order(self, workers: Workers) -> Iterator[_Slot]:
        """The inputs in their order, each when its outcomes are there."""
        waiting: deque[_Slot] = deque()
        chunk: list[_Slot] = []
        bytes_waiting = chunk_bytes = sent = chunks_in_flight = 0

        def send() -> None:
            nonlocal chunk, chunk_bytes, sent, chunks_in_flight
            future = workers.submit([slot.raw for slot in chunk if slot.raw is not None])
            for index, slot in enumerate(chunk):
                slot.results, slot.index = future, index
            chunk[-1].ends_chunk = True
            sent += len(chunk)
            chunks_in_flight += 1
            chunk, chunk_bytes = [], 0

        for slot in self._read():
            waiting.append(slot)
            bytes_waiting += slot.size
            if slot.to_do:
                chunk.append(slot)
                chunk_bytes += slot.size
                # Small chunks first, so that a short list of articles is shared out among all workers.
                if chunk_bytes >= CHUNK_BYTES or len(chunk) >= min(workers.chunk, 1 + sent // (8 * workers.jobs)):
                    send()
            while waiting:
                head = waiting[0]
                if head.to_do and not (head.results is not None and head.results.done()):
                    if (
                        len(waiting) <= MAX_SLOTS
                        and bytes_waiting <= MAX_BYTES_IN_FLIGHT
                        and chunks_in_flight <= CHUNKS_PER_JOB * workers.jobs
                    ):
                        break
                    if head.results is None:
                        send()
                bytes_waiting -= head.size
                chunks_in_flight -= head.ends_chunk
                yield waiting.popleft()
        if chunk:
            send()
        while waiting:
            yield waiting.popleft()

    def _read(self) -> Iterator[_Slot]:
        inside = _inside(self.records.out, self.inputs)
        for given in read_inputs(self.inputs, self.settings):
            if isinstance(given, FailedInput):
                yield _Slot(given.place, error=given.error)
            elif not inside(given.place):  # a batch into a folder of its own input must not read its records
                yield _Slot(given.place, raw=given, entry=self._unchanged(given))

    def _unchanged(self, raw: RawArticle) -> Entry | None:
        """The manifest's entry of this input if its records are still good."""
        entry = self.manifest.entries.get(raw.place)
        if (
            entry is not None
            and entry.complete
            and (entry.sha256, entry.version, entry.rules) == (raw.sha256, __version__, self.rules)
            and all(self.records.holds(record_id) for record_id in entry.ids)
        ):
            return entry
        return None

    # --- writing, in the order of the inputs --------------------------------------------------------------------

    def _settle(self, slot: _Slot, workers: Workers) -> None:
        """Write what became of one input."""
        place = slot.place
        if place in self.met:
            self.tally.repeated += 1
            return
        try:
            if slot.raw is None:
                self._fail_input(slot)
            elif slot.entry is not None and self.manifest.entries.get(place) is slot.entry:
                self.tally.unchanged += len(slot.entry.ids)
            else:
                self._write(slot.raw, workers.outcomes(slot.raw, slot.results, slot.index))
        except OutputError as error:
            line = self._line(place, state="failed", id=None, reason=error.reason, message=str(error))
            with suppress(OutputError):  # on a full disk there may be room for a line, or not
                self.manifest.append([line])
            raise OutputError(
                f"{error}; stopped at {place} after {self.tally.done} new records, which are kept; "
                "make room and run the same command again to go on"
            ) from error
        self.met[place] = None
        self.watcher.advanced(self.tally)

    def _fail_input(self, slot: _Slot) -> None:
        error = slot.error
        assert error is not None
        line = self._line(slot.place, state="failed", id=None, reason=error.reason, message=str(error))
        self.manifest.append([line])
        self.tally.failed += 1
        self.watcher.failed(line)

    def _write(self, raw: RawArticle, outcomes: Outcomes) -> None:
        """An input's records, then their manifest lines; Ctrl-C waits until both are there."""
        with _uninterrupted():
            self._write_records_and_lines(raw, outcomes)

    def _write_records_and_lines(self, raw: RawArticle, outcomes: Outcomes) -> None:
        before = self.manifest.entries.get(raw.place)
        own = list(before.ids) if before is not None else []
        lines = []
        for number, outcome in enumerate(outcomes, start=1):
            common = {"sha256": raw.sha256, "seconds": round(outcome.seconds, 4),
                      "article": number, "articles": len(outcomes)}  # fmt: skip
            record_id = self._claim(file_id(outcome.id), raw, own)
            if isinstance(outcome, Failed):
                line = self._line(
                    raw.place, state="failed", id=record_id, reason=outcome.reason, message=outcome.message, **common
                )
            else:
                record = outcome.record if record_id == outcome.id else with_id(outcome.record, record_id)
                self.records.write(record_id, record)
                line = self._line(
                    raw.place, state="done", id=record_id, record=self.records.name(record_id),
                    facts=outcome.facts, **common,
                )  # fmt: skip
            lines.append(line)
        self.manifest.append(lines)
        for line in lines:
            if line.state == "done":
                self.tally.done += 1
                self.tally.facts += line.facts or 0
            else:
                self.tally.failed += 1
                self.watcher.failed(line)
        if all(line.state == "done" for line in lines):
            for left_over in own:
                self.records.remove(left_over)
                self.holders.pop(id_key(left_over), None)

    def _line(self, place: str, **fields: object) -> ManifestLine:
        return ManifestLine.model_validate(
            {"place": place, "version": __version__, "rules": self.rules, "seconds": 0.0, **fields}
        )

    # --- ids ----------------------------------------------------------------------------------------------------

    def _claim(self, wanted: str, raw: RawArticle, own: list[str]) -> str:
        """The id for an article of `raw`; takes it out of `own`, the ids that this input had before.

        An input keeps the id it was once given. A new one gets the first that is free. An id is also free if its
        holder has the same bytes, or is of the same set, and did not come up before in this run: the file was moved, is
        named otherwise, or the set was changed.
        """
        for record_id in own:
            if _is_form_of(record_id, wanted) and self.holders.get(id_key(record_id)) == raw.place:
                own.remove(record_id)
                return record_id
        taken = _Taken(self, raw)
        record_id = unique_id(wanted, taken, self.last_suffix.get(id_key(wanted), 1))
        suffix = record_id[len(wanted) + 1 :]
        self.last_suffix[id_key(wanted)] = int(suffix) if suffix else 1
        holder = self.holders.get(id_key(record_id))
        if holder is not None and holder != raw.place:
            for given_up in self.manifest.entries[holder].ids:
                self.holders.pop(id_key(given_up), None)
            self.manifest.forget(holder)
        self.holders[id_key(record_id)] = raw.place
        return record_id


class _Taken:
    """The ids that an input may not have."""

    def __init__(self, run: _Run, raw: RawArticle) -> None:
        self.run = run
        self.raw = raw

    def __contains__(self, key: object) -> bool:
        holder = self.run.holders.get(str(key))
        if holder is None:
            return False
        entry = self.run.manifest.entries.get(holder)
        moved = (
            entry is not None
            and (entry.sha256 == self.raw.sha256 or _are_parts_of_one_file(holder, self.raw))
            and holder != self.raw.place
            and holder not in self.run.met
        )
        return not moved


def _are_parts_of_one_file(place: str, raw: RawArticle) -> bool:
    """Whether `place` is another part of the set that `raw` is of: articles move between parts when the set changes."""
    return raw.first_article is not None and place.rpartition("#")[0] == raw.place.rpartition("#")[0]


def _is_form_of(record_id: str, wanted: str) -> bool:
    """Whether `record_id` is `wanted`, or `wanted` with a number after it."""
    return record_id == wanted or (record_id.startswith(f"{wanted}-") and record_id[len(wanted) + 1 :].isdecimal())


# --- the output folder ----------------------------------------------------------------------------------------------


@contextmanager
def _sole_use_of(folder: Path) -> Iterator[None]:
    """Hold the folder against a second run at the same time, where the file system can."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"--out {folder}: another run is writing there; wait for it or use another --out"
            ) from error
        except OSError:
            pass  # a network file system without locks: the user has to see to it
        yield
    finally:
        os.close(descriptor)


def _inside(folder: Path, inputs: Sequence[str | Path]) -> Callable[[str], bool]:
    """Tells whether a place found under `inputs` lies in `folder`."""
    real = os.path.realpath(folder) + os.sep
    if not any(real.startswith(os.path.join(os.path.realpath(given), "")) for given in inputs):
        return lambda place: False
    return lambda place: os.path.realpath(place.partition("!")[0]).startswith(real)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold back SIGINT until the block is done, then let it take its course. Off the main thread, where Python delivers
    no signals, and where SIGINT is ignored, this changes nothing."""
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler) or threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _frame: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if held:
        handler(signal.SIGINT, None)
