"""Split trial text into tokens: one regular expression, one pass, nothing lost.

A number with its decimals and thousands separators is one token ("9·5", "13 388", "1,009"); a sign, a relation,
a percent sign and every bracket are tokens of their own ("p<0·001", "95%CI", "10.3±2.1", "n=45", "12/40"); a name
that mixes letters and digits stays whole ("CD7", "HER2", "mg"). Any white space but a single space between two
tokens is a token itself, as spaCy's `Doc` needs it to give the text back unchanged.
"""

from __future__ import annotations

import re
import sys
from typing import Any, cast

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab

_TOKEN = re.compile(
    r"""
      [A-Za-z]++(?=[ .,;:()\n-])                      # plain words: as below, only faster
    | [ ](?!\s)                                       # the single space behind most words: likewise
    | [^\W\d_][^\W_]*(?:['’][^\W\d_]+)?                # words, CD7, patients'
    | \s+                                             # white space beyond one space
    | \d{1,3}(?:[,\u2009\u202f\u2008\u00a0]\d{3})+(?![\d])(?:[.·∙]\d+)?   # 1,009   13 194 with thin spaces
    | (?<![\d.,·\u2009\u202f\u00a0-])[1-9]\d{0,2}(?:[ ]\d{3}){1,3}(?![\d.,/%-])(?=[ ][a-z]|[,;)]) # 13 388 women
    | (?:(?<=[=<>≤≥])|(?<=[=<>≤≥][ ]))0,\d{1,2}(?!\d|[.,]\d)  # p = 0,05
    | \d+(?:[.·∙]\d+)?                                # 12   9·5   0.001
    | (?<![\w.)])[.·∙]\d+                              # .05
    | .                                               # punctuation, one by one
    """,
    re.VERBOSE | re.DOTALL,
)
"""The commonest first: it is tried in this order at each character."""


_MAX_KNOWN = 1 << 17
"""Words remembered; a batch over any corpus stays in bounded memory."""


class _Known(dict[str, tuple[str, object]]):
    """A word -> the one object that stands for it in all articles, and its number in the vocabulary; filled as words
    turn up. Lexicons hold the same objects, so that looking a word up compares no letters."""

    def __init__(self, vocab: Vocab) -> None:
        super().__init__()
        self.vocab = vocab

    def __missing__(self, word: str) -> tuple[str, object]:
        vocab = cast(Any, self.vocab)  # spaCy's stubs lag behind
        found = (sys.intern(word), vocab.strings.add(word))
        if len(self) < _MAX_KNOWN and not vocab.in_memory_zone:  # at whose end the vocabulary forgets its words
            self[word] = found
        return found


class TrialTokenizer:
    """Text to `Doc`; linear in the length of the text."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab
        self._known = _Known(vocab)

    def __call__(self, text: str) -> Doc:
        words: list[str] = []
        orths: list[object] = []
        spaces: list[bool] = []
        known = self._known
        for found in _TOKEN.findall(text):
            if found == " " and spaces and not spaces[-1]:
                spaces[-1] = True
            else:
                word, orth = known[found]
                words.append(word)
                orths.append(orth)
                spaces.append(False)
        doc = Doc(self.vocab, words=cast(Any, orths), spaces=spaces)
        # reading them back token by token costs more than all of the above
        doc.user_data["words"] = words, spaces, text
        return doc

    # A tokenizer without state of its own: spaCy calls these when a pipeline is saved or loaded.
    def to_bytes(self, **_: object) -> bytes:
        """Nothing to save."""
        return b""

    def from_bytes(self, _data: bytes, **_: object) -> TrialTokenizer:
        """Nothing to load."""
        return self

    def to_disk(self, _path: object, **_: object) -> None:
        """Nothing to save."""

    def from_disk(self, _path: object, **_: object) -> TrialTokenizer:
        """Nothing to load."""
        return self


@registry.tokenizers("extractor.trial_tokenizer.v1")  # type: ignore[untyped-decorator]
def create_trial_tokenizer() -> object:
    """The factory named in the pipeline's config."""

    def create(nlp: Language) -> TrialTokenizer:
        return TrialTokenizer(nlp.vocab)

    return create
