"""The check's outcome as SARIF 2.1.0 (OASIS), for code-scanning pages.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/. A result points into the source file where that is plain
text, whose characters are the record's; else to the record's file, because offsets into a page's text are none into
its markup.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from extractor import __version__
from extractor.checks.registry import all_checks
from extractor.outputs.check_report import CheckedRecord, Finding, findings

_LEVELS = {"fail": "error", "warn": "warning", "skip": "note"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_sarif(checked: Sequence[CheckedRecord]) -> str:
    """One run; passed checks are left out, as SARIF readers list every result."""
    rules = all_checks()
    index = {info.name: number for number, info in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "extractor",
                "version": __version__,
                "rules": [
                    {
                        "id": info.name,
                        "shortDescription": {"text": info.question},
                        "fullDescription": {"text": f"{info.question} Formula: {info.formula}"},
                        "help": {"text": f"Source: {info.source}"},
                        "defaultConfiguration": {"level": _LEVELS[info.severity]},
                    }
                    for info in rules
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(one, finding, index)
            for one in checked
            for finding in findings(one.record)
            if finding.status != "pass"
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1) + "\n"


def _result(one: CheckedRecord, finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.name,
        "level": _LEVELS[finding.status],
        "message": {"text": f"{finding.message}: {finding.quote}" if finding.quote else finding.message},
        "locations": [_location(one, finding)],
    }
    if finding.name in index:
        result["ruleIndex"] = index[finding.name]
    return result


def _location(one: CheckedRecord, finding: Finding) -> dict[str, Any]:
    source = one.record.article.source
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(one.place)}}
    if source.format == "text" and source.path and finding.start is not None and finding.end is not None:
        snippet = one.record.text[finding.start : finding.end]
        physical = {
            "artifactLocation": {"uri": _uri(source.path)},
            "region": {
                "startLine": one.record.text.count("\n", 0, finding.start) + 1,
                "charOffset": finding.start,
                "charLength": finding.end - finding.start,
                "snippet": {"text": snippet},
            },
        }
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.facts:
        location["logicalLocations"] = [{"name": fact, "kind": "element"} for fact in finding.facts]
    return location


def _uri(path: str) -> str:
    """A relative or absolute path as a URI reference."""
    return Path(path).as_uri() if Path(path).is_absolute() else quote(Path(path).as_posix())
