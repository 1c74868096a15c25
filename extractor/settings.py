"""The limits and defaults of the whole program, in one frozen object."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits are in bytes unless the name says otherwise."""

    max_article_bytes: int = 30_000_000
    """A single article over this is refused; set by hand, far above any article met (the largest had 1.6 MB)."""
    max_set_bytes: int = 600_000_000
    """A file of many articles (`PubmedArticleSet`): PubMed's yearly files unpack to about 250 MB."""
    max_archive_bytes: int = 20_000_000_000
    """What one archive may unpack to in all."""
    max_archive_ratio: int = 200
    """Unpacked over packed size of one archive member; set by hand, well above what text and
    XML reach and well below a bomb's."""
    max_archive_members: int = 2_000_000
    """Members of one archive."""


DEFAULTS = Settings()
