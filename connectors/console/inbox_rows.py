"""What a line of the inbox says: which tickets are wanted, who may see them, and how much open time is left (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.handoff import Ticket
from bot.messages import HandoffState
from bot.office_hours import hours_of
from bot.storage.staff import Staff
from bot.storage.tickets import TicketQuery
from connectors.console.inbox_presence import Present
from connectors.console.permissions import Permission
from connectors.console.ticket_access import may
from faq.loader import CityKnowledge

_WAITING, _STAFF, _CLOSED = HandoffState.WAITING, HandoffState.STAFF, HandoffState.CLOSED
# What can be asked of the list; the first is what it shows unasked. Texts are `inbox.state.<name>`.
STATES: Mapping[str, tuple[HandoffState, ...]] = {
    "open": (_WAITING, _STAFF), "waiting": (_WAITING,), "staff": (_STAFF,), "closed": (_CLOSED,), "all": (),
}  # fmt: skip
WHOSE = ("all", "mine", "unassigned")
CHANNELS = ("web", "line")
# A desk with more open questions than this has other worries; the oldest of them come first all the same.
_MOST_OPEN, _MOST_CLOSED = 2000, 100
# So many lines a page shows; nobody reads on, and the filters find the rest.
MOST_SHOWN = 100


@dataclass(frozen=True)
class Wish:
    """What somebody wants to see of the inbox. What is empty does not limit."""

    state: str = "open"
    department: str = ""
    language: str = ""
    channel: str = ""
    whose: str = "all"
    search: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wish":
        """Return the wish that an address tells; what it does not know counts as unsaid."""
        state, whose = query.get("state", ""), query.get("whose", "")
        return cls(
            state if state in STATES else "open", query.get("department", ""), query.get("language", ""),
            query.get("channel", ""), whose if whose in WHOSE else "all", query.get("q", "").strip()[:64],
        )  # fmt: skip

    @property
    def limits(self) -> bool:
        """Whether anything but the state is asked."""
        return bool(self.department or self.language or self.channel or self.search or self.whose != "all")

    def queries(self) -> list[TicketQuery]:
        """Return what is asked of storage: closed tickets apart, so that they never push an open one out of the list."""
        wanted = STATES[self.state] or (_WAITING, _STAFF, _CLOSED)
        asked = [((state for state in wanted if state is not _CLOSED), _MOST_OPEN)]
        asked += [((state for state in wanted if state is _CLOSED), _MOST_CLOSED)]
        lists = [(tuple(states), limit) for states, limit in asked]
        departments, languages = [self.department] * bool(self.department), [self.language] * bool(self.language)
        return [
            TicketQuery(states, departments, languages, search=self.search, limit=limit) for states, limit in lists if states
        ]

    def fits(self, ticket: Ticket, person: Staff) -> bool:
        """Say whether a ticket is one that the person may see and asked for."""
        mine = {"all": True, "mine": ticket.assignee == person.id, "unassigned": ticket.assignee is None}[self.whose]
        return mine and self.channel in ("", ticket.channel) and may(person, Permission.DESK_READ, ticket)


@dataclass(frozen=True)
class Due:
    """By when the first reply is promised. `minutes` of open time are left, or have passed where it is `late`."""

    at: datetime
    late: bool
    minutes: int

    @property
    def hours_and_minutes(self) -> tuple[int, int]:
        """The open time in hours and minutes."""
        return divmod(self.minutes, 60)


@dataclass(frozen=True)
class Line:
    """A line of the inbox."""

    ticket: Ticket
    due: Due | None
    people: tuple[Present, ...] = ()


def due_of(ticket: Ticket, knowledge: CityKnowledge, now: datetime) -> Due | None:
    """Return when a first reply is due; None where it has been given, or nothing was promised."""
    if not ticket.is_open or ticket.promised_at is None or ticket.first_reply_at is not None:
        return None
    late = now > ticket.promised_at
    start, end = (ticket.promised_at, now) if late else (now, ticket.promised_at)
    hours = hours_of(knowledge, ticket.department)
    minutes = hours.business_minutes_between(start, end) if hours else int((end - start).total_seconds() // 60)
    return Due(ticket.promised_at, late, minutes)
