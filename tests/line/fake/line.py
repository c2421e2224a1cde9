"""The state of the fake LINE: residents, reply tokens, what was sent, and the faults that a test plans."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.line.fake.menus import RichMenus

TOO_MANY: Mapping[str, str] = {
    "rate": "The API rate limit has been exceeded. Try again later.",
    "flood": "You have sent too many messages to the same user. Try again later.",
    "quota": "You have reached your monthly limit.",
    "paid-cap": "You have reached the maximum number of additional messages.",
}


@dataclass(frozen=True)
class Fault:
    """What happens instead of an answer: a status with LINE's text, or silence for `hang` seconds.

    `taken` says that LINE takes the message all the same: the answer is lost on its way back.
    """

    status: int = 0
    message: str = "Internal error"
    hang: float = 0.0
    taken: bool = False


@dataclass(frozen=True)
class Delivered:
    """Messages that reached a resident: `way` is reply, push or multicast."""

    to: str
    way: str
    messages: list[dict[str, Any]]
    answers: str = ""


@dataclass
class Token:
    """A reply token: whom it answers, which event, until when, and whether it was used."""

    resident: str
    event: str
    until: float
    used: bool = False


@dataclass
class FakeLine:
    """LINE as one bot sees it. `limit` is the month's quota of pushes, None for no limit."""

    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    access_token: str = field(default_factory=lambda: secrets.token_hex(24))
    bot_id: str = field(default_factory=lambda: "U" + secrets.token_hex(16))
    limit: int | None = 200
    used: int = 0
    token_seconds: float = 60.0
    profiles: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    outbox: list[Delivered] = field(default_factory=list)
    requests: list[tuple[str, str, int]] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    tokens: dict[str, Token] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    units: list[str] = field(default_factory=list)
    loading: list[tuple[str, int]] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    content: dict[str, bytes] = field(default_factory=dict)
    issued: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.menus = RichMenus(self.bot_id)

    def sign(self, body: bytes, secret: str = "") -> str:
        """Return the signature of a webhook."""
        return base64.b64encode(hmac.new((secret or self.secret).encode(), body, hashlib.sha256).digest()).decode()

    def body(self, *events: Mapping[str, Any]) -> bytes:
        """Return the body of a webhook."""
        return json.dumps({"destination": self.bot_id, "events": list(events)}, ensure_ascii=False).encode()

    def event(self, type_: str, resident: str = "", /, **more: Any) -> dict[str, Any]:
        """Return an event of a resident, with a reply token that works."""
        id_, token = secrets.token_hex(13), secrets.token_hex(16)
        self.tokens[token] = Token(resident, id_, time.time() + self.token_seconds)
        row: dict[str, Any] = {
            "type": type_, "mode": "active", "timestamp": int(time.time() * 1000), "webhookEventId": id_,
            "deliveryContext": {"isRedelivery": False}, "replyToken": token,
        }  # fmt: skip
        if resident:
            row["source"] = {"type": "user", "userId": resident}
        return {**row, **more}

    def text(self, resident: str, text: str, **more: Any) -> dict[str, Any]:
        """Return an event with words."""
        message = {"type": "text", "id": secrets.token_hex(9), "text": text, "quoteToken": secrets.token_hex(8)}
        return self.event("message", resident, message=message, **more)

    def postback(self, resident: str, data: str, **params: str) -> dict[str, Any]:
        """Return an event of a tapped button."""
        return self.event("postback", resident, postback={"data": data, **({"params": params} if params else {})})

    def to(self, resident: str) -> list[dict[str, Any]]:
        """Return all messages that reached a resident, in order."""
        return [message for sent in self.outbox if sent.to == resident for message in sent.messages]

    def said_to(self, resident: str) -> str:
        """Return all that a resident can read, as one text."""
        return "\n".join(json.dumps(message, ensure_ascii=False) for message in self.to(resident))


def resident(number: int = 1) -> str:
    """Return the LINE id of a resident."""
    return "U" + hashlib.sha256(f"resident {number}".encode()).hexdigest()[:32]
