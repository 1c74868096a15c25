"""`extractor fetch` as a user runs it, against a local server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from extractor.cli import main
from extractor.errors import UsageError
from extractor.sources.command import parse_day

Run = Callable[..., int]


@pytest.fixture
def mirror(services: ModuleType) -> Iterator[Any]:
    """All services behind one address, told apart by the first part of the path."""
    answers = services.Services()
    hosts = {"eutils": services.EUTILS, "epmc": services.EUROPE_PMC, "crossref": services.CROSSREF, "doi": services.DOI}

    def answer(request: Any) -> Any:
        first, _, rest = request.path.lstrip("/").partition("/")
        if first in hosts:
            request.host, request.path = hosts[first], f"/{rest}"
        else:
            request.host = services.NEWS
        return answers.answer(request)

    with services.LocalServer(answer) as server:
        yield server


@pytest.fixture
def run(mirror: Any, tmp_path: Path) -> Run:
    def fetch(*arguments: str, allowed: bool = True) -> int:
        command = ["fetch", *arguments, "--out", str(tmp_path / "out"), "--cache", str(tmp_path / "http.sqlite")]
        for service in ("eutils", "epmc", "crossref", "doi"):
            name = "europepmc" if service == "epmc" else service
            command += [f"--{name}-url", f"{mirror.url}/{service}"]
        for interval in ("web", "ncbi", "service"):
            command += [f"--{interval}-interval", "0"]
        command += ["--attempts", "2", "--backoff", "0.01"]
        return main(command + (["--allow-private-addresses"] if allowed else []))

    return fetch


def manifest(tmp_path: Path) -> dict[str, dict[str, Any]]:
    lines = (tmp_path / "out" / "manifest.fetch.jsonl").read_text().splitlines()
    return {line["reference"]: line for line in map(json.loads, lines)}


def test_mixed_references_with_all_the_usual_trouble(
    run: Run, mirror: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "refs.txt"
    listed.write_text("# from a colleague\nPMID: 99999999\nPMC1182327\nno reference\n")
    page, paywall = f"{mirror.url}/one", f"{mirror.url}/paywall"
    status = run("29768149", page, paywall, "10.9999/does-not-exist-0", "--from", str(listed))
    assert status == 1
    told = {reference: (line["status"], line["reason"]) for reference, line in manifest(tmp_path).items()}
    assert told == {
        "29768149": ("saved", None),
        page: ("saved", None),
        paywall: ("saved", "paywalled"),
        "10.9999/does-not-exist-0": ("failed", "doi_unresolved"),
        "PMID: 99999999": ("failed", "not_found"),
        "PMC1182327": ("saved", None),
        "no reference": ("failed", "unknown_reference"),
    }
    messages = capsys.readouterr()
    assert messages.out == ""
    lines = messages.err.splitlines()
    assert len(lines) == 5
    for named in ("99999999", "does-not-exist", "no reference", "paywall"):
        assert any(named in line for line in lines)
    assert "4 saved" in lines[-1]
    assert "3 failed" in lines[-1]


def test_all_well_and_again(run: Run, mirror: Any, tmp_path: Path) -> None:
    references = ("29768149", f"{mirror.url}/one", "PMC1182327", "10.1371/journal.pmed.0020124")
    assert run(*references) == 0
    before = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir() if "manifest" not in file.name}
    assert len(before) == 8
    assert run(*references) == 0
    assert run(*references, "--refresh") == 0
    after = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir() if "manifest" not in file.name}
    assert after == before


def test_query(run: Run, tmp_path: Path) -> None:
    assert (
        run("--query", "budesonide-formoterol mild asthma", "--since", "2018-05", "--until", "2018", "--max", "1") == 0
    )
    assert [file.name for file in (tmp_path / "out").glob("PMID*.xml")] == ["PMID29768149.xml"]


def test_feed(run: Run, mirror: Any, tmp_path: Path) -> None:
    assert run(f"{mirror.url}/feed.atom") == 0
    assert manifest(tmp_path)[f"{mirror.url}/one"]["status"] == "saved"


def test_this_machine_is_refused_unless_allowed(run: Run, mirror: Any, tmp_path: Path) -> None:
    assert run(f"{mirror.url}/one", allowed=False) == 1
    assert manifest(tmp_path)[f"{mirror.url}/one"]["reason"] == "private_address"


def test_study(run: Run, tmp_path: Path) -> None:
    record = tmp_path / "news.json"
    article = {"id": "news", "title": "An inhaler", "links": ["https://doi.org/10.1056/NEJMoa1715274"]}
    record.write_text(json.dumps({"article": article, "text": "An inhaler for asthma."}))
    assert run("--study", str(record)) == 0
    (line,) = (tmp_path / "out" / "study-matches.jsonl").read_text().splitlines()
    assert json.loads(line)["pmid"] == "29768149"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["29768149", "--since", "May 2018"],
        ["29768149", "--since", "2019", "--until", "2018"],
        ["29768149", "--max", "0"],
        ["29768149", "--eutils-url", "file:///mirror"],
        ["29768149", "--deadline", "0"],
        ["29768149", "--backoff", "-1"],
        ["29768149", "--web-interval", "-0.1"],
        ["--from", "/nonexistent/refs.txt"],
        ["--study", "--query", "asthma"],
    ],
)
def test_wrong_calls(tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", *arguments, "--out", str(tmp_path / "out"), "--no-cache"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023/2/28", date(2023, 2, 28), date(2023, 2, 28)),
    ],
)
def test_days(text: str, first: date, last: date) -> None:
    assert (parse_day(text), parse_day(text, last=True)) == (first, last)


@pytest.mark.parametrize("text", ["", "24", "2024-13", "2023-02-29", "2024-01-01T00:00"])
def test_no_days(text: str) -> None:
    with pytest.raises(UsageError):
        parse_day(text)
    assert parse_day(None) is None
