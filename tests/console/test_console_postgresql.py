"""The console over PostgreSQL: the same promises as over SQLite, for what touches the database."""

import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine

from bot.commands.staff_accounts import first_link
from bot.settings import Settings
from bot.storage.audit import verify_audit
from bot.storage.staff import Assignment
from connectors.console import upkeep
from tests.console.conftest import Clock, Door, stored
from tests.console.test_sign_in import Hire, enrol

pytestmark = pytest.mark.services
NEW = "hoshi to neko to ame"


@pytest.fixture
def console_settings(console_settings: Settings, postgres_url: str) -> Settings:
    """The console over an empty PostgreSQL."""
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    engine.dispose()
    return console_settings.model_copy(update={"database_url": postgres_url})


async def test_from_the_first_link_to_the_log(door: Door, console: FastAPI, clock: Clock) -> None:
    """The first administrator, one-time codes, a colleague with limits, their link, the log, and what is over."""
    address = first_link(console.state.handler.database, "") or ""
    form = {"name": "星 太郎", "login": "taro", "password": NEW, "again": NEW}
    assert (await door.post(address, form, page=address)).status_code == 303
    await enrol(door, clock)
    colleague = {"name": "花子", "login": "hanako", "role": "officer", "all_departments": "some", "departments": ["pension"],
                 "all_languages": "all"}  # fmt: skip
    assert (await door.post("/console/hoshimi/staff/new", colleague)).status_code == 200
    assert stored(console, "hanako").assignments[0].departments == {"pension"}
    assert (await door.get("/console/hoshimi/audit?since=2020-01-01&staff=太郎")).text.count('<th scope="row"') == 5
    await upkeep.tidy(console.state.handler, console.state.settings)

    assert console.state.handler.database.read_now(verify_audit).broken is None


async def test_lockout_and_timeouts(door: Door, hire: Hire, clock: Clock) -> None:
    """Times come back from PostgreSQL in another zone, and mean the same."""
    hire("taro", Assignment("1", "officer", "hoshimi"))
    for _ in range(5):
        await door.sign_in("taro", "wrong")
    assert (await door.sign_in("taro")).status_code == 429
    clock.forward(seconds=61)
    assert (await door.sign_in("taro")).status_code == 303
    clock.forward(minutes=31)

    assert (await door.get("/console")).status_code == 303
