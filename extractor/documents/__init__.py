"""From raw bytes to a `Document`: format, encoding, main text, sections, tables and metadata."""
