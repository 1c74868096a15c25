"""All checks that run on a record, in the order of their report."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from extractor.checks import (
    accounting,
    arm_sizes,
    ci_contains,
    ci_symmetry,
    cohort_flow,
    count_in_group,
    duplicates,
    effect_direction,
    follow_up_span,
    grim,
    grounding,
    p_against_ci,
    partition,
    percent_of_count,
    rates_over_time,
    sd_or_se,
    significance_wording,
    survival_order,
    value_range,
)
from extractor.checks.index import RecordIndex
from extractor.checks.ledger import CheckInfo, Ledger
from extractor.errors import UsageError

Run = Callable[[RecordIndex, Ledger], None]

_MODULES = (
    grounding, value_range, percent_of_count, count_in_group, grim, arm_sizes, cohort_flow, partition, accounting,
    survival_order, rates_over_time, follow_up_span, ci_contains, ci_symmetry, p_against_ci, sd_or_se,
    effect_direction, significance_wording, duplicates,
)  # fmt: skip
CHECKS: tuple[tuple[CheckInfo, Run], ...] = tuple((module.CHECK, module.run) for module in _MODULES)
NAMES: tuple[str, ...] = tuple(info.name for info, _ in CHECKS)


def disabled_checks(names: Iterable[str], known: Iterable[str] = NAMES) -> frozenset[str]:
    """The checks to leave out, from what a user wrote ("grim,duplicates" or one by one).

    Raises UsageError for a name that is no check.
    """
    wanted = frozenset(part.strip() for name in names for part in name.split(",") if part.strip())
    unknown = sorted(wanted - set(known))
    if unknown:
        raise UsageError(f"no check is called {', '.join(unknown)}; the checks are {', '.join(sorted(known))}")
    return wanted


def all_checks() -> tuple[CheckInfo, ...]:
    """Every check that can speak in a report: of the record, of its source, of the study it reports."""
    from extractor.checks import against_study, left_out, source, spin, structure

    return (
        *(info for info, _ in CHECKS),
        structure.CHECK,
        source.SOURCE,
        source.UNEDITED,
        against_study.CHECK,
        left_out.CHECK,
        *spin.CHECKS,
    )
