"""The desk over the stores of a city hall with several processes: PostgreSQL and Redis, two of everything."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import date

import pytest
from fastapi import FastAPI

from bot.cache import open_cache
from bot.handler import Handler
from bot.handoff import Officer
from bot.storage import open_database
from bot.storage.draft_suggestions import DraftSuggestion, add_draft, draft_of_turn, list_drafts, set_draft_state
from bot.storage.special_days import (
    SpecialDay,
    drop_special_day,
    list_holidays,
    list_special_days,
    replace_holidays,
    save_special_day,
)
from connectors.console.inbox_events import desk_news
from connectors.console.inbox_presence import note_presence, present
from tests.conftest import TUESDAY


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_drafts_and_days_are_kept(store: str, tmp_path: object, request: pytest.FixtureRequest) -> None:
    """In both databases alike."""
    url = request.getfixturevalue("postgres_url") if store == "postgresql" else f"sqlite:///{tmp_path}/x.sqlite3"
    database = open_database(url)
    draft = DraftSuggestion("1", "hoshimi", "2026-00001", "t1", "residents", "ja", "問", "答", "moving-in", "s", "職員", TUESDAY)
    day = SpecialDay("hoshimi", "", date(2026, 12, 1), "8:30-12:00")
    database.write_now(lambda connection: add_draft(connection, draft))
    for hours in ("", "8:30-12:00"):
        database.write_now(lambda connection, hours=hours: save_special_day(connection, replace(day, hours=hours), "s", TUESDAY))
    for name in ("古い名前", "元日"):
        database.write_now(lambda connection, name=name: replace_holidays(connection, {date(2027, 1, 1): name}))

    assert database.read_now(lambda connection: list_drafts(connection, "hoshimi")) == [draft]
    assert database.read_now(lambda connection: draft_of_turn(connection, "hoshimi", "t1")) == "1"
    assert database.read_now(list_special_days) == [day]
    assert database.read_now(list_holidays) == {date(2027, 1, 1): "元日"}
    database.write_now(lambda connection: set_draft_state(connection, "hoshimi", "1", "dropped"))
    database.write_now(lambda connection: drop_special_day(connection, "hoshimi", "", day.day))
    assert database.read_now(lambda connection: list_drafts(connection, "hoshimi")) == []
    assert database.read_now(list_special_days) == []
    database.close()


async def test_a_page_of_one_process_hears_of_another(console: FastAPI, redis_url: str) -> None:
    """News and presence cross from one process to the other."""
    handler: Handler = console.state.handler
    one, other = replace(handler, cache=open_cache(redis_url)), replace(handler, cache=open_cache(redis_url))
    async with aclosing(desk_news(one, "hoshimi", "2026-00001")) as news:
        await anext(news)
        heard = asyncio.ensure_future(anext(news))
        await asyncio.sleep(0.1)
        await note_presence(other, "hoshimi", "2026-00001", Officer("id-taro", "太郎"), typing=True)
        assert "change" in await asyncio.wait_for(heard, 5)
    seen = await present(one, "hoshimi")

    assert [(person.name, person.typing) for person in seen["2026-00001"]] == [("太郎", True)]
    await one.cache.close()
    await other.cache.close()
