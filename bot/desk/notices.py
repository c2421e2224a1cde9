"""Delivers what waits for e-mail and webhooks: to staff ticket number, department and link; to residents a link. Nothing more."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import structlog
from cryptography.fernet import Fernet, InvalidToken

from bot.answers import contact
from bot.desk import Desk
from bot.desk.hooks import send_hook
from bot.desk.post import Post
from bot.handoff import Ticket
from bot.storage.deliveries import Delivery, claim_delivery, due_deliveries, fail_delivery, finish_delivery
from bot.storage.links import make_link
from bot.storage.tickets import ticket_with_number

_log = structlog.get_logger("madoguchi.desk")
# What staff are told, in Japanese: the mail goes to a department, not to a person with a language of their own.
_KINDS = {
    "opened": "住民から新しい質問が届きました。", "breached": "約束した時刻を過ぎました。まだ最初の返信をしていません。",
    "unread": "住民のメッセージが未読のままです。",
}  # fmt: skip
Send = Callable[[str, str, str], Awaitable[None]]


@dataclass(frozen=True)
class Notices:
    """Who is told and how. `mail_to` and `webhooks` by `city` or `city.department`; without a target a notice is let go."""

    desk: Desk
    public_url: str
    box: Fernet
    post: Post | None = None
    mail_to: Mapping[str, str] = field(default_factory=dict)
    webhooks: Mapping[str, str] = field(default_factory=dict)
    loopback: bool = False

    async def deliver(self) -> None:
        """Deliver all that is due; what fails is due again later, and given up after some attempts."""
        for channel, send in (("mail", self._mail), ("webhook", self._hook), ("email", self._to_resident)):
            due = await self.desk.database.read(partial(due_deliveries, channel=channel, now=self.desk.clock()))
            for delivery in due:
                await self._try(delivery, send)

    async def _try(self, delivery: Delivery, send: Callable[[Delivery, Ticket], Awaitable[None]]) -> None:
        database, now, claimed = self.desk.database, self.desk.clock(), []
        await database.write(lambda connection: claimed.append(claim_delivery(connection, delivery, now)))
        if not claimed[-1]:
            return
        ticket = await database.read(lambda c: ticket_with_number(c, delivery.city, delivery.ticket))
        try:
            if ticket:
                await send(delivery, ticket)
        except Exception as error:  # noqa: BLE001 - whatever the other side did, it is noted and tried again
            kind, for_good = type(error).__name__, isinstance(error, InvalidToken)
            _log.warning("not delivered", channel=delivery.channel, city=delivery.city, kind=kind)
            attempts = delivery.attempts + 1
            failed = partial(fail_delivery, id_=delivery.id, attempts=attempts, error=kind, now=now, for_good=for_good)
            await database.write(failed)
        else:
            await database.write(lambda connection: finish_delivery(connection, delivery.id))

    async def _mail(self, delivery: Delivery, ticket: Ticket) -> None:
        if self.post and (to := _target(self.mail_to, ticket)):
            subject = f"【窓口】受付番号 {ticket.number}：{_KINDS[delivery.kind]}"
            await self.post.send(to, subject, self.notice(delivery.kind, ticket))

    async def _hook(self, delivery: Delivery, ticket: Ticket) -> None:
        if url := _target(self.webhooks, ticket):
            await send_hook(url, self.notice(delivery.kind, ticket), loopback=self.loopback)

    def notice(self, kind: str, ticket: Ticket) -> str:
        """Return a notice to staff: number, department and link, no word of the resident."""
        request = self.desk.service.greeting(self.desk.service.release(ticket.city), "ja", self.desk.clock())
        link = f"{self.public_url}/console/{ticket.city}/tickets/{ticket.number}"
        return f"{_KINDS[kind]}\n受付番号：{ticket.number}\n担当：{contact(request, ticket.department).department}\n{link}\n"

    async def _to_resident(self, delivery: Delivery, ticket: Ticket) -> None:
        """Tell a resident that there is a reply, with a one-time link to it; the reply itself stays here (P-02)."""
        if not self.post or not ticket.sealed_email or not ticket.conversation:
            return
        now, release, tokens = self.desk.clock(), self.desk.service.release(ticket.city), []
        hours = release.knowledge.city.desk.link_hours if release.knowledge.city.desk else 24
        conversation = ticket.conversation
        await self.desk.database.write(lambda c: tokens.append(make_link(c, ticket.city, conversation, now, hours)))
        request = self.desk.service.greeting(release, ticket.language, now)
        link = f"{self.public_url}/{ticket.city}/return/{tokens[-1]}?lang={ticket.language}"
        to = self.box.decrypt(ticket.sealed_email.encode()).decode()
        subject = request.say("mail.subject", ticket=ticket.number)
        await self.post.send(to, subject, request.say("mail.body", ticket=ticket.number, link=link, hours=hours))


def _target(targets: Mapping[str, str], ticket: Ticket) -> str:
    """Return where notices of a ticket go: the department's own place before the city's."""
    return targets.get(f"{ticket.city}.{ticket.department}") or targets.get(ticket.city, "")
