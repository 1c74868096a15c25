"""The JSON Schemas of what a batch writes, as files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from extractor.errors import UsageError
from extractor.outputs.manifest import manifest_schema
from extractor.records.models import schema


def schemas() -> dict[str, dict[str, Any]]:
    """Each schema under its file's name."""
    return {"record.schema.json": schema(), "manifest.schema.json": manifest_schema()}


def write_schemas(folder: Path) -> list[Path]:
    """Write every schema into `folder`, making it if need be; returns the files. Raises UsageError if it cannot."""
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in schemas().items():
            path = folder / name
            path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            paths.append(path)
    except OSError as error:
        raise UsageError(f"--out {folder}: cannot write there: {error.strerror}") from error
    return paths
