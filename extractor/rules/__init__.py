"""The spaCy pipeline: from a `Document` to findings. Everything that decides what a number is stands here."""
