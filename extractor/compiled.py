"""Which modules are compiled ahead of time (by `setup.py`, with mypyc), and whether the compiled ones may be used.

A compiled module shadows its source. It is used only if the sources are, byte for byte, those it was built from, so
that an edited rule takes effect at once; otherwise, and with EXTRACTOR_PURE=1 in the environment, all of them are
loaded as plain Python. Imports nothing of the package, since `setup.py` runs it before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

PACKAGE = Path(__file__).parent
STAMP = PACKAGE / "compiled.sha256"
"""Written by the build: the digest of the sources it compiled."""
_FOLDERS = ("checks", "records", "rules")
_NOT_COMPILED = frozenset(("__init__.py", "models.py", "load.py"))
"""Package files, and the pydantic models, which need their annotations and validators at run time."""


def compiled_sources() -> list[Path]:
    """The sources that are compiled, sorted."""
    return [f for name in _FOLDERS for f in sorted((PACKAGE / name).glob("*.py")) if f.name not in _NOT_COMPILED]


def digest() -> str:
    """SHA-256 over names and bytes of those sources."""
    found = hashlib.sha256()
    for source in compiled_sources():
        found.update(source.name.encode() + b"\0" + source.read_bytes())
    return found.hexdigest()


def in_use() -> bool:
    """Whether the compiled modules are there, up to date, and not switched off."""
    if os.environ.get("EXTRACTOR_PURE") == "1" or not STAMP.is_file():
        return False
    name = "linear" + EXTENSION_SUFFIXES[0]
    return (PACKAGE / "rules" / name).is_file() and STAMP.read_text(encoding="ascii") == digest()


class _SourceFinder(MetaPathFinder):
    """Finds the sources of modules that have a compiled form too."""

    def __init__(self) -> None:
        self.sources = {
            ".".join(("extractor", *f.relative_to(PACKAGE).with_suffix("").parts)): f for f in compiled_sources()
        }

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of the source, None for other modules."""
        source = self.sources.get(fullname)
        return None if source is None else spec_from_file_location(fullname, source)


def prefer_sources_if_stale() -> None:
    """Called once, when the package is imported."""
    if not in_use() and any((PACKAGE / "rules").glob("*" + EXTENSION_SUFFIXES[0])):
        sys.meta_path.insert(0, _SourceFinder())
