"""Every threshold of the checks, in one place.

Units are in the names or docstrings. A number that was measured says on what; the others are definitions.
"""

from __future__ import annotations

FLOAT_SLACK = 1e-9
"""Absolute slack for comparing decimals held as binary floats; far below any printed decimal."""

ABOUT_RELATIVE = 0.05
"""A value called "about" may be off by this share of itself ..."""
ABOUT_PERCENT_POINTS = 2.5
"""... and a percentage called "about" by this many points: "about half" for 48 %."""

ROUNDING_SLIP_UNITS = 1.0
"""Percent against count: off by at most this many units of the last printed digit beyond correct rounding is a slip
of rounding (`warn`); more can't be true (`fail`)."""

NEAR_CHARACTERS = 30
"""A count, its denominator and its percent printed with at most this many characters between them, no other digit
among them, belong together beyond doubt; only then may a contradiction be a `fail`."""

PARTITION_SLACK_POINTS = 0.6
"""Percents of a partition may exceed 100 by this much for each part: each was rounded up by at most 0.5."""

GRIM_MAX_DENOMINATOR = 100
"""GRIM can tell something only while 10 ** decimals exceeds n; for whole percents that is n < 100."""

SURVIVAL_SLACK_POINTS = 0.0
"""Beyond the rounding intervals no slack: overall survival is at least progression-free survival by definition."""

MEDIAN_RATE_SLACK_POINTS = 2.0
"""A rate at a time before (after) the median may be this far below (above) 50 %: curves are read off plots."""

FOLLOW_UP_MEDIAN_FACTOR = 2.5
"""A rate later than this many median follow-ups rests on few people. Kaplan-Meier estimates at twice the median are
common in abstracts; 2.5 leaves those alone."""

SYMMETRY_RATIO = 0.25
"""Ratio intervals are symmetric on the log scale if Wald or score based; exact and profile intervals deviate. The
share of the half width by which the estimate may lie off the middle, beyond rounding."""
SYMMETRY_DIFFERENCE = 0.25
"""The same for differences on the linear scale."""

P_DECADES = 1.0
"""Printed and recomputed p-value may differ by this many powers of ten without a word: log-rank and Wald tests of the
same data differ, and so do adjusted analyses."""
P_CONTRADICTION = 0.2
"""`fail` only where one of the two p-values is above this ..."""
P_CONTRADICTION_SMALL = 0.005
"""... and the other below this."""
SIGNIFICANCE_LEVEL = 0.05
"""What "significant" means where the text does not say."""

AGE_SD_MIN_YEARS = 2.0
"""A standard deviation of adults' ages under this, in a group of 20 or more, is more likely a standard error."""
AGE_ADULT_YEARS = 18.0
AGE_MIN_GROUP = 20
SD_ARM_RATIO = 4.0
"""Standard deviations of two arms of one measure that differ by more than this: one may be a standard error."""

DIRECTION_WINDOW_WORDS = 8
"""A direction word ("reduced") and what it speaks of ("risk") must stand within this many words."""

RELOCATE_CONTEXT = 40
"""Characters before and after a value by which its place is found again in a changed source; halved until found."""
RELOCATE_MIN_CONTEXT = 5
RELOCATE_SIMILARITY = 0.6
"""difflib ratio from which a sentence counts as the changed form of a quote (difflib's own default cutoff)."""

TIMEPOINT_TOLERANCE = 0.05
"""Two timepoints are the same if their months differ by at most this share (52 weeks against 1 year is 0.3 %)."""
ENDPOINT_SIMILARITY = 0.5
"""Share of common content words from which two endpoint labels without codes speak of the same thing."""
SAME_CLAUSE = 0.6
"""Share of a news clause's content words that a clause of the study holds, above which both speak of one thing; then
another number there is a contradiction."""
CONTEXT_SIMILARITY = 0.25
"""Share of a news sentence's content words that the study's sentence holds, from which an equal number counts as the
same statement."""
