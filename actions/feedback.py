"""Thanks for a judgement: solved or not; after "not solved" a person is offered (W-17)."""

from dataclasses import replace

from bot.answers import Request, spoken
from bot.messages import Choice, Decision, Outcome, Reply


def feedback(request: Request, value: str) -> Reply:
    """Thank for the feedback. `value` is `good` or `bad`; without one the intent tells."""
    bad = value == "bad" or request.understanding.intent == "feedback-bad"
    reply = spoken(request, Decision.ACT, Outcome.FEEDBACK, "feedback.bad" if bad else "feedback.good")
    choices = (Choice(request.say("choice.person"), "say:person"), Choice(request.say("choice.menu"), "say:menu"))
    return replace(reply, choices=choices if bad else ())
