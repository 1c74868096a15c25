"""The check's outcome as JUnit XML: a suite for each record, a case for each check and what it speaks of."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from extractor.outputs.check_report import CheckedRecord, findings, plain


def as_junit(checked: Sequence[CheckedRecord]) -> str:
    """XML with `failure` for fail, `skipped` for skip, and the text of a doubt in `system-out`."""
    root = ET.Element("testsuites", name="extractor check")
    for one in checked:
        found = findings(one.record)
        suite = ET.SubElement(
            root, "testsuite", name=plain(one.place), tests=str(len(found)), errors="0",
            failures=str(sum(f.status == "fail" for f in found)), skipped=str(sum(f.status == "skip" for f in found)),
        )  # fmt: skip
        for finding in found:
            about = f"{finding.name} {' '.join(finding.facts)}" if finding.status in ("fail", "warn") else finding.name
            case = ET.SubElement(suite, "testcase", classname=plain(one.record.article.id), name=plain(about.strip()))
            told = plain(f"{finding.message}\n{finding.quote}".strip())
            if finding.status == "fail":
                ET.SubElement(case, "failure", message=plain(finding.message), type=finding.name).text = told
            elif finding.status == "skip":
                ET.SubElement(case, "skipped", message=plain(finding.message))
            elif finding.status == "warn":
                ET.SubElement(case, "system-out").text = f"warning: {told}"
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
