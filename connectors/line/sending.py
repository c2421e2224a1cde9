"""Sends an answer: by reply token first, as a paid push only where the city allows it and the quota lasts (L-18 to L-23)."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from bot.line_limits import aggregation_unit
from bot.storage.line_events import Ending, EventState, mark_leaving
from bot.storage.line_sent import SentRecord, StoredQuota, load_quota, save_quota, save_sent
from connectors.line.client import LineMessage, Quota, Sent
from connectors.line.errors import PASSING, SPENT, LineError, Refusal
from connectors.line.office import Office
from connectors.line.render import plainest

_log = structlog.get_logger("madoguchi.line")
_NAMESPACE = uuid.UUID("5d4a7f6e-5f0c-5c2b-9a5e-2f1f8f0f7c11")
REPLY_PAUSES = (0.0, 1.0, 3.0)
PUSH_PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class Outgoing:
    """Messages on their way to a resident. `id` names what they answer: the same id is never pushed twice.

    `resumed` says that an earlier process may have sent them; `following` that pushes reach the resident.
    """

    city: str
    id: str
    conversation: str
    resident: str
    messages: Sequence[LineMessage]
    language: str
    kind: str = "answer"
    reply_token: str = ""
    resumed: bool = False
    following: bool = True


async def send(office: Office, out: Outgoing) -> Ending:
    """Send, and return how it ended: answered, or undelivered with the reason."""
    if out.reply_token:
        await office.database.write(lambda connection: mark_leaving(connection, out.city, out.id))
        ending = await _reply(office, out)
        if ending is not None:
            return ending
    return await push(office, out)


async def _reply(office: Office, out: Outgoing) -> Ending | None:
    """Reply, and return how it ended; None where LINE surely has not taken it and a push may be tried.

    A token is good once, so a second try after a failure of LINE cannot answer twice. When a token that was tried before
    is refused, the first try may have arrived: that is listed, not pushed.
    """
    unsure, problem = out.resumed, Refusal.REPLY_TOKEN
    for pause in REPLY_PAUSES:
        await asyncio.sleep(pause)
        try:
            sent = await office.client(out.city).reply(out.reply_token, out.messages)
        except LineError as error:
            problem = error.refusal
            await _record(office, out, "reply", _key(out, "reply"), error)
        else:
            return Ending(EventState.ANSWERED, "reply", "", sent.request_id)
        if problem is Refusal.UNKNOWN:
            return _undelivered("reply", "reply-unknown")
        if problem is Refusal.REPLY_TOKEN or problem not in PASSING | {Refusal.INVALID}:
            break
        unsure = unsure or problem is Refusal.SERVER
        out = replace(out, messages=plainest(out.messages)) if problem is Refusal.INVALID else out
    if problem is Refusal.INVALID:
        return _undelivered("reply", problem.value)
    return _undelivered("reply", "reply-unknown") if unsure else None


async def push(office: Office, out: Outgoing) -> Ending:
    """Push with a key that never sends twice, and return how it ended."""
    if not out.resident or not out.following:
        return _undelivered("push", "not-following")
    if not office.channels[out.city].push:
        return _undelivered("push", "push-not-allowed")
    if not await _quota_lasts(office, out.city):
        return _undelivered("push", Refusal.QUOTA.value)
    key, unit, problem = _key(out, "push"), aggregation_unit(out.language, out.kind), Refusal.SERVER
    for pause in PUSH_PAUSES:
        await asyncio.sleep(pause)
        try:
            sent = await office.client(out.city).push(out.resident, out.messages, key, unit)
        except LineError as error:
            problem = error.refusal
            await _record(office, out, "push", key, error)
        else:
            await _record(office, out, "push", key, sent)
            return Ending(EventState.ANSWERED, "push", "", sent.request_id)
        if problem in SPENT:
            await _spent(office, out.city)
        if problem not in PASSING:
            break
    return _undelivered("push", problem.value)


def _undelivered(way: str, why: str) -> Ending:
    return Ending(EventState.UNDELIVERED, way, why)


def _key(out: Outgoing, way: str) -> str:
    """Return the retry key: a UUID that is the same for the same answer, also after a restart."""
    return str(uuid.uuid5(_NAMESPACE, f"{way}:{out.city}:{out.kind}:{out.id}"))


async def _record(office: Office, out: Outgoing, way: str, key: str, result: Sent | LineError) -> None:
    """Note a push, or a try that failed, for the view of staff; never its text."""
    record = SentRecord(key, out.city, out.conversation, out.kind, way, "sent", office.now())
    if isinstance(result, LineError):
        failed = {"state": "failed", "status": result.status, "refusal": result.refusal.value}
        record = replace(record, **failed, request_id=result.request_id[:64])  # type: ignore[arg-type]
    else:
        record = replace(record, state="already" if result.already else "sent", request_id=result.request_id[:64])
    await office.database.write(lambda connection: save_sent(connection, record))


async def _quota_lasts(office: Office, city: str) -> bool:
    """Say whether the month's messages last for one more; asks LINE where nothing is known yet."""
    quota = await office.database.read(lambda connection: load_quota(connection, city))
    if quota is None:
        quota = await refresh_quota(office, city)
    if quota is None:
        return True
    spent = quota.spent_month == _month(office)
    return not spent and (quota.most is None or quota.used < quota.most)


async def refresh_quota(office: Office, city: str) -> StoredQuota | None:
    """Ask LINE for the month's quota and keep what it says; None where it does not say."""
    try:
        found: Quota = await office.client(city).quota()
    except LineError as error:
        _log.warning("quota not told", city=city, refusal=error.refusal.value)
        return None
    spent = found.left == 0
    quota = StoredQuota(found.limit, found.used, _month(office) if spent else "", office.now())
    await office.database.write(lambda connection: save_quota(connection, city, quota))
    return quota


async def _spent(office: Office, city: str) -> None:
    """Remember that LINE called the month's messages used up: pushes stop, replies go on (L-23)."""
    _log.error("line quota spent: no more pushes this month", city=city)
    known = await office.database.read(lambda connection: load_quota(connection, city))
    most, used = (known.most, known.used) if known else (None, 0)
    quota = StoredQuota(most, used, _month(office), office.now())
    await office.database.write(lambda connection: save_quota(connection, city, quota))


def _month(office: Office) -> str:
    return office.now().strftime("%Y-%m")
