"""Compiles the rules ahead of time with mypyc, which takes about a fifth off the time of an article.

Everything else about the package stands in pyproject.toml. Without a C compiler, or with EXTRACTOR_PURE=1 in the
environment, it is installed as plain Python: the same records, slower. `extractor/compiled.py` decides at run time
which of the two is used.
"""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

from setuptools import setup
from setuptools.command.build_ext import build_ext

sys.path.insert(0, str(Path(__file__).parent / "extractor"))
from compiled import PACKAGE, STAMP, compiled_sources, digest

MYPY_OPTIONS = ["--config-file=", "--ignore-missing-imports", f"--cache-dir={os.devnull}"]
"""Of the packages that the sources import the build has numpy only; what comes from the others is untyped in it. No
cache: with one that was made before a module came or went mypyc fails."""


def can_compile() -> bool:
    """Whether a C compiler and Python's headers are here, and compiling is not switched off."""
    if os.environ.get("EXTRACTOR_PURE") == "1":
        return False
    command = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    return shutil.which(command) is not None and (Path(sysconfig.get_path("include")) / "Python.h").is_file()


class BuildRules(build_ext):
    """Builds on all cores; if it fails, says so and leaves plain Python."""

    def run(self) -> None:
        """Build, then write down which sources it was."""
        self.parallel = os.cpu_count()
        STAMP.unlink(missing_ok=True)
        try:
            super().run()
        except Exception as error:  # whatever the compiler's trouble, the package works without it
            report(error)
            self.extensions = []
            return
        stamp = STAMP if self.inplace or self.editable_mode else Path(self.build_lib) / "extractor" / STAMP.name
        stamp.write_text(digest(), encoding="ascii")


def report(error: BaseException) -> None:
    """Say that, and why, the package stays plain Python."""
    print(f"the rules could not be compiled ({error}); installed as plain Python, which is slower", file=sys.stderr)


def extensions() -> list:
    """The rules as C extensions; none where they can't be built."""
    if not can_compile() or not {"build_ext", "bdist_wheel", "editable_wheel", "install", "develop"} & set(sys.argv):
        return []
    from mypyc.build import mypycify

    os.chdir(PACKAGE.parent)
    sources = [str(source.relative_to(PACKAGE.parent)) for source in compiled_sources()]
    try:
        return mypycify([*MYPY_OPTIONS, *sources], opt_level="2", debug_level="0", separate=True)
    except (Exception, SystemExit) as error:  # mypyc has printed what it can't compile, or failed itself
        report(error)
        return []


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildRules})
