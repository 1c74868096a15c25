import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from spacy.tokens import Doc

from extractor import SCHEMA_VERSION, __version__, workers
from extractor.batch import run
from extractor.documents.model import Document
from extractor.errors import ExtractorError, NoText, OutputError, UsageError
from extractor.extract import Extractor, Failure, internal
from extractor.outputs.manifest import ManifestLine
from extractor.outputs.record_files import RecordFolder
from extractor.outputs.tally import Silent, Tally
from extractor.records.assemble import assemble
from extractor.records.models import Record
from extractor.settings import DEFAULTS
from extractor.sources.raw import RawArticle


class FakeExtractor:
    """One record for each line of a text; lines that say so fail. Counts what it was given."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def outcomes_of(self, raws: Sequence[RawArticle]) -> list[list[Record | Failure]]:
        return [list(self.outcomes(raw)) for raw in raws]

    def outcomes(self, raw: RawArticle) -> Iterator[Record | Failure]:
        self.seen.append(raw.place)
        lines = raw.content.decode().splitlines()
        for number, text in enumerate(lines):
            article_id = raw.name if len(lines) == 1 else f"{raw.name}_{number}"
            if text == "die":
                os._exit(3)
            if text == "no text":
                yield Failure(article_id, NoText(f"{raw.place}: no text"))
            elif text == "bug":
                yield Failure(article_id, internal(raw, article_id, ValueError("two\nlines")))
            else:
                yield record(article_id, text, raw)


def record(article_id: str, text: str, raw: RawArticle) -> Record:
    source = {"path": raw.path, "format": "text", "sha256": raw.sha256}
    return Record.model_validate(
        {
            "schema_version": SCHEMA_VERSION,
            "extractor": {"version": __version__, "rules": "r"},
            "article": {"id": article_id, "source": source},
            "text": text,
        }
    )


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeExtractor:
    """Stands in for the pipeline in runs with one job."""
    stand_in = FakeExtractor()
    monkeypatch.setitem(workers._extractors, DEFAULTS, stand_in)  # type: ignore[misc]
    return stand_in


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.txt").write_text(content)
    return folder


def manifest(out: Path) -> list[ManifestLine]:
    return [ManifestLine.model_validate_json(line) for line in (out / "manifest.jsonl").read_text().splitlines()]


def texts(out: Path) -> dict[str, str]:
    """Each record's text under its id, after a look that file name and id agree."""
    found = {}
    for path in sorted((out / "records").iterdir()):
        content = json.loads(path.read_bytes())
        assert path.name == f"{content['article']['id']}.json"
        found[path.stem] = content["text"]
    return found


def contents(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / "records").iterdir()}


# --- sets of many articles -------------------------------------------------------------------------------------------


def pubmed_set(pmids: list[int]) -> str:
    articles = "".join(
        f"<PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article><ArticleTitle>Trial {pmid}.</ArticleTitle>"
        "</Article></MedlineCitation></PubmedArticle>"
        for pmid in pmids
    )
    return f"<PubmedArticleSet>{articles}</PubmedArticleSet>"


def test_a_large_set_is_taken_up_where_it_was_left(tmp_path: Path) -> None:
    source, out = tmp_path / "set.xml", tmp_path / "out"
    source.write_text(pubmed_set(list(range(1, 601))))
    tally = run([source], out)
    assert (tally.done, tally.failed) == (600, 0)
    assert sorted(texts(out)) == sorted(f"PMID{n}" for n in range(1, 601))
    assert [line.place.rpartition("#")[2] for line in manifest(out) if line.article == 1] == ["1", "251", "501"]
    (out / "records" / "PMID300.json").unlink()
    tally = run([source], out)
    assert (tally.unchanged, tally.done) == (350, 250)


def test_articles_keep_their_ids_when_a_set_changes(tmp_path: Path) -> None:
    source, out = tmp_path / "set.xml", tmp_path / "out"
    source.write_text(pubmed_set(list(range(1, 601))))
    run([source], out)
    for pmids in (list(range(2, 601)), [700, *range(1, 601)]):  # all move to the part before, then to the one behind
        source.write_text(pubmed_set(pmids))
        run([source], out)
        assert sorted(texts(out)) == sorted(f"PMID{n}" for n in pmids)


# --- what a run leaves ----------------------------------------------------------------------------------------------


def test_every_input_ends_as_a_record_or_a_named_error(fake: FakeExtractor, tmp_path: Path) -> None:
    source = write(tmp_path / "in", a="one", b="no text", c="bug", d="four")
    tally = run([source, tmp_path / "missing.txt"], tmp_path / "out")
    assert (tally.done, tally.failed) == (2, 3)
    assert texts(tmp_path / "out") == {"a": "one", "d": "four"}
    lines = manifest(tmp_path / "out")
    assert [(Path(line.place).name, line.state, line.reason) for line in lines] == [
        ("a.txt", "done", None),
        ("b.txt", "failed", "no_text"),
        ("c.txt", "failed", "internal"),
        ("d.txt", "done", None),
        ("missing.txt", "failed", "missing"),
    ]
    assert lines[0].record == "records/a.json"
    assert (tmp_path / "out" / "records" / "a.json").is_file()
    assert "ValueError: two lines" in (lines[2].message or "")
    assert str(source / "c.txt") in (lines[2].message or "")


def test_the_articles_of_a_set_are_lines_of_their_own(fake: FakeExtractor, tmp_path: Path) -> None:
    source = write(tmp_path / "in", set="one\nno text\nthree")
    tally = run([source], tmp_path / "out")
    assert (tally.done, tally.failed) == (2, 1)
    assert [(line.id, line.state, line.article, line.articles) for line in manifest(tmp_path / "out")] == [
        ("set_0", "done", 1, 3),
        ("set_1", "failed", 2, 3),
        ("set_2", "done", 3, 3),
    ]


def test_an_input_named_twice_is_read_once(fake: FakeExtractor, tmp_path: Path) -> None:
    source = write(tmp_path / "in", a="one") / "a.txt"
    tally = run([source, source], tmp_path / "out")
    assert (tally.done, tally.repeated) == (1, 1)
    assert texts(tmp_path / "out") == {"a": "one"}


def test_an_output_folder_inside_the_input_is_not_read(fake: FakeExtractor, tmp_path: Path) -> None:
    source = write(tmp_path / "in", a="one")
    out = source / "out"
    run([source], out)
    write(out, notes="a stray text")
    assert run([source], out).unchanged == 1
    assert texts(out) == {"a": "one"}


def test_out_is_refused_while_another_run_writes_there(fake: FakeExtractor, tmp_path: Path) -> None:
    source = write(tmp_path / "in", a="one", b="two")

    class SecondRun(Silent):
        refused = 0

        def advanced(self, tally: Tally) -> None:
            with pytest.raises(UsageError, match="another run"):
                run([source], tmp_path / "out")
            self.refused += 1

    second = SecondRun()
    assert run([source], tmp_path / "out", watcher=second).done == 2
    assert second.refused == 2


# --- ids ------------------------------------------------------------------------------------------------------------


def test_colliding_ids_get_numbers_in_the_order_of_the_inputs(fake: FakeExtractor, tmp_path: Path) -> None:
    one, two, three = (write(tmp_path / name, page=name) for name in ("one", "two", "three"))
    run([one, two, three], tmp_path / "out")
    assert texts(tmp_path / "out") == {"page": "one", "page-2": "two", "page-3": "three"}


def test_ids_that_differ_only_in_case_do_not_share_a_file(fake: FakeExtractor, tmp_path: Path) -> None:
    run([write(tmp_path / "a", page="one"), write(tmp_path / "b", PAGE="two")], tmp_path / "out")
    assert texts(tmp_path / "out") == {"page": "one", "PAGE-2": "two"}


def test_an_input_keeps_its_id_when_another_comes_before_it(fake: FakeExtractor, tmp_path: Path) -> None:
    old, new = write(tmp_path / "old", page="old"), write(tmp_path / "new", page="new")
    run([old], tmp_path / "out")
    run([new, old], tmp_path / "out")
    assert texts(tmp_path / "out") == {"page": "old", "page-2": "new"}
    assert fake.seen == [str(old / "page.txt"), str(new / "page.txt")]


def test_a_moved_input_takes_its_record_along(fake: FakeExtractor, tmp_path: Path) -> None:
    source = write(tmp_path / "in", page="one")
    run([source], tmp_path / "out")
    source.rename(tmp_path / "moved")
    run([tmp_path / "moved"], tmp_path / "out")
    assert texts(tmp_path / "out") == {"page": "one"}
    assert [line.place for line in manifest(tmp_path / "out")] == [str(tmp_path / "moved" / "page.txt")]


# --- going on -------------------------------------------------------------------------------------------------------


def test_a_second_run_does_nothing_where_nothing_changed(fake: FakeExtractor, tmp_path: Path) -> None:
    source = write(tmp_path / "in", a="one", b="two", set="x\ny")
    run([source], tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*") if path.is_file()}
    fake.seen.clear()
    tally = run([source], tmp_path / "out")
    assert (tally.done, tally.unchanged, tally.failed) == (0, 4, 0)
    assert fake.seen == []
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*") if path.is_file()} == before


def test_a_second_run_does_what_is_new_changed_failed_or_lost(fake: FakeExtractor, tmp_path: Path) -> None:
    source = write(tmp_path / "in", changed="old", failed="no text", kept="kept", lost="lost")
    run([source], tmp_path / "out")
    fake.seen.clear()
    write(source, changed="new", failed="mended", added="added")
    (tmp_path / "out" / "records" / "lost.json").unlink()
    tally = run([source], tmp_path / "out")
    assert [Path(place).stem for place in fake.seen] == ["added", "changed", "failed", "lost"]
    assert (tally.done, tally.unchanged) == (4, 1)
    assert texts(tmp_path / "out") == {
        "added": "added", "changed": "new", "failed": "mended", "kept": "kept", "lost": "lost",
    }  # fmt: skip
    assert [line.id for line in manifest(tmp_path / "out")] == ["added", "changed", "failed", "kept", "lost"]


@pytest.mark.parametrize("changed", ["rules", "version"])
def test_new_rules_or_a_new_version_do_everything_again(
    fake: FakeExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    source = write(tmp_path / "in", a="one", b="two")
    run([source], tmp_path / "out")
    if changed == "rules":
        monkeypatch.setattr("extractor.rules.pipeline.rules_hash", lambda: "other")
    else:
        monkeypatch.setattr("extractor.batch.__version__", "9.9")
    tally = run([source], tmp_path / "out")
    assert (tally.done, tally.unchanged) == (2, 0)


def test_records_that_an_input_no_longer_gives_are_taken_away(fake: FakeExtractor, tmp_path: Path) -> None:
    source = write(tmp_path / "in", set="x\ny\nz", other="o")
    run([source], tmp_path / "out")
    write(source, set="x\ny")
    run([source], tmp_path / "out")
    assert texts(tmp_path / "out") == {"other": "o", "set_0": "x", "set_1": "y"}


def test_the_record_of_an_input_that_now_fails_is_kept(fake: FakeExtractor, tmp_path: Path) -> None:
    source = write(tmp_path / "in", a="one")
    run([source], tmp_path / "out")
    write(source, a="no text")
    assert run([source], tmp_path / "out").failed == 1
    assert texts(tmp_path / "out") == {"a": "one"}
    assert [line.state for line in manifest(tmp_path / "out")] == ["failed"]


class StopAfter(Silent):
    """Ctrl-C after so many inputs."""

    def __init__(self, inputs: int) -> None:
        self.left = inputs

    def advanced(self, tally: Tally) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.mark.parametrize("stop_at", [1, 3, 5])
def test_after_ctrl_c_the_next_run_ends_as_if_nothing_had_been(
    fake: FakeExtractor, tmp_path: Path, stop_at: int
) -> None:
    one = write(tmp_path / "one", page="one", b="no text", c="x\ny")
    two = write(tmp_path / "two", page="two", d="four")
    run([one, two], tmp_path / "whole")
    tally = run([one, two], tmp_path / "out", watcher=StopAfter(stop_at))
    assert tally.interrupted
    assert len({line.place for line in manifest(tmp_path / "out")}) == stop_at
    done = {f"{line.id}.json" for line in manifest(tmp_path / "out") if line.state == "done"}
    assert set(contents(tmp_path / "out")) == done
    assert not run([one, two], tmp_path / "out").interrupted
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert [line.place for line in manifest(tmp_path / "out")] == [line.place for line in manifest(tmp_path / "whole")]


def test_a_full_disk_stops_the_run_and_names_the_place(
    fake: FakeExtractor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "in", a="one", b="two", c="three")
    replace = os.replace

    def full(old: Path, new: Path) -> None:
        if new.name == "b.json":
            raise OSError(28, "No space left on device")
        replace(old, new)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OutputError, match=r"b\.json: No space left on device.*1 new record.*same command again"):
        run([source], tmp_path / "out")
    assert texts(tmp_path / "out") == {"a": "one"}
    assert [(line.state, line.reason) for line in manifest(tmp_path / "out")] == [("done", None), ("failed", "output")]
    monkeypatch.undo()
    monkeypatch.setitem(workers._extractors, DEFAULTS, fake)  # type: ignore[misc]
    tally = run([source], tmp_path / "out")
    assert (tally.done, tally.unchanged) == (2, 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_a_wrong_call(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o555)
    with pytest.raises(UsageError, match="cannot write there"):
        run([tmp_path], tmp_path / "out")


# --- several processes ----------------------------------------------------------------------------------------------


@pytest.fixture
def forked(fake: FakeExtractor, monkeypatch: pytest.MonkeyPatch) -> FakeExtractor:
    """Workers that are forked, so that they have the stand-in too."""
    context = multiprocessing.get_context("fork")
    monkeypatch.setattr(
        workers.Pool, "_new", lambda self, jobs: ProcessPoolExecutor(jobs, context, workers._start_worker)
    )
    return fake


def many(tmp_path: Path, number: int = 120) -> Path:
    source = write(tmp_path / "in", **{f"a{n:03}": f"article {n}" for n in range(number)})
    write(source / "more", **{f"a{n:03}": f"other {n}" for n in range(0, number, 7)})
    return source


@pytest.mark.parametrize("jobs", [2, 3])
def test_any_number_of_jobs_gives_the_same_bytes(forked: FakeExtractor, tmp_path: Path, jobs: int) -> None:
    source = many(tmp_path)
    run([source], tmp_path / "one", jobs=1)
    tally = run([source], tmp_path / "several", jobs=jobs)
    assert tally.done == 120 + 18
    assert contents(tmp_path / "several") == contents(tmp_path / "one")
    assert [(line.place, line.id) for line in manifest(tmp_path / "several")] == [
        (line.place, line.id) for line in manifest(tmp_path / "one")
    ]


def test_an_article_that_kills_its_worker_fails_alone(forked: FakeExtractor, tmp_path: Path) -> None:
    source = many(tmp_path)
    write(source, a050="die")
    tally = run([source], tmp_path / "out", jobs=2)
    assert (tally.done, tally.failed) == (120 + 17, 1)
    (failed,) = [line for line in manifest(tmp_path / "out") if line.state == "failed"]
    assert (Path(failed.place).name, failed.reason) == ("a050.txt", "worker_died")


def test_killed_workers_lose_nothing(forked: FakeExtractor, tmp_path: Path) -> None:
    class Killer(Silent):
        killed = 0

        def advanced(self, tally: Tally) -> None:
            if tally.done in (5, 60) and multiprocessing.active_children():
                multiprocessing.active_children()[0].kill()
                self.killed += 1

    killer = Killer()
    source = many(tmp_path)
    tally = run([source], tmp_path / "out", jobs=2, watcher=killer)
    assert killer.killed
    assert (tally.done, tally.failed) == (120 + 18, 0)
    assert len(contents(tmp_path / "out")) == 120 + 18


def test_ctrl_c_with_several_jobs_leaves_no_worker_behind(forked: FakeExtractor, tmp_path: Path) -> None:
    before = set(multiprocessing.active_children())
    source = many(tmp_path)
    assert run([source], tmp_path / "out", jobs=2, watcher=StopAfter(10)).interrupted
    assert set(multiprocessing.active_children()) == before
    run([source], tmp_path / "out", jobs=2)
    run([source], tmp_path / "whole")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


# --- the real pipeline ----------------------------------------------------------------------------------------------


def test_two_jobs_give_the_bytes_of_one_on_the_fixtures(articles: Path, fixture_batch: Path, tmp_path: Path) -> None:
    run([articles], tmp_path, jobs=2)
    assert contents(tmp_path) == contents(fixture_batch)


def batch_in_a_new_process(source: Path, out: Path, hash_seed: str, jobs: int = 1) -> dict[str, bytes]:
    """The records of the command; `hash_seed` decides in which order Python goes through a set of words."""
    command = [sys.executable, "-m", "extractor.cli", "batch", str(source), "--out", str(out), "--jobs", str(jobs)]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return contents(out)


@pytest.mark.parametrize("hash_seed", ["1", "4"])
def test_the_order_of_sets_does_not_show_in_the_records(
    articles: Path, fixture_batch: Path, tmp_path: Path, hash_seed: str
) -> None:
    assert batch_in_a_new_process(articles, tmp_path, hash_seed) == contents(fixture_batch)


def test_a_large_corpus_runs_without_errors_and_in_the_same_bytes(corpora: Path, tmp_path: Path) -> None:
    source = corpora / "abstracts"
    one = batch_in_a_new_process(source, tmp_path / "one", "1", jobs=2)
    assert len(one) > 1000
    assert batch_in_a_new_process(source, tmp_path / "two", "4", jobs=2) == one


def test_a_signal_stops_the_command_and_the_next_goes_on(articles: Path, tmp_path: Path) -> None:
    text = "Of 40 patients who were enrolled, 12 (30%) had a complete response. " * 5
    source = write(tmp_path / "in", **{f"a{n:04}": f"{text}{n}\n" for n in range(200)})
    out = tmp_path / "out"
    command = [sys.executable, "-m", "extractor.cli", "batch", str(source), "--out", str(out), "--jobs", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not ((out / "manifest.jsonl").is_file() and manifest(out)):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, messages = process.communicate()
    assert process.returncode == 130, messages
    assert "Traceback" not in messages
    finished = manifest(out)
    assert 0 < len(finished) < 200
    assert set(contents(out)) == {f"{line.id}.json" for line in finished}
    tally = run([source], out)
    assert (tally.unchanged, tally.done) == (len(finished), 200 - len(finished))


def test_a_file_size_limit_stands_for_a_full_disk(articles: Path, tmp_path: Path) -> None:
    """The operating system itself refuses to write on: the record is too large for the limit."""
    large = "This is what they said of the trial. " * 2000
    source = write(tmp_path / "in", small="Ten of the patients were enrolled.", zlarge=large)
    command = [sys.executable, "-m", "extractor.cli", "batch", str(source), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "zlarge.json: File too large" in done.stderr
    assert os.listdir(tmp_path / "out" / "records") == ["small.json"]
    assert [line.state for line in manifest(tmp_path / "out")] == ["done", "failed"]


# --- one article ----------------------------------------------------------------------------------------------------


def test_a_bug_becomes_an_error_that_names_the_article(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("arm-2")

    monkeypatch.setattr("extractor.records.assemble.assemble", broken)
    raw = RawArticle(b"Ten patients were enrolled in the study.", "a", path="in/a.txt")
    (outcome,) = extractor.outcomes(raw)
    assert isinstance(outcome, Failure)
    assert outcome.error.reason == "internal"
    assert str(outcome.error).startswith("in/a.txt: KeyError: 'arm-2'")
    with pytest.raises(ExtractorError, match="please report"):
        extractor.records(raw)


def test_articles_worked_on_together_do_not_touch_each_other(
    extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = [
        "Ten patients were enrolled.",
        "%PDF-1.7",
        "Of 40 women, 12 (30%) relapsed.",
        "Nine men were randomized.",
    ]
    raws = [RawArticle(text.encode(), f"a{n}", path=f"in/a{n}.txt") for n, text in enumerate(written)]
    alone = [list(extractor.outcomes(raw)) for raw in raws]
    together = extractor.outcomes_of(raws)
    assert [len(outcomes) for outcomes in together] == [1, 1, 1, 1]
    for (one,), (same,) in zip(alone, together, strict=True):
        if isinstance(one, Failure):
            assert isinstance(same, Failure)
            assert (same.id, str(same.error)) == (one.id, str(one.error))
        else:
            assert same == one

    def broken(raw: RawArticle, document: Document, doc: Doc | None) -> Record:
        if "40 women" in document.text:
            raise KeyError("arm-2")
        return assemble(raw, document, doc)

    monkeypatch.setattr("extractor.records.assemble.assemble", broken)
    first, second, third, fourth = (outcome for (outcome,) in extractor.outcomes_of(raws))
    assert (first, fourth) == (alone[0][0], alone[3][0])
    assert isinstance(second, Failure)
    assert second.error.reason == "unsupported"
    assert isinstance(third, Failure)
    assert str(third.error).startswith("in/a2.txt: KeyError: 'arm-2'")


def test_a_signal_between_record_and_manifest_waits_for_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "in", a="Ten patients were enrolled.", b="Nine patients were enrolled.")
    out = tmp_path / "out"
    whole = RecordFolder.write

    def interrupted(folder: RecordFolder, record_id: str, made: Record) -> None:
        whole(folder, record_id, made)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(RecordFolder, "write", interrupted)
    assert run([source], out).interrupted
    assert [line.id for line in manifest(out)] == ["a"]
    assert set(contents(out)) == {"a.json"}
