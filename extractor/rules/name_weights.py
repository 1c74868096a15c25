"""The weights of `arm_name.tsv`, laid out so that few names of features are built to look them up.

Most features of most candidates are not in the file, and to build their names only to learn this takes longer than all
else about a candidate. So what joins two things is found by the one, then by the other: cues by those next to the name,
then by what stands further off or on the other side.
"""

from __future__ import annotations

from collections.abc import Mapping

from extractor.rules.arm_names import Around, Phrase


class _Cue:
    """A known feature of the cues around a name."""

    __slots__ = ("weight",)

    def __init__(self, weight: float) -> None:
        self.weight = weight


class _Side:
    """The known features that have the same two cues next to the name on one side."""

    __slots__ = ("across", "alone", "third")

    def __init__(self) -> None:
        self.alone: _Cue | None = None
        self.third: dict[str, _Cue] = {}
        """By the third cue on the side."""
        self.across: dict[str, _Cue] = {}
        """By the two cues on the right; with those on the left only."""


class NameWeights:
    """`beside`: of the features that candidates keep; `joint`: of `joint_features`, by the two that each joins."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.beside: dict[str, float] = {}
        self.joint: dict[str, dict[str, float]] = {}
        self._left: dict[str, _Side] = {}
        self._right: dict[str, _Side] = {}
        for feature, weight in weights.items():
            kind, _, value = feature.partition(":")
            if kind in ("CL", "CR", "CLR", "CL3", "CR3"):
                self._add_cue(kind, value, _Cue(weight))
            elif kind in ("C", "N") and "|" in value:
                one, _, other = feature.partition("|")
                self.joint.setdefault(one, {})[other] = weight
            elif kind not in ("w", "last", "s2", "s3", "s4"):  # those of words have a memory of their own
                self.beside[feature] = weight

    def _add_cue(self, kind: str, value: str, cue: _Cue) -> None:
        """Enter a feature of `Around.features`."""
        if kind == "CL":
            self._left.setdefault(value, _Side()).alone = cue
        elif kind == "CR":
            self._right.setdefault(value, _Side()).alone = cue
        elif kind == "CLR":
            left, _, right = value.partition("|")
            self._left.setdefault(left, _Side()).across[right] = cue
        elif kind == "CL3":
            third, _, left = value.partition(" ")
            self._left.setdefault(left, _Side()).third[third] = cue
        else:
            right, _, third = value.rpartition(" ")
            self._right.setdefault(right, _Side()).third[third] = cue

    def of_cues(self, around: Around, places: list[Phrase]) -> float:
        """The sum over the cues around a candidate's places; each counts once."""
        found: dict[_Cue, None] = {}
        for place in places:
            further_left, left, right, further_right = around.sides(place.begin, place.end)
            side = self._left.get(left)
            if side is not None:
                _take(side.alone, found)
                _take(side.across.get(right), found)
                _take(side.third.get(further_left), found)
            side = self._right.get(right)
            if side is not None:
                _take(side.alone, found)
                _take(side.third.get(further_right), found)
        total = 0.0
        for cue in found:
            total += cue.weight
        return total


def _take(cue: _Cue | None, found: dict[_Cue, None]) -> None:
    if cue is not None:
        found[cue] = None
