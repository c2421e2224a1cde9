"""Many workers, and workers that die: each event is answered once, or listed."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import pytest

from bot.storage import open_database
from bot.storage.line_events import StoredEvent, claim_events, event_row, release_leases
from connectors.line.worker import LEASE
from tests.conftest import TUESDAY, wait_for
from tests.line.conftest import Open
from tests.line.fake.line import FakeLine, resident
from tests.line.serving import Service, post

WORDS = ("住民票がほしい", "スプレー缶", "フライパン", "メニュー")


async def answered_once(line: FakeLine, ids: list[str]) -> None:
    """Hold that every event got exactly one answer."""
    assert Counter(sent.answers for sent in line.outbox) == Counter(dict.fromkeys(ids, 1))


@pytest.mark.parametrize("stores", ["sqlite and memory", pytest.param("postgresql and redis", marks=pytest.mark.services)])
async def test_two_workers_answer_each_event_once_and_in_order(
    open_channel: Open, line: FakeLine, stores: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Both get the same webhooks at the same time; nobody is answered twice, and each in their order (L-07, L-09, F-02)."""
    database, cache = f"sqlite:///{tmp_path}/facts.sqlite3", "memory://"
    if stores != "sqlite and memory":
        database, cache = request.getfixturevalue("shared_urls")
    first, second = await open_channel(database, cache), await open_channel(database, cache)
    events = [line.text(resident(n % 10), WORDS[n % 4]) for n in range(60)]
    for number, event in enumerate(events):
        event["timestamp"] += number
    for start in range(0, 60, 6):
        batch = events[start : start + 6]
        responses = await asyncio.gather(first.post(*batch), second.post(*batch))
        assert [response.status_code for response in responses] == [200, 200]
    await asyncio.gather(first.settled(), second.settled())

    await answered_once(line, [event["webhookEventId"] for event in events])
    for number in range(10):
        mine = [sent.answers for sent in line.outbox if sent.to == resident(number)]
        assert mine == [event["webhookEventId"] for event in events if event["source"]["userId"] == resident(number)]


def test_a_lane_is_held_by_one_worker_at_a_time(database_url: str) -> None:
    """The second worker gets other lanes; a lane whose worker died is free after the lease (L-08)."""
    database = open_database(database_url)
    rows = [StoredEvent("hoshimi", f"{lane}{n}", lane, "text", "", n, "sealed") for lane in "ab" for n in range(3)]
    for row in rows:
        statement, values = event_row(database.engine.dialect.name, row, TUESDAY)
        for _ in range(2):  # taken in twice, stored once
            database.write_now(lambda connection, s=statement, v=values: connection.execute(s, v))

    def claim(worker: str, minutes: int = 0, most: int = 9) -> list[str]:
        now = TUESDAY + LEASE * minutes
        return [e.id for e in database.write_now(lambda connection: claim_events(connection, worker, now, LEASE, most))]

    assert claim("one", most=1) == ["a0"]
    assert claim("two") == ["b0"]
    assert claim("three") == []
    assert claim("three", minutes=2) == ["a0", "b0"]
    database.write_now(lambda connection: release_leases(connection, "three"))
    assert claim("four") == ["a0", "b0"]
    database.close()


def test_a_service_killed_in_the_middle_of_a_thousand_events_loses_none(line: FakeLine, tmp_path: Path) -> None:
    """kill -9 three times: after the last start each acknowledged event is answered exactly once, or listed (L-08)."""
    line.token_seconds = 600
    service = Service(line, tmp_path)
    service.start()
    events = [line.text(resident(n % 50), WORDS[n % 4]) for n in range(1000)]
    with httpx.Client(timeout=10) as client:
        for number, event in enumerate(events):
            if number in (200, 450, 800):
                service.kill()
                service.start()
            while not post(client, service, event):  # LINE sends again what was not acknowledged
                pass
    wait_for(lambda: service.open_events() == 0, 120, "the end of all events")
    service.stop()
    states, sent = service.endings(), Counter(sent.answers for sent in line.outbox)

    assert len(states) == 1000
    assert max(sent.values()) == 1
    unanswered = [event["webhookEventId"] for event in events if event["webhookEventId"] not in sent]
    assert all(states[id_] == "undelivered" for id_ in unanswered)
    listed = [id_ for id_, state in states.items() if state == "undelivered"]
    assert len(listed) <= 60  # at most what was in the air when it was killed
    assert set(states.values()) <= {"answered", "undelivered"}
