"""Measure extraction on texts that people annotated: brat stand-off files against records."""
