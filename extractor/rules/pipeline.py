"""The spaCy pipeline: component order, and a hash over every rule, weight and lexicon."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import spacy
from spacy.language import Language

from extractor.rules import analysis, layout, numbers, tokenizer

COMPONENTS = (
    "trial_layout", "trial_numbers", "trial_arms", "trial_number_kinds", "trial_bundles", "trial_endpoints",
    "trial_attachments", "trial_study",
)  # fmt: skip
"""In the order they run; each can be added to a pipeline of one's own with `nlp.add_pipe`."""

_REGISTERED = (analysis, layout, numbers, tokenizer)  # importing them registers the factories


def build() -> Language:
    """A blank English pipeline with the trial tokenizer and all components. No trained model is needed.

    Raises LexiconError if a lexicon or weight file is malformed.
    """
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "extractor.trial_tokenizer.v1"}}})
    nlp.max_length = 200_000_000
    for name in COMPONENTS:
        nlp.add_pipe(name)
    return nlp


@cache
def rules_hash() -> str:
    """16 hex digits that change whenever the code of a rule, a weight or a lexicon changes."""
    digest = hashlib.sha256()
    root = resources.files("extractor")
    for folder in ("rules", "lexicons", "weights", "documents", "records", "checks"):
        for file in sorted(_files(root.joinpath(folder)), key=str):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _files(folder: Traversable) -> list[Traversable]:
    found: list[Traversable] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            if entry.name != "__pycache__":
                found += _files(entry)
        elif entry.name.endswith((".py", ".tsv")):
            found.append(entry)
    return found
