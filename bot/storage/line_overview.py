"""How a city's LINE channel is doing: what staff see of it, read at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.storage.line_checks import StoredCheck, load_check
from bot.storage.line_events import StoredUndelivered, count_events, undelivered_events, waiting_since
from bot.storage.line_reminder_batches import batches_since
from bot.storage.line_reminders import count_wishes
from bot.storage.line_sent import StoredQuota, count_sent, load_quota


@dataclass(frozen=True)
class Overview:
    """What staff see of a city's channel since a time.

    `events` by state; `requests` that pushed or failed by (way, state, refusal); `waiting` how many events have not ended,
    `oldest` since when; `wishes` how many residents are reminded; `reminders` residents by day of collection and state.
    """

    since: datetime
    events: Mapping[str, int]
    waiting: int
    oldest: datetime | None
    requests: Mapping[tuple[str, str, str], int]
    quota: StoredQuota | None
    undelivered: Sequence[StoredUndelivered]
    wishes: int
    reminders: Mapping[str, Mapping[str, int]]
    check: StoredCheck | None

    @property
    def known(self) -> bool:
        """Say whether there is anything to show: a city without a channel has nothing."""
        return bool(self.events or self.quota or self.check or self.wishes or self.reminders)


def overview(connection: Connection, city: str, since: datetime) -> Overview:
    """Return the view of a city's channel since a time (Asia/Tokyo)."""
    wishes = sum(number for *_, number in count_wishes(connection, city))
    return Overview(
        since, count_events(connection, city, since), *waiting_since(connection, city), count_sent(connection, city, since),
        load_quota(connection, city), undelivered_events(connection, city, since), wishes,
        batches_since(connection, city, since.date().isoformat()), load_check(connection, city),
    )  # fmt: skip
