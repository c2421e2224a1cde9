"""The nouns of the conversation: what comes in, what goes out, how it ended, and what is remembered in between."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

# Japan has had one zone without summer time since 1951; every date that a resident reads is in it.
JST = timezone(timedelta(hours=9), "Asia/Tokyo")


class Decision(StrEnum):
    """What the bot chose to do with a message."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    DECLINE = "decline"
    ACT = "act"
    HANDOFF = "handoff"
    EMERGENCY = "emergency"


class Outcome(StrEnum):
    """How a turn ended: the closed list behind every figure. Labels are system texts `outcome.<value>`."""

    ANSWERED = "answered"
    CLARIFIED = "clarified"
    DECLINED = "declined"
    CALENDAR = "calendar"
    SORTED = "sorted"
    MENU = "menu"
    CONVERSED = "conversed"
    LANGUAGE_CHANGED = "language-changed"
    FEEDBACK = "feedback"
    PERSON_WANTED = "person-wanted"
    HANDED_OFF = "handed-off"
    TO_STAFF = "to-staff"
    STAFF_NEWS = "staff-news"
    STAFF_REPLIED = "staff-replied"
    HANDED_BACK = "handed-back"
    EMERGENCY_SHOWN = "emergency-shown"
    UNREADABLE = "unreadable"
    ERROR = "error"


class Author(StrEnum):
    """Who wrote a reply: every message is labelled (S-18)."""

    BOT = "bot"
    STAFF = "staff"


class HandoffState(StrEnum):
    """Where a conversation stands between the bot and staff; no state at all is the bot's own talk."""

    WAITING = "waiting"
    STAFF = "staff"
    CLOSED = "closed"


class BlockKind(StrEnum):
    """How a part of a reply is meant; a channel that cannot show a kind shows its text."""

    TEXT = "text"
    NOTICE = "notice"
    WARNING = "warning"
    LINK = "link"


@dataclass(frozen=True)
class Block:
    """One part of a reply. `language` is our code of the text, which may differ from the reply's (a fallback)."""

    text: str
    language: str
    kind: BlockKind = BlockKind.TEXT
    url: str = ""


@dataclass(frozen=True)
class Choice:
    """Something the resident may tap, or type. `value` is opaque: `entry:…`, `topic:…`, `item:…`, `say:…`."""

    label: str
    value: str


@dataclass(frozen=True)
class Contact:
    """Whom to ask: a department's name, telephone and hours in the reply's language."""

    department: str
    phone: str
    hours: str = ""


@dataclass(frozen=True)
class Reply:
    """What the resident gets. `version` is the release that answered; `probability` (0–1) how sure the search was.

    `handoff` and `ticket` (its number) are there while staff are asked or hold the conversation.
    """

    decision: Decision
    outcome: Outcome
    language: str
    blocks: tuple[Block, ...]
    choices: tuple[Choice, ...] = ()
    entry: str | None = None
    version: str | None = None
    source: str | None = None
    contact: Contact | None = None
    confirmed_on: str | None = None
    probability: float | None = None
    author: Author = Author.BOT
    handoff: HandoffState | None = None
    ticket: str | None = None

    @property
    def text(self) -> str:
        """The whole reply as plain text, for channels and logs that know nothing better."""
        return "\n\n".join(block.text for block in self.blocks)


@dataclass(frozen=True)
class Message:
    """What a resident sent. `language` is that of the page or their choice; `client_id` makes sending it twice harmless.

    `chosen` says that the language is their own choice: the answer is in it, whatever they write in (L-38).
    `opens` begins the conversation named where there is none yet: channels with ids of their own. `late` came after newer
    ones: it gets its answer and changes nothing that is remembered.
    """

    city: str
    text: str
    channel: str = "web"
    conversation: str | None = None
    language: str | None = None
    client_id: str | None = None
    opens: bool = False
    late: bool = False
    chosen: bool = False


@dataclass(frozen=True)
class Conversation:
    """What is remembered between turns. `choices` are the last ones offered; `recent_entry` serves follow-ups (J-15).

    `handoff` (waiting or staff) and `ticket` (its number) are there while the bot is silent; `told` once it has said so.
    """

    id: str
    city: str
    channel: str = "web"
    language: str | None = None
    choices: tuple[Choice, ...] = ()
    recent_entry: str | None = None
    recent_at: datetime | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    declined: int = 0
    handoff: HandoffState | None = None
    ticket: str | None = None
    told: bool = False

    def after(self, reply: Reply, now: datetime, slots: Mapping[str, str]) -> "Conversation":
        """Return what is to be remembered once this reply is given."""
        answered = reply.entry is not None
        held = reply.handoff if reply.handoff is not HandoffState.CLOSED else None
        return replace(
            self,
            choices=reply.choices,
            recent_entry=reply.entry if answered else self.recent_entry,
            recent_at=now if answered else self.recent_at,
            slots={**self.slots, **slots},
            declined=self.declined + 1 if reply.decision is Decision.DECLINE else 0,
            handoff=held,
            ticket=reply.ticket if held else None,
            told=held is not None and (self.told or reply.outcome is Outcome.TO_STAFF),
        )

    def state(self) -> dict[str, Any]:
        """Return what storage keeps of the conversation, as plain JSON."""
        return {
            "choices": [[choice.label, choice.value] for choice in self.choices],
            "recent_entry": self.recent_entry,
            "recent_at": self.recent_at.isoformat() if self.recent_at else None,
            "slots": dict(self.slots),
            "declined": self.declined,
            "handoff": self.handoff,
            "ticket": self.ticket,
            "told": self.told,
        }

    def with_state(self, state: Mapping[str, Any]) -> "Conversation":
        """Return the conversation with a stored state."""
        return replace(
            self,
            choices=tuple(Choice(label, value) for label, value in state["choices"]),
            recent_entry=state["recent_entry"],
            recent_at=datetime.fromisoformat(state["recent_at"]) if state["recent_at"] else None,
            slots=state["slots"],
            declined=state["declined"],
            handoff=HandoffState(state["handoff"]) if state.get("handoff") else None,
            ticket=state.get("ticket"),
            told=state.get("told", False),
        )


@dataclass(frozen=True)
class Turn:
    """One message with its reply, as it is stored: the text masked, never raw."""

    id: str
    conversation: str
    city: str
    channel: str
    at: datetime
    masked_text: str
    reply: Reply
    milliseconds: float = 0.0
    client_id: str | None = None


class BotError(Exception):
    """Something the caller can mend: what was wrong, what to do, and the HTTP status it deserves."""

    def __init__(self, code: str, message: str, hint: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.status = code, message, hint, status
