"""What the trial page knows beside the fake LINE: what residents sent, and what LINE told the product of it."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.line.fake.line import FakeLine

JsonObject = dict[str, Any]
MOST_LOG = 12


@dataclass(frozen=True)
class Said:
    """Something that a resident did, shown in their chat after the first `after` messages that the fake LINE delivered."""

    resident: str
    after: int
    shown: Mapping[str, str]


@dataclass
class Board:
    """One channel of the fake LINE, and the webhook of the real product."""

    line: FakeLine
    city: str
    webhook: str
    said: list[Said] = field(default_factory=list)
    last: dict[str, JsonObject] = field(default_factory=dict)
    followers: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)

    async def play(self, resident: str, event: JsonObject, shown: Mapping[str, str]) -> int:
        """Show what a resident did, have LINE tell the product, and return the product's status."""
        self.said.append(Said(resident, len(self.line.outbox), shown))
        self.last[resident] = event
        return await self._post(event)

    async def again(self, resident: str) -> int:
        """Deliver the last event of a resident once more, as LINE does after an error; 0 where there is none."""
        event = self.last.get(resident)
        return await self._post({**event, "deliveryContext": {"isRedelivery": True}}) if event else 0

    async def _post(self, event: JsonObject) -> int:
        body, started = self.line.body(event), time.perf_counter()
        async with httpx.AsyncClient(timeout=10) as client:
            response = await client.post(self.webhook, content=body, headers={"x-line-signature": self.line.sign(body)})
        again = " (redelivery)" if event["deliveryContext"]["isRedelivery"] else ""
        spent = (time.perf_counter() - started) * 1000
        self.log.append(f"webhook {event['type']}{again} → {response.status_code}, {spent:.0f} ms")
        return response.status_code

    def lines(self, resident: str) -> list[JsonObject]:
        """Return a resident's chat in order: what they did, and what reached them."""
        rows: list[tuple[int, int, JsonObject]] = [
            (said.after, 0, {"from": "resident", **said.shown}) for said in self.said if said.resident == resident
        ]
        for place, sent in enumerate(self.line.outbox):
            if sent.to == resident:
                rows += [(place, 1, {"from": "city", "way": sent.way, "message": message}) for message in sent.messages]
        return [row for _, _, row in sorted(rows, key=lambda row: row[:2])]

    def counts(self) -> JsonObject:
        """Return what LINE counted: replies are free, each resident of a push is a message of the month's quota."""
        ways = [sent.way for sent in self.line.outbox]
        counted = {way: ways.count(way) for way in ("reply", "push", "multicast")}
        return {**counted, "loading": len(self.line.loading), "used": self.line.used, "limit": self.line.limit}

    def requests(self) -> list[str]:
        """Return the newest lines of the log: webhooks, and what the product asked of LINE."""
        asked = [f"{method} {_short(path)} → {status}" for method, path, status in self.line.requests[-MOST_LOG:]]
        return [*self.log[-MOST_LOG:], *asked]


def _short(path: str) -> str:
    """Return a path without LINE's prefix and with its long ids cut."""
    return re.sub(r"[A-Za-z-]*[0-9a-f]{20,}", "…", path.removeprefix("/v2/bot"))
