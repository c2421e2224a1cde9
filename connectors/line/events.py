"""Reads LINE's webhook by hand: whatever LINE adds or leaves out, no question is lost and nothing raises (L-14)."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.messages import BotError


class Kind(StrEnum):
    """What an event means to us."""

    TEXT = "text"
    MEDIA = "media"
    LOCATION = "location"
    POSTBACK = "postback"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    UNSEND = "unsend"
    GROUP = "group"
    UNKNOWN = "unknown"
    IGNORED = "ignored"


_MESSAGES: Mapping[str, Kind] = {
    "text": Kind.TEXT, "location": Kind.LOCATION, "sticker": Kind.MEDIA, "image": Kind.MEDIA, "video": Kind.MEDIA,
    "audio": Kind.MEDIA, "file": Kind.MEDIA,
}  # fmt: skip
# Events that ask nothing of us; a type that stands in neither table is unknown, and answered where it can be.
_EVENTS: Mapping[str, Kind] = {
    "postback": Kind.POSTBACK, "follow": Kind.FOLLOW, "unfollow": Kind.UNFOLLOW, "unsend": Kind.UNSEND,
    "join": Kind.GROUP, "leave": Kind.IGNORED, "memberJoined": Kind.GROUP, "memberLeft": Kind.GROUP,
    "accountLink": Kind.IGNORED, "beacon": Kind.IGNORED, "membership": Kind.IGNORED, "videoPlayComplete": Kind.IGNORED,
    "messageEdited": Kind.IGNORED, "module": Kind.IGNORED, "botSuspended": Kind.IGNORED, "botResumed": Kind.IGNORED,
    "activated": Kind.IGNORED, "deactivated": Kind.IGNORED, "delivery": Kind.IGNORED,
}  # fmt: skip
_GROUPS = ("group", "room")
_LONGEST_TEXT = 10_000


@dataclass(frozen=True)
class Event:
    """One event. `resident` is LINE's id of who sent it (empty where none is told), `place` a group's or room's id.

    `picked` is the date or time of a picker, in Asia/Tokyo (L-34); `type` LINE's own name, for logs.
    """

    id: str
    kind: Kind
    type: str
    happened_ms: int
    resident: str = ""
    source: str = ""
    place: str = ""
    reply_token: str = ""
    message: str = ""
    text: str = ""
    quote_token: str = ""
    read_token: str = ""
    data: str = ""
    picked: str = ""
    unblocked: bool = False
    redelivered: bool = False

    def to_json(self) -> str:
        """Return the event as it waits to be handled."""
        told = {name: value for name, value in vars(self).items() if value != "" and value is not False}
        return json.dumps(told, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Event":
        """Return the event that `to_json` wrote."""
        found = json.loads(text)
        return cls(**{**found, "kind": Kind(found["kind"])})


def read_webhook(body: bytes) -> tuple[str, list[Event]]:
    """Return the bot that a webhook is for and its events. Raises BotError where the body is not JSON as LINE sends it."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BotError("not_json", "The body is not JSON.", "Send it as LINE does.", 400) from error
    if not isinstance(found, dict):
        raise BotError("not_json", "The body is not a JSON object.", "Send it as LINE does.", 400)
    rows = found.get("events")
    events = [read_event(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return _text(found, "destination"), events


def read_event(row: Mapping[str, Any]) -> Event:
    """Return what we need of one event; what is missing or of another type counts as not told."""
    source, message, postback = (_object(row, name) for name in ("source", "message", "postback"))
    type_ = _text(row, "type")
    named = message.get("type") if type_ == "message" else type_
    return Event(
        id=_id(row), kind=_kind(row, type_, source, message, postback), type=_plain(f"{type_}.{named}" if message else type_),
        happened_ms=_number(row, "timestamp"), resident=_text(source, "userId"), source=_plain(_text(source, "type")),
        place=_text(source, "groupId") or _text(source, "roomId"), reply_token=_text(row, "replyToken"),
        message=_text(message, "id")[:64] or _text(_object(row, "unsend"), "messageId")[:64],
        text=_text(message, "text")[:_LONGEST_TEXT], quote_token=_text(message, "quoteToken"),
        read_token=_text(message, "markAsReadToken"), data=_text(postback, "data")[:600], picked=_picked(postback),
        unblocked=_object(row, "follow").get("isUnblocked") is True,
        redelivered=_object(row, "deliveryContext").get("isRedelivery") is True,
    )  # fmt: skip


def _kind(row: Mapping[str, Any], type_: str, source: Mapping[str, Any], *parts: Mapping[str, Any]) -> Kind:
    message, postback = parts
    if row.get("mode") == "standby":  # another module answers; we may not (L-11)
        return Kind.IGNORED
    if source.get("type") in _GROUPS:
        return Kind.IGNORED if type_ in ("leave", "unsend") else Kind.GROUP
    if type_ == "message":
        kind = _MESSAGES.get(str(message.get("type")), Kind.UNKNOWN)
        return Kind.UNKNOWN if kind is Kind.TEXT and not _text(message, "text") else kind
    if type_ == "postback" and "newRichMenuAliasId" in _object(postback, "params"):
        return Kind.IGNORED
    return _EVENTS.get(type_, Kind.UNKNOWN)


def _picked(postback: Mapping[str, Any]) -> str:
    params = _object(postback, "params")
    return next((_text(params, name) for name in ("datetime", "date", "time") if _text(params, name)), "")[:16]


def _id(row: Mapping[str, Any]) -> str:
    """Return the event's id; one without gets a name from its content, so that it too is taken in once."""
    given = _text(row, "webhookEventId")
    if given and len(given) <= 64 and given.isascii() and given.isprintable():
        return given
    without = {name: value for name, value in row.items() if name != "deliveryContext"}
    return "sha-" + hashlib.sha256(json.dumps(without, sort_keys=True).encode()).hexdigest()[:56]


def _object(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = row.get(name)
    return found if isinstance(found, dict) else {}


def _text(row: Mapping[str, Any], name: str) -> str:
    found = row.get(name)
    return found.replace("\0", " ").encode("utf-8", "replace").decode() if isinstance(found, str) else ""


def _number(row: Mapping[str, Any], name: str) -> int:
    found = row.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 1 << 53 else 0


def _plain(text: str) -> str:
    return re.sub("[^A-Za-z0-9._-]", "?", text)[:40]


def kinds_of(events: Sequence[Event]) -> str:
    """Return the types of events for a log line; never what they say."""
    return ",".join(sorted({event.type for event in events}))
