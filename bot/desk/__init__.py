"""THE DESK: the only shell that changes tickets. Each step is stored first, then told to residents and staff."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot import handoff
from bot.answers import Request
from bot.cache import Cache
from bot.desk import words
from bot.desk.memory import forget, remember, talk
from bot.desk.resident import store
from bot.handoff import ClosedBy, Conflict, Officer, Ticket
from bot.messages import BotError, Conversation, Reply, Turn
from bot.privacy import find_personal_data
from bot.service import Service
from bot.storage import Database
from bot.storage.conversations import erase_conversation, load_conversation, save_conversation
from bot.storage.deliveries import add_delivery, pending_of
from bot.storage.ids import new_turn_id
from bot.storage.tickets import (
    drop_unsent,
    keep_unsent,
    mark_ticket,
    save_event,
    ticket_with_number,
    update_ticket,
)
from bot.storage.turns import save_turn

# A resident who is there sees the reply at once; a mail goes out only for one who has not come back by then.
MAIL_WAITS_SECONDS = 120
LONGEST_REPLY = 4000
# Never written by staff either (P-11); other offices' telephones and addresses are what residents ask for.
_NEVER_SENT = {"my-number", "card", "residence-card"}
Change = Callable[[Ticket, datetime], Ticket]
Words = Callable[[Request, Ticket], Reply | None]


@dataclass(frozen=True)
class Step:
    """One step of staff: its name in the history, what it makes of the ticket, and what the resident is told."""

    kind: str
    officer: Officer | None
    change: Change
    words: Words
    detail: str = ""


@dataclass(frozen=True)
class Stepped:
    """What a step came to: the ticket, the talk, and the turn that tells of it, if any."""

    ticket: Ticket
    conversation: Conversation
    turn: Turn | None


@dataclass(frozen=True)
class Desk:
    """The desk of all cities. `clock` gives the time in Asia/Tokyo. All raise BotError for an unknown ticket."""

    service: Service
    database: Database
    cache: Cache
    clock: Callable[[], datetime]

    async def ticket(self, city: str, number: str) -> Ticket:
        """Return a ticket. Raises BotError where there is none."""
        found = await self.database.read(lambda connection: ticket_with_number(connection, city, number))
        if found is None:
            raise _unknown(number)
        return found

    async def take(self, city: str, number: str, officer: Officer, version: int) -> Ticket:
        """Take a ticket as it stood at `version`; the resident is told who answers. Raises Conflict where another was quicker."""
        step = Step("taken", officer, lambda ticket, now: handoff.taken(ticket, officer, now), _told("handoff.taken"))
        return (await self._step(city, number, step, version)).ticket

    async def reply(
        self, city: str, number: str, officer: Officer, text: str, version: int, language: str = "ja", translated: str = ""
    ) -> Turn:
        """Send what an officer wrote (in `language`), with a machine's translation if any, and return its turn.

        Raises Conflict where somebody made a step since `version`: the text is kept and comes back with the conflict.
        """
        text = checked(text)
        step = Step(
            "reply", officer, lambda ticket, now: handoff.replied(ticket, officer, now),
            lambda request, ticket: words.from_staff(request, ticket, text, language, translated),
        )  # fmt: skip
        try:
            stepped = await self._step(city, number, step, version)
        except Conflict as conflict:
            await self._keep_unsent(conflict.ticket, officer, text)
            raise Conflict(conflict.ticket, text) from conflict
        await self.database.write(lambda connection: drop_unsent(connection, city, number, officer.id))
        return _turn_of(stepped)

    async def assign(
        self, city: str, number: str, officer: Officer, version: int, department: str, assignee: Officer | None = None
    ) -> Ticket:
        """Give a ticket to another department, where it waits, or to an `assignee`. The resident is told of a new department."""
        before = await self.ticket(city, number)
        told = _told("handoff.assigned") if department != before.department else _silently
        step = Step(
            "assigned", officer, lambda ticket, _now: handoff.assigned(ticket, department, assignee), told,
            f"{department} {assignee.name if assignee else ''}".strip(),
        )  # fmt: skip
        return (await self._step(city, number, step, version)).ticket

    async def close(
        self, city: str, number: str, officer: Officer | None, version: int | None, by: ClosedBy = ClosedBy.STAFF
    ) -> Ticket:
        """End a hand-off: the resident is told that the bot answers again."""
        step = Step(
            "closed", officer, lambda ticket, now: handoff.closed(ticket, by, now),
            lambda request, ticket: words.handed_back(request, ticket, by), by.value,
        )  # fmt: skip
        return (await self._step(city, number, step, version)).ticket

    async def reopen(self, city: str, number: str, officer: Officer, version: int) -> Ticket:
        """Take up a closed ticket again. Raises BotError where the talk is with another ticket, or erased."""
        step = Step("reopened", officer, lambda ticket, now: handoff.reopened(ticket, officer, now), _told("handoff.reopened"))
        return (await self._step(city, number, step, version)).ticket

    async def warn(self, city: str, number: str, minutes: int) -> None:
        """Tell a silent resident that the bot answers again in so many minutes. It makes no conflict for an officer."""
        told = _told("handoff.warning", minutes=minutes)
        step = Step("warning", None, lambda ticket, now: replace(ticket, warned_at=now), told)
        await self._step(city, number, step, None, beside_version=True)

    async def seen(self, city: str, number: str) -> None:
        """Note that staff have read all that the resident wrote."""
        await self.database.write(lambda connection: mark_ticket(connection, city, number, unread=0))
        await self.cache.publish(f"desk:{city}", number)

    async def set_email(self, city: str, conversation: Conversation, sealed: str | None) -> None:
        """Keep the address (encrypted) to which replies to a ticket go, or forget it. Raises BotError without an open ticket."""
        number = conversation.ticket
        if number is None:
            raise BotError("no_ticket", "There is no open ticket in this conversation.", "Ask for a person first.", 409)
        await self.database.write(lambda connection: mark_ticket(connection, city, number, sealed_email=sealed))

    async def erase(self, city: str, conversation: str) -> None:
        """Erase a conversation with its turns and all that its tickets tell."""
        now = self.clock()
        async with self.cache.lock(talk(city, conversation)):
            await self.database.write(lambda connection: erase_conversation(connection, city, conversation, now))
            await forget(self.cache, city, conversation)
        await self.cache.publish(talk(city, conversation), "")
        await self.cache.publish(f"desk:{city}", "")

    async def resident_turn(self, turn: Turn, conversation: Conversation) -> tuple[Turn, Conversation]:
        """Store a resident's turn that opens a ticket, adds to one or ends it. The caller holds the lock of the talk."""
        done: list[tuple[Turn, Conversation]] = []
        await self.database.write(lambda connection: done.append(store(connection, self.service, turn, conversation)))
        await self.cache.publish(f"desk:{turn.city}", turn.reply.ticket or "")
        return done[-1]

    def _request(self, conversation: Conversation, now: datetime) -> Request:
        language = conversation.language or "ja"
        return self.service.greeting(self.service.release(conversation.city), language, now)

    async def _step(
        self, city: str, number: str, step: Step, version: int | None, *, beside_version: bool = False
    ) -> Stepped:
        conversation = (await self.ticket(city, number)).conversation
        if conversation is None:
            raise BotError("erased", f"受付番号 {number} の会話は、住民が消しました。", "この件は閉じてください。", 409)
        done: list[Stepped] = []
        async with self.cache.lock(talk(city, conversation)):
            await self.database.write(
                lambda connection: done.append(self._done(connection, city, number, step, version, beside_version))
            )
            await remember(self.cache, done[-1].conversation)
        if (turn := done[-1].turn) is not None:
            await self.cache.publish(talk(city, conversation), turn.id)
        await self.cache.publish(f"desk:{city}", number)
        return done[-1]

    def _done(
        self, connection: Connection, city: str, number: str, step: Step, version: int | None, beside_version: bool
    ) -> Stepped:
        now, ticket = self.clock(), ticket_with_number(connection, city, number)
        conversation = load_conversation(connection, city, ticket.conversation or "") if ticket else None
        if ticket is None or conversation is None:
            raise _unknown(number)
        if version is not None and ticket.version != version:
            raise Conflict(ticket)
        changed = step.change(ticket, now)
        conversation = _in_state(conversation, changed)
        if beside_version:
            mark_ticket(connection, city, number, warned_at=changed.warned_at)
        else:
            changed = update_ticket(connection, changed, now)
        save_event(connection, ticket, step.kind, now, step.officer, step.detail)
        turn = self._told_turn(connection, step, changed, conversation, now)
        if turn:
            conversation = replace(conversation, choices=turn.reply.choices)
        save_conversation(connection, conversation, now)
        return Stepped(changed, conversation, turn)

    def _told_turn(
        self, connection: Connection, step: Step, ticket: Ticket, conversation: Conversation, now: datetime
    ) -> Turn | None:
        reply = step.words(self._request(conversation, now), ticket)
        if reply is None:
            return None
        turn = Turn(new_turn_id(now), conversation.id, ticket.city, ticket.channel, now, "", reply)
        save_turn(connection, turn)
        if ticket.channel == "line":
            add_delivery(connection, ticket, "line", step.kind, now, turn.id)
        if step.kind == "reply" and ticket.sealed_email and not pending_of(connection, ticket.city, ticket.number, "email"):
            add_delivery(connection, ticket, "email", step.kind, now, turn.id, MAIL_WAITS_SECONDS)
        return turn

    async def _keep_unsent(self, ticket: Ticket, officer: Officer, text: str) -> None:
        now = self.clock()
        await self.database.write(lambda connection: keep_unsent(connection, ticket, officer, text, now))


def _told(key: str, **values: object) -> Words:
    """Return words that tell the resident a text of the hand-off."""
    return lambda request, ticket: words.news(request, ticket, key, **values)


def _silently(_request: Request, _ticket: Ticket) -> None:
    """Tell the resident nothing."""


def _in_state(conversation: Conversation, ticket: Ticket) -> Conversation:
    """Return the talk as the ticket has it now. Raises BotError where it is with another ticket."""
    if conversation.ticket not in (None, ticket.number):
        message = f"この会話は、すでに受付番号 {conversation.ticket} で対応しています。"
        raise BotError("other_ticket", message, f"受付番号 {conversation.ticket} を開いてください。", 409)
    held = ticket.state if ticket.is_open else None
    told = conversation.told and held is not None
    return replace(conversation, handoff=held, ticket=ticket.number if held else None, told=told)


def _turn_of(stepped: Stepped) -> Turn:
    if stepped.turn is None:
        raise BotError("internal", "返信が保存できませんでした。", "もう一度送ってください。", 500)
    return stepped.turn


def checked(text: str) -> str:
    """Return a reply as it may go out. Raises BotError where it is empty or too long."""
    text = text.replace("\0", " ").strip()
    if not text:
        raise BotError("empty", "返信が空です。", "返信の文を書いてください。", 422)
    if len(text) > LONGEST_REPLY:
        raise BotError("too_long", f"返信が{len(text)}文字あります。", f"{LONGEST_REPLY}文字までにしてください。", 422)
    if {one.kind for one in find_personal_data(text)} & _NEVER_SENT:
        message = "返信に個人番号やカード番号のような数字があります。"
        raise BotError("personal", message, "その数字を消してから送ってください。", 422)
    return text


def _unknown(number: str) -> BotError:
    return BotError("unknown_ticket", f"受付番号 {number} は見つかりません。", "番号と市を確かめてください。", 404)
