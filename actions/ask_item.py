"""The resident wants to know how to throw something away, but has not said what."""

from bot.answers import Request, spoken
from bot.messages import Decision, Outcome, Reply


def ask_item(request: Request, _value: str) -> Reply:
    """Ask for the thing's name."""
    return spoken(request, Decision.CLARIFY, Outcome.CLARIFIED, "garbage.which-item")
