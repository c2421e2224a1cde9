"""A reply as plain JSON and back, for storage and for the API alike."""

from typing import Any

from bot.messages import Author, Block, BlockKind, Choice, Contact, Decision, HandoffState, Outcome, Reply

_PLAIN = (
    "decision", "outcome", "language", "entry", "version", "source", "confirmed_on", "probability", "author", "handoff", "ticket",
)  # fmt: skip


def reply_to_json(reply: Reply) -> dict[str, Any]:
    """Return the reply as JSON; keys that hold nothing are left out. (Written out by hand: `asdict` copies every value.)"""
    content = {name: value for name in _PLAIN if (value := getattr(reply, name)) is not None}
    content["blocks"] = [{name: value for name, value in vars(block).items() if value != ""} for block in reply.blocks]
    content["choices"] = [{"label": choice.label, "value": choice.value} for choice in reply.choices]
    if reply.contact is not None:
        content["contact"] = dict(vars(reply.contact))
    return content


def reply_from_json(content: dict[str, Any]) -> Reply:
    """Return the reply that `reply_to_json` wrote."""
    found = dict(content)
    found["decision"], found["outcome"] = Decision(found["decision"]), Outcome(found["outcome"])
    found["author"] = Author(found.get("author", Author.BOT))
    found["handoff"] = HandoffState(found["handoff"]) if found.get("handoff") else None
    found["blocks"] = tuple(Block(**{**block, "kind": BlockKind(block["kind"])}) for block in found["blocks"])
    found["choices"] = tuple(Choice(**choice) for choice in found["choices"])
    found["contact"] = Contact(**found["contact"]) if found.get("contact") else None
    return Reply(**found)
