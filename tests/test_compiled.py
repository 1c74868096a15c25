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

PURE = {**os.environ, "EXTRACTOR_PURE": "1"}


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


def test_the_install_compiled_the_rules() -> None:
    if os.environ.get("EXTRACTOR_PURE") == "1" or not _has_compiler():
        pytest.skip("no C compiler, or compiling is switched off: the rules run as plain Python")
    assert compiled.in_use(), "the rules are not compiled, or were edited since: make test installs them again"


def test_plain_and_compiled_rules_give_the_same_bytes(articles: Path, fixture_batch: Path, tmp_path: Path) -> None:
    if not compiled.in_use():
        pytest.skip("the rules run as plain Python here: nothing to compare with")
    out = tmp_path / "plain"
    command = [sys.executable, "-m", "extractor.cli", "batch", str(articles), "--out", str(out), "--quiet"]
    subprocess.run(command, env=PURE, check=True, capture_output=True)
    records = sorted(file.name for file in (fixture_batch / "records").iterdir())
    assert records == sorted(file.name for file in (out / "records").iterdir())
    for name in records:
        assert (out / "records" / name).read_bytes() == (fixture_batch / "records" / name).read_bytes(), name
