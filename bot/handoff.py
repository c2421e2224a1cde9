"""The states of a hand-off, bot → waiting → staff → closed, and which step leads from one to the next (pure)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.messages import BotError, HandoffState


class ClosedBy(StrEnum):
    """Who or what ended a hand-off."""

    STAFF = "staff"
    RESIDENT = "resident"
    SILENCE = "silence"
    ERASED = "erased"


@dataclass(frozen=True)
class Officer:
    """A member of staff as the desk knows them: an opaque id, and the name that other staff read."""

    id: str
    name: str


@dataclass(frozen=True)
class Ticket:
    """A conversation passed to staff. `number` (2026-00012) names it within its city; `version` grows with each step of staff.

    `question` is the masked text that led to it. `promised_at` is what the resident was told, None where no hours are known.
    `unread` counts the resident's messages since staff last looked. `sealed_email` is encrypted. All times are Asia/Tokyo.
    """

    city: str
    number: str
    conversation: str | None
    channel: str
    language: str
    department: str
    question: str
    opened_at: datetime
    changed_at: datetime
    state: HandoffState = HandoffState.WAITING
    version: int = 1
    assignee: str | None = None
    assignee_name: str = ""
    promised_at: datetime | None = None
    taken_at: datetime | None = None
    first_reply_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: ClosedBy | None = None
    unread: int = 0
    resident_at: datetime | None = None
    staff_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    alerted_at: datetime | None = None
    sealed_email: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether staff are still asked, or hold the talk."""
        return self.state is not HandoffState.CLOSED


class Conflict(BotError):  # noqa: N818 - what it is called on every page and in the API
    """Somebody else was quicker. `ticket` is as it stands now; `unsent` the text that was not sent, which is kept."""

    def __init__(self, ticket: Ticket, unsent: str = "") -> None:
        message = f"受付番号 {ticket.number} は、ほかの職員が先に更新しました（いまの担当：{ticket.assignee_name or 'なし'}）。"
        super().__init__("conflict", message, "最新の内容を読み直してください。送らなかった文は下書きに残っています。", 409)
        self.ticket, self.unsent = ticket, unsent


def ticket_number(year: int, count: int) -> str:
    """Return the number that residents read: 2026-00012."""
    return f"{year}-{count:05d}"


def taken(ticket: Ticket, officer: Officer, now: datetime) -> Ticket:
    """Return the ticket in the hands of an officer. Raises BotError where it is closed."""
    _require_open(ticket)
    return replace(
        ticket, state=HandoffState.STAFF, assignee=officer.id, assignee_name=officer.name,
        taken_at=ticket.taken_at or now, staff_at=now, unread=0, warned_at=None,
    )  # fmt: skip


def replied(ticket: Ticket, officer: Officer, now: datetime) -> Ticket:
    """Return the ticket after a reply of staff. Raises BotError where nobody has taken it."""
    if ticket.state is not HandoffState.STAFF:
        message = f"受付番号 {ticket.number} は、まだ誰も対応していないか、対応が終わっています。"
        raise BotError("not_taken", message, "「対応する」を押してから返信してください。", 409)
    return replace(ticket, first_reply_at=ticket.first_reply_at or now, staff_at=now, unread=0, warned_at=None)


def assigned(ticket: Ticket, department: str, officer: Officer | None) -> Ticket:
    """Return the ticket with another department or officer; without an officer it waits again. Raises BotError where closed."""
    _require_open(ticket)
    state = HandoffState.STAFF if officer else HandoffState.WAITING
    id_, name = (officer.id, officer.name) if officer else (None, "")
    return replace(ticket, department=department, state=state, assignee=id_, assignee_name=name, warned_at=None)


def closed(ticket: Ticket, by: ClosedBy, now: datetime) -> Ticket:
    """Return the ticket, closed. Raises BotError where it is closed already."""
    _require_open(ticket)
    return replace(ticket, state=HandoffState.CLOSED, closed_at=now, closed_by=by, unread=0, warned_at=None)


def reopened(ticket: Ticket, officer: Officer, now: datetime) -> Ticket:
    """Return a closed ticket in the hands of an officer again. Raises BotError where it is open, or erased."""
    if ticket.is_open or ticket.conversation is None:
        message = f"受付番号 {ticket.number} は、再開できません（対応中か、会話が消されています）。"
        raise BotError("not_closed", message, "一覧で状態を確かめてください。", 409)
    return replace(taken(replace(ticket, state=HandoffState.WAITING), officer, now), closed_at=None, closed_by=None)


def _require_open(ticket: Ticket) -> None:
    if not ticket.is_open:
        message = f"受付番号 {ticket.number} の対応は終わっています。"
        raise BotError("closed", message, "続けるには「再開する」を押してください。", 409)
