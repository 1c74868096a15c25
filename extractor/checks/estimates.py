"""Which value of a fact an interval, a spread or a p-value belongs to."""

from __future__ import annotations

from typing import Literal

from extractor.checks.index import Statement

RATIOS = ("hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio")
DIFFERENCES = ("mean_difference", "risk_difference")
OTHERS = ("median", "mean", "percent", "incidence_rate", "duration")
Scale = Literal["ratio", "difference", "other"]


def estimate_of(statement: Statement) -> tuple[str, Scale] | None:
    """The statistic that the fact's interval is about, with its scale; None where there is none or it is not clear."""
    if statement.repeated:
        return None
    found: list[tuple[str, Scale]] = [(name, "ratio") for name in RATIOS if name in statement.stat]
    found += [(name, "difference") for name in DIFFERENCES if name in statement.stat]
    if not found:
        found = [(name, "other") for name in OTHERS if name in statement.stat]
    return found[0] if len(found) == 1 else None
