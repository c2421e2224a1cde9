"""Transcripts of whole talks, run through the real service: `tests/conversations/<language>/*.yaml`."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.messages import JST, Conversation, Message, Reply
from bot.service import Service

FOLDER = Path(__file__).parent / "conversations"
TRANSCRIPTS = sorted(FOLDER.glob("*/*.yaml"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_talk_goes_as_written(path: Path, service: Service) -> None:
    """Each turn of the transcript gets the decision, entry, words and choices that are written there."""
    transcript = yaml.safe_load(path.read_text(encoding="utf-8"))
    now = datetime.fromisoformat(transcript.get("now", "2026-11-24T10:00")).replace(tzinfo=JST)
    conversation = Conversation("talk", transcript.get("city", "hoshimi"), language=transcript.get("language"))
    for number, turn in enumerate(transcript["turns"], start=1):
        text = _text(turn, conversation)
        answered = service.respond(Message(conversation.city, text), conversation, now)
        conversation = answered.conversation
        _hold_to(turn, answered.reply, f"{path.name}, turn {number}: {text!r}")


def _text(turn: dict[str, Any], conversation: Conversation) -> str:
    """Return what the resident sends: typed words, or the value of the choice that is tapped."""
    if "resident" in turn:
        return str(turn["resident"])
    return next(choice.value for choice in conversation.choices if choice.label == turn["taps"])


def _hold_to(turn: dict[str, Any], reply: Reply, where: str) -> None:
    told = f"{where} got {reply.decision}/{reply.outcome} {reply.entry} {reply.probability}: {reply.text[:200]}"
    for name in ("decision", "outcome", "entry", "language"):
        if name in turn:
            assert getattr(reply, name) == turn[name], told
    for words in turn.get("says", []):
        assert words in reply.text, told
    for words in turn.get("never_says", []):
        assert words not in reply.text, told
    for label in turn.get("offers", []):
        assert label in [choice.label for choice in reply.choices], f"{told} {[c.label for c in reply.choices]}"


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_reply_can_be_checked(path: Path, service: Service) -> None:
    """An answer carries its entry, version, contact and the date somebody confirmed it."""
    transcript = yaml.safe_load(path.read_text(encoding="utf-8"))
    conversation = Conversation("talk", transcript.get("city", "hoshimi"), language=transcript.get("language"))
    for turn in transcript["turns"]:
        if "resident" not in turn:
            break
        reply = service.respond(
            Message(conversation.city, turn["resident"]), conversation, datetime(2026, 11, 24, tzinfo=JST)
        ).reply
        if reply.decision == "answer":
            assert reply.entry
            assert reply.version
            assert reply.confirmed_on
            assert reply.contact
            assert reply.contact.department
