"""The weights of what speaks for a name are found as its features' names would find them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from extractor.rules.arm import joint_features
from extractor.rules.arm_names import find_names
from extractor.rules.name_weights import NameWeights
from extractor.rules.numbers import find_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractor.rules.layout import Layout

TEXT = (
    "Zinc versus goserelin.\n\nOf 40 patients treated here, 20 received zinc and 20 were given goserelin. Goserelin, "
    "but not zinc, eased pain in the zinc group or in the goserelin group (12% v 15%). Zinc"
)


@pytest.mark.parametrize("every", [1, 2, 3])
def test_each_known_feature_is_weighed_once(every: int, layout: Callable[[str], Layout]) -> None:
    text = layout(TEXT)
    names = find_names(text, find_numbers(text))
    of_each = [
        [*candidate.features, *names.cues_of(candidate), *joint_features(candidate)]
        for candidate in names.candidates.values()
    ]
    known = dict.fromkeys(feature for features in of_each for feature in features)
    weights = {feature: float(i + 1) for i, feature in enumerate(known) if i % every == 0}
    laid_out = NameWeights(weights)
    for candidate, features in zip(names.candidates.values(), of_each, strict=True):
        total = laid_out.of_cues(names.around, candidate.places)
        for feature in candidate.features:
            total += laid_out.beside.get(feature, 0.0)
            for other in candidate.features:
                total += laid_out.joint.get(feature, {}).get(other, 0.0)
        assert total == sum(weights.get(feature, 0.0) for feature in features)
