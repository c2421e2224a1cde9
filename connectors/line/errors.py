"""What LINE's refusals mean: one closed list, told apart by status and text."""

import json
from enum import StrEnum


class Refusal(StrEnum):
    """Why a request to LINE failed."""

    REPLY_TOKEN = "reply-token"  # noqa: S105 - used, expired or unknown; LINE does not say which
    INVALID = "invalid"  # the request itself is wrong; sending it again helps nobody
    UNAUTHORISED = "unauthorised"
    NOT_FOUND = "not-found"
    RATE = "rate"  # too many requests of this kind
    FLOOD = "flood"  # too many messages to one resident
    QUOTA = "quota"  # the month's messages of the plan are used up
    PAID_CAP = "paid-cap"  # the limit of paid messages that the city set is reached
    SERVER = "server"
    UNKNOWN = "unknown"  # no answer in time: LINE may have taken it or not


PASSING = frozenset({Refusal.RATE, Refusal.FLOOD, Refusal.SERVER, Refusal.UNKNOWN})
SPENT = frozenset({Refusal.QUOTA, Refusal.PAID_CAP})


class LineError(Exception):
    """A request that LINE refused, or did not answer in time. `detail` is LINE's own short text, without our data."""

    def __init__(self, refusal: Refusal, status: int = 0, detail: str = "", request_id: str = "") -> None:
        super().__init__(f"{refusal.value} {status} {detail}".strip())
        self.refusal, self.status, self.detail, self.request_id = refusal, status, detail, request_id


def refusal_of(status: int, body: str | None) -> tuple[Refusal, str]:
    """Return what a status and its body mean, and LINE's text (at most 200 characters)."""
    text = _message(body)
    plain = text.lower()
    if status == 400 and "reply token" in plain:
        return Refusal.REPLY_TOKEN, text
    if status == 429:
        return _too_many(plain), text
    known = {401: Refusal.UNAUTHORISED, 403: Refusal.UNAUTHORISED, 404: Refusal.NOT_FOUND}
    return known.get(status, Refusal.SERVER if status >= 500 else Refusal.INVALID), text


def _too_many(plain: str) -> Refusal:
    """Tell the four causes of 429 apart (L-23); an unknown text counts as the mildest, which is tried again."""
    if "monthly limit" in plain:
        return Refusal.QUOTA
    if "additional" in plain or "maximum" in plain:
        return Refusal.PAID_CAP
    if "same user" in plain or "same recipient" in plain or "specific user" in plain:
        return Refusal.FLOOD
    return Refusal.RATE


def _message(body: str | None) -> str:
    try:
        found = json.loads(body or "{}")
    except ValueError:
        return ""
    return str(found.get("message", ""))[:200] if isinstance(found, dict) else ""
