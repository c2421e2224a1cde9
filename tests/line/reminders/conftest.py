"""Reminders as their tests meet them: a clock that stands still, a LINE that counts, residents who wish and who write."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import delete, insert

from bot.cache import MemoryCache
from bot.handler import Handler
from bot.messages import JST, Message, Turn
from bot.service import Service
from bot.settings import Settings
from bot.storage import Database, open_database
from bot.storage.line_reminders import Wish, find_wish, wish_row
from bot.storage.line_tables import line_reminder_batches, line_reminder_days, line_reminders, line_residents
from connectors.line.channels import Channel
from connectors.line.client import LineClient
from connectors.line.errors import LineError, Refusal
from connectors.line.garbage import GarbageTalk
from connectors.line.keys import Keys
from connectors.line.reminder_talk import CONSENT
from connectors.line.scheduler import Scheduler

LANGUAGES = ("ja", "ja-easy", "en", "zh-Hans", "zh-Hant", "ko", "pt-BR", "vi", "tl", "es", "ne", "id")
# The day after is a Thursday: burnable garbage in 星ヶ丘 and 月見, nothing burnable in 天の川 and 暁.
WEDNESDAY_EVENING = datetime(2026, 11, 25, 19, 0, tzinfo=JST)
KEYS = Keys(b"n" * 32, b"m" * 32, Fernet(Fernet.generate_key()))


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: datetime = WEDNESDAY_EVENING - timedelta(hours=9)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Taken:
    """What LINE took: each resident's texts, the requests by second, and the retry keys known."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    at: list[float] = field(default_factory=list)
    limit: int | None = None
    refuse: Callable[[int], LineError | None] = lambda _number: None
    lose_answers: bool = False

    @property
    def used(self) -> int:
        """How many messages LINE counted."""
        return sum(map(len, self.texts.values()))


class CountingLine(LineClient):
    """The real client with its pace and its refusals; instead of a network it counts, as strictly as LINE."""

    def __init__(self, taken: Taken) -> None:
        channel = Channel("hoshimi", (secrets.token_hex(16),), "U" + "0" * 32, secrets.token_hex(16), reminders=True)
        super().__init__(channel, "http://no", "http://no")
        self.taken = taken

    async def _once(self, method: str, *values: Any, **options: Any) -> Any:
        data: dict[str, Any] = {"type": "none" if self.taken.limit is None else "limited", "value": self.taken.limit}
        if method == "get_message_quota_consumption_with_http_info":
            data = {"total_usage": self.taken.used}
        elif method == "multicast_with_http_info":
            data = self._multicast(values[0], options["x_line_retry_key"])
        return Answer(Data(**data))

    def _multicast(self, request: Any, key: str) -> dict[str, Any]:
        self.taken.at.append(asyncio.get_running_loop().time())
        if refused := self.taken.refuse(len(self.taken.at)):
            raise refused
        assert 1 <= len(request.to) <= 500
        assert len(request.to) == len(set(request.to))
        if key in self.taken.keys:
            raise LineError(Refusal.INVALID, 409, "The retry key is already accepted")
        self.taken.keys.add(key)
        for resident in request.to:
            self.taken.texts.setdefault(resident, []).append(request.messages[0].text)
        if self.taken.lose_answers:
            raise LineError(Refusal.UNKNOWN, 0, "TimeoutError")
        return {}


class Data:
    """What LINE answers, by attribute."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


@dataclass
class Answer:
    """A response of the SDK."""

    data: Data
    headers: dict[str, str] = field(default_factory=lambda: {"x-line-request-id": "r"})
    status_code: int = 200


@pytest.fixture
def clock() -> Clock:
    """Wednesday morning."""
    return Clock()


@pytest.fixture
def database(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of our own: SQLite, or PostgreSQL where a test asks for both."""
    on_postgresql = getattr(request, "param", "sqlite") == "postgresql"
    url = request.getfixturevalue("postgres_url") if on_postgresql else f"sqlite:///{tmp_path}/line.sqlite3"
    database = open_database(url)
    yield database
    tables = (line_reminders, line_reminder_batches, line_reminder_days, line_residents)
    database.write_now(lambda connection: [connection.execute(delete(table)) for table in tables])
    database.close()


@pytest.fixture
def handler(service: Service, database: Database, clock: Clock) -> Handler:
    """The shell on our database and our clock."""
    return Handler(service, database, MemoryCache(), 1000, clock)


@dataclass
class Resident:
    """A resident who writes to the demo city; `offering` says whether the city sends reminders."""

    handler: Handler
    settings: Settings
    language: str = "ja"
    offering: bool = True
    id: str = "resident"

    async def says(self, text: str) -> Turn:
        """Send a message and return its turn."""
        talk = GarbageTalk(self.handler, self.settings.files, frozenset({"hoshimi"} if self.offering else ()))
        message = Message("hoshimi", text, "line", self.id, self.language, secrets.token_hex(8), opens=True)
        return await talk.handle(message)

    async def registers(self, *choices: str) -> Turn:
        """Start, agree, and tap the choices of these numbers."""
        turn = await self.says(self.text("line.menu.reminders"))
        for choice in ("1", *choices):
            turn = await self.says(choice)
        return turn

    def text(self, key: str) -> str:
        """Return one of our texts in the resident's language."""
        return self.handler.service.texts.say(key, self.language)

    def wish(self) -> Wish | None:
        """Return what is kept of the resident."""
        return self.handler.database.read_now(lambda connection: find_wish(connection, "hoshimi", self.id))


@pytest.fixture
def resident(handler: Handler, settings: Settings) -> Resident:
    """A resident who speaks Japanese."""
    return Resident(handler, settings)


def people(database: Database, number: int, slot: str = "evening") -> list[str]:
    """Store residents who want reminders, spread over languages, districts and bins; return their LINE ids."""
    districts, bins = ("hoshigaoka", "tsukimi"), ((), ("burnable",))
    rows, wishes, ids = [], [], []
    for each in range(number):
        id_, talk = f"U{each:032x}", f"talk-{each}"
        wish = Wish(
            "hoshimi", talk, districts[each % 2], slot, bins[each % 3 == 0], LANGUAGES[each % 12], CONSENT, WEDNESDAY_EVENING
        )
        statement, values = wish_row(database.engine.dialect.name, wish, WEDNESDAY_EVENING - timedelta(days=1))
        wishes.append(values)
        rows.append({"city": "hoshimi", "conversation": talk, "sealed": id_, "following": True, "seen_at": WEDNESDAY_EVENING})
        ids.append(id_)
    writes = ((statement, wishes), (insert(line_residents), rows))
    database.write_now(lambda connection: [connection.execute(*write) for write in writes])
    return ids


@dataclass(frozen=True)
class OpenBox:
    """Keys that leave ids as they are: ten thousand seals take a while, and are tested elsewhere."""

    def open(self, sealed: str) -> str:
        """Return the id."""
        return sealed


def scheduler(handler: Handler, taken: Taken) -> Scheduler:
    """Return a scheduler over a counting LINE, as a process that has just started has it."""
    client = CountingLine(taken)
    return Scheduler(handler, OpenBox(), ("hoshimi",), lambda _city: client)  # type: ignore[arg-type]
