import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from extractor.cli import cli, main

TEXT = "Of 40 patients who were enrolled, 12 (30%) had a complete response.\n"


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text(TEXT)
    return path


def shell(*arguments: str | Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "extractor.cli", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


def one_line(messages: str) -> str:
    """The message, after a look that it is a single line in our form."""
    assert messages.startswith("extractor: "), messages
    assert messages.count("\n") == 1, messages
    assert "Traceback" not in messages
    return messages


# --- extract --------------------------------------------------------------------------------------------------------


def test_extract_prints_one_record(article: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["extract", str(article)]) == 0
    out, err = capsysbinary.readouterr()
    record = json.loads(out)
    assert record["text"] == TEXT
    assert record["article"]["id"] == "a"
    assert record["article"]["source"]["path"] == str(article)
    assert err == b""


def test_extract_reads_standard_input() -> None:
    done = shell("extract", "-", stdin=TEXT)
    assert done.returncode == 0
    assert json.loads(done.stdout)["text"] == TEXT


def test_extract_gives_the_bytes_that_a_batch_writes(
    article: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    main(["extract", str(article)])
    assert main(["batch", str(article), "--out", str(tmp_path / "out")]) == 0
    assert capsysbinary.readouterr().out == (tmp_path / "out" / "records" / "a.json").read_bytes()


def test_extract_says_when_the_disk_behind_stdout_is_full(article: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "extractor.cli", "extract", str(article)],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "No space left" in one_line(done.stderr)


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The trial went on. " * 20_000)
    done = subprocess.run(
        f"{sys.executable} -m extractor.cli extract {tmp_path / 'a.txt'} | head -c 10",
        shell=True, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert len(done.stdout) == 10
    assert done.stderr == ""


# --- bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.txt", b" \n\t ", "empty"),
        ("paper.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
        ("photo.html", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image"),
        ("cut.xml", b"<?xml version='1.0'?><PubmedArticleSet><PubmedArticle><Medline", "XML"),
        ("cut.xml.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b", "gzip"),
    ],
)
def test_bad_input_gives_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, word: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert main(["extract", str(tmp_path / name)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert name in one_line(err)
    assert word.lower() in err.lower()


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", str(tmp_path / "missing.txt")]) == 1
    assert "missing.txt: no such file" in one_line(capsys.readouterr().err)


def test_a_batch_goes_on_after_bad_input(article: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    assert main(["batch", str(tmp_path / "empty.txt"), str(article), "--out", str(tmp_path / "out")]) == 1
    first, closing = capsys.readouterr().err.splitlines()
    assert "empty.txt" in first
    assert closing.startswith(f"1 record in {tmp_path / 'out' / 'records'}, 1 failed, see ")
    assert os.listdir(tmp_path / "out" / "records") == ["a.json"]


# --- wrong calls ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["frob"], "No such command 'frob'"),
        (["extract"], "Missing argument 'FILE'"),
        (["extract", "a", "b"], "unexpected extra argument"),
        (["extract", "."], "is a folder; use `extractor batch"),
        (["batch", "a.txt"], "Missing option '--out'"),
        (["batch", "--out", "x"], "Missing argument 'INPUT...'"),
        (["batch", "a.txt", "--out", "x", "--jobs", "0"], "--jobs"),
        (["batch", "a.txt", "--out", "x", "--jobs", "many"], "--jobs"),
        (["batch", "a.txt", "--out", "x", "--frob"], "--frob"),
        (["batch", "a.txt", "--out", "/dev/null/x"], "cannot write there"),
        (["summary", "no-such-folder"], "no records there"),
    ],
)
def test_a_wrong_call_is_status_2_and_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in one_line(err)


def test_a_file_with_several_articles_is_for_batch(articles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", str(articles / "pubmed_set_three.xml")]) == 2
    assert "use `extractor batch" in one_line(capsys.readouterr().err)


def test_a_folder_without_articles_is_a_wrong_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    assert main(["batch", str(tmp_path / "in"), "--out", str(tmp_path / "out")]) == 2
    assert "no articles in" in one_line(capsys.readouterr().err)


def test_a_bug_is_one_line_and_a_traceback_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("first\nsecond")

    monkeypatch.setattr("extractor.outputs.schemas.write_schemas", broken)
    assert main(["schema", "--out", str(tmp_path)]) == 1
    assert "RuntimeError: first second" in one_line(capsys.readouterr().err)
    monkeypatch.setenv("EXTRACTOR_TRACEBACK", "1")
    with pytest.raises(RuntimeError):
        main(["schema", "--out", str(tmp_path)])


# --- the rest -------------------------------------------------------------------------------------------------------


def test_quiet_says_nothing_when_all_is_well(article: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", str(article), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_help_does_not_wait_for_spacy() -> None:
    code = "import sys; from extractor.cli import main; main(['--help']); sys.exit('spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("name", [[], *([name] for name in sorted(cli.commands))])
def test_every_command_shows_its_help(name: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*name, "--help"]) == 0
    assert capsys.readouterr().out.startswith("Usage: extractor")


def test_summary_lists_every_article_and_shows_one(fixture_batch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", str(fixture_batch), "--record", "seed_retold_car_t"]) == 0
    out = capsys.readouterr().out
    number = len(list((fixture_batch / "records").iterdir()))
    assert f"{number} articles" in out
    assert "15.1" in out


def test_summary_refuses_what_is_no_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "a.json").write_text('{"text": 1}')
    assert main(["summary", str(tmp_path)]) == 1
    assert "a.json: not a valid record" in one_line(capsys.readouterr().err)
