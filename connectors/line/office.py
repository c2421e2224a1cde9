"""Everything the LINE channel has open: channels, keys, its own way to the database, clients."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.answers import Request
from bot.handler import Handler
from bot.settings import Settings
from bot.storage import Database
from bot.storage.line_spool import Spool
from connectors.line.channels import Channel
from connectors.line.client import LineClient
from connectors.line.garbage import GarbageTalk
from connectors.line.keys import Keys
from connectors.line.pace import Pace


@dataclass
class Office:
    """The channel at work. `database` has a thread of its own, so that no answer being stored delays the intake.

    `taking_in` counts the webhooks that are being taken in now: the worker lets them go first.
    `doubted` is the write that took too long, while none has come through since.
    """

    handler: Handler
    settings: Settings
    channels: Mapping[str, Channel]
    keys: Keys
    database: Database
    spool: Spool
    garbage: GarbageTalk
    awake: asyncio.Event = field(default_factory=asyncio.Event)
    doubted: "asyncio.Future[None] | None" = None
    taking_in: int = 0
    _clients: dict[str, LineClient] = field(default_factory=dict)

    def client(self, city: str) -> LineClient:
        """Return the city's client; the first call makes it, inside the running loop (L-45)."""
        if city not in self._clients:
            channel, settings = self.channels[city], self.settings
            self._clients[city] = LineClient(channel, settings.line_api_host, settings.line_data_host, pace=Pace())
        return self._clients[city]

    def forgets_after(self, city: str) -> timedelta:
        """Return how long the real id of a resident who left is kept."""
        return timedelta(days=self.channels[city].forget_after_days)

    def now(self) -> datetime:
        """Return the time now, in Asia/Tokyo."""
        return self.handler.clock()

    def request(self, city: str, language: str) -> Request:
        """Return an empty request: our texts for a city in a language."""
        service = self.handler.service
        return service.greeting(service.release(city), language, self.now())

    def sayer(self, city: str, language: str) -> Callable[..., str]:
        """Return what says our texts for a city in a language."""
        return self.request(city, language).say

    async def close(self) -> None:
        """Let go of LINE and of our thread (the engine is the application's)."""
        await asyncio.gather(*(client.close() for client in self._clients.values()))
        self._clients.clear()
        self.database.stop()
