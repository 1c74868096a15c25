"""The rules compiled ahead of time: used when they are up to date, left aside when not, and the same in every byte."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from extractor import compiled

COMPILED = {**os.environ, "EXTRACTOR_PURE": ""}
BAD = (
    "(", "12 vs 15, ", "no ", "95% CI 0.1 to 0.2; ", "(n = 45) ", "group A and B, ", "−3.6% ± 1 ", "24/40 [", "half, ",
    "9" * 30 + " ", "1 to 2 mg ", "respectively ", "HR OR RR ", "A (B) ", "\u00b1\u00b7\u2009", "MEDIAN 1.2 MONTHS ",
)  # fmt: skip
ROOT = Path(__file__).resolve().parent.parent


def _has_compiler() -> bool:
    command = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    return shutil.which(command) is not None and (Path(sysconfig.get_path("include")) / "Python.h").is_file()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package without anything compiled."""
    found = tmp_path / "extractor"
    shutil.copytree(compiled.PACKAGE, found, ignore=shutil.ignore_patterns("*.so", "*.pyd", "__pycache__", "*.sha256"))
    return found


def _python(package: Path, code: str, **environment: str) -> str:
    """What a fresh interpreter prints that imports the package from `package`."""
    environment = {**os.environ, "EXTRACTOR_PURE": "", "PYTHONPATH": str(package.parent), **environment}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=package.parent, check=True
    )
    return done.stdout.strip()


def _pretend_compiled(package: Path) -> None:
    """A file in the place of a compiled module, which can't be loaded, and a stamp that says it is up to date."""
    (package / "rules" / ("linear" + EXTENSION_SUFFIXES[0])).write_bytes(b"no library")
    (package / "compiled.sha256").write_text(_python(package, "import extractor.compiled as c; print(c.digest())"))


def test_the_models_are_not_compiled() -> None:
    names = {source.name for source in compiled.compiled_sources()}
    assert {"arm.py", "owner.py", "facts.py"} <= names
    assert not {"models.py", "__init__.py"} & names


def test_an_edited_rule_takes_effect_at_once(package: Path) -> None:
    _pretend_compiled(package)
    asked = "import extractor.compiled as c; print(c.in_use())"
    assert _python(package, asked) == "True"
    rule = package / "rules" / "owner.py"
    rule.write_text(rule.read_text(encoding="utf-8") + "\nEDITED = True\n", encoding="utf-8")
    assert _python(package, asked) == "False"
    # the module that is no library would fail to load: the source is taken
    assert _python(package, "import extractor.rules.linear as m; print(m.__file__)").endswith("linear.py")


def test_compiled_rules_can_be_switched_off(package: Path) -> None:
    _pretend_compiled(package)
    shown = "import extractor.rules.linear as m; print(m.__file__)"
    assert _python(package, shown, EXTRACTOR_PURE="1").endswith("linear.py")
    with pytest.raises(subprocess.CalledProcessError):
        _python(package, shown)


def _in_use() -> bool:
    asked = [sys.executable, "-c", "import extractor.compiled as c; print(c.in_use())"]
    return subprocess.run(asked, env=COMPILED, capture_output=True, text=True, check=True).stdout.strip() == "True"


def test_the_installation_compiled_the_rules() -> None:
    if not _has_compiler():
        pytest.skip("no C compiler: the rules run as plain Python")
    assert _in_use(), "the rules are not compiled, or were edited since; make test installs them again"


@pytest.fixture(scope="module")
def texts(articles: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Inputs of every kind: the articles, the annotated texts (marks and all), and bad input."""
    bad = tmp_path_factory.mktemp("bad")
    for number, piece in enumerate(BAD):
        text = "Patients were randomized to examplin or placebo. " + 300 * piece
        (bad / f"bad{number}.txt").write_text(text, encoding="utf-8")
    written = tmp_path_factory.mktemp("written")
    for file in sorted((ROOT / "fixtures" / "annotations" / "written").glob("*.txt")):
        for number, text in enumerate(file.read_text(encoding="utf-8").split("##### ")):
            if text.strip():
                (written / f"{file.stem}{number}.txt").write_text(text, encoding="utf-8")
    return [articles, ROOT / "fixtures" / "annotations" / "news", bad, written]


def test_plain_and_compiled_rules_give_the_same_bytes(texts: list[Path], tmp_path: Path) -> None:
    if not _in_use():
        pytest.skip("the rules run as plain Python here: nothing to compare with")
    found = []
    for name, environment in (("plain", dict(os.environ)), ("compiled", COMPILED)):
        out = tmp_path / name
        command = [sys.executable, "-m", "extractor.cli", "batch", *map(str, texts), "--out", str(out), "--quiet"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode in (0, 1), done.stderr
        found.append({file.name: file.read_bytes() for file in (out / "records").iterdir()})
    plain, compiled_too = found
    assert len(plain) > 900
    assert plain.keys() == compiled_too.keys()
    assert [name for name in plain if plain[name] != compiled_too[name]] == []


def test_commands_say_the_same_with_compiled_rules(articles: Path, tmp_path: Path) -> None:
    if not _in_use():
        pytest.skip("the rules run as plain Python here: nothing to compare with")
    text = "Ninety women were randomized to examplin (n = 46) or placebo (n = 44)."
    gold = tmp_path / "gold"
    gold.mkdir()
    (gold / "a.txt").write_text(text, encoding="utf-8")
    (gold / "a.ann").write_text("T1\ttotal-participants 0 6\tNinety\n", encoding="utf-8")
    command = [sys.executable, "-m", "extractor.cli"]
    out = tmp_path / "out"
    subprocess.run([*command, "batch", str(articles), "--out", str(out), "--quiet"], capture_output=True, check=False)
    records = sorted(map(str, (out / "records").iterdir()))[:5]
    for asked in (
        ["check", *records], ["summary", str(out)], ["evaluate", "--gold", str(gold)], ["extract", str(gold / "a.txt")],
    ):  # fmt: skip
        plain, compiled_too = (
            subprocess.run([*command, *asked], env=environment, capture_output=True, text=True)
            for environment in (dict(os.environ), COMPILED)
        )
        assert (compiled_too.returncode, compiled_too.stderr) == (plain.returncode, plain.stderr), asked
        assert compiled_too.stdout == plain.stdout
        assert plain.stdout
