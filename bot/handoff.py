"""The states of a hand-off, bot → waiting → staff → closed, and what the resident is told at each step (pure)."""
