"""Turns a reply into LINE's messages: text or a bubble that wraps and grows with the reader's letters, and quick replies."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.line_limits import (
    LABEL,
    MESSAGES,
    POSTBACK,
    QUICK_REPLIES,
    TEXT,
    cluster_count,
    cut,
    shortened,
    split_text,
    utf16_length,
)
from bot.messages import Block, BlockKind, Reply
from connectors.line.bubble import bubble

LineMessage = dict[str, Any]
# A longer answer is easier to read, and to copy, as plain messages.
LONGEST_BUBBLE = 1200


@dataclass(frozen=True)
class Page:
    """What rendering needs beside the reply: our texts in its language, button data, and where the whole answer stands."""

    say: Callable[..., str]
    seal: Callable[[str], str]
    address: str = ""


def render(reply: Reply, page: Page, quote_token: str = "") -> list[LineMessage]:
    """Return 1–5 messages that together hold the reply. `quote_token` shows which question a late answer belongs to (L-37)."""
    messages = _messages(reply, page)
    if quote_token and messages[0]["type"] == "text":
        messages[0]["quoteToken"] = quote_token
    if items := list(_quick_replies(reply, page)):
        messages[-1]["quickReply"] = {"items": items}
    return messages


def _messages(reply: Reply, page: Page) -> list[LineMessage]:
    if reply.entry is not None and utf16_length(reply.text) <= LONGEST_BUBBLE:
        found = bubble(reply, page.say, trailer(reply, page.say), numbered(reply, page.say))
        if found is not None:
            return [found]
    return [text_message(part) for part in _fitted(split_text(whole_text(reply, page)), page)]


def whole_text(reply: Reply, page: Page) -> str:
    """Return the reply as one text: its blocks, whom to ask, and the choices by number."""
    parts = [block_text(block) for block in reply.blocks]
    if reply.entry is not None:
        parts += trailer(reply, page.say)
    parts += [numbered(reply, page.say)]
    return "\n\n".join(part for part in parts if part)


def trailer(reply: Reply, say: Callable[..., str]) -> list[str]:
    """Return whom to ask and when the answer was confirmed."""
    lines = []
    if reply.contact and reply.contact.phone:
        who = reply.contact
        lines.append(say("line.contact", department=who.department, phone=who.phone, hours=who.hours).strip())
    if reply.confirmed_on:
        lines.append(say("line.confirmed", date=reply.confirmed_on))
    return ["\n".join(lines)] if lines else []


def numbered(reply: Reply, say: Callable[..., str]) -> str:
    """Return the choices with their numbers, whole: LINE on a computer shows no buttons, and a button shortens (L-32)."""
    if not reply.choices:
        return ""
    rows = [f"{number}. {choice.label}" for number, choice in enumerate(reply.choices, start=1)]
    return "\n".join([say("line.choose"), *rows])


def block_text(block: Block) -> str:
    """Return a block as plain text."""
    return f"{block.text}\n{block.url}" if block.kind is BlockKind.LINK else block.text


def _fitted(parts: Sequence[str], page: Page) -> list[str]:
    """Return at most five parts; where there are more, the beginning and where to read the rest (L-26)."""
    if len(parts) <= MESSAGES:
        return list(parts)
    end = page.say("line.more", url=page.address) if page.address else page.say("line.cut")
    return [*parts[: MESSAGES - 1], end]


def _quick_replies(reply: Reply, page: Page) -> Iterator[LineMessage]:
    for number, choice in enumerate(reply.choices[:QUICK_REPLIES], start=1):
        label = choice.label if cluster_count(choice.label) <= LABEL else shortened(f"{number}. {choice.label}", LABEL)
        action = {"type": "postback", "label": label, "data": page.seal(choice.value), "displayText": cut(choice.label, POSTBACK)}
        yield {"type": "action", "action": action}


def text_message(text: str) -> LineMessage:
    """Return a text message."""
    return {"type": "text", "text": text}


def plainest(messages: Sequence[Mapping[str, Any]]) -> list[LineMessage]:
    """Return the messages as one plain text, for when LINE refused them as they were."""
    texts = [str(message.get("text") or message.get("altText") or "") for message in messages]
    return [text_message(cut("\n\n".join(text for text in texts if text), TEXT))]
