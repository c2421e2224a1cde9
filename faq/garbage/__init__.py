"""Garbage: what goes into which bin (items, categories) and when the bin is collected (districts, calendar)."""
