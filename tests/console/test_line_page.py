"""How a city's LINE is doing, as staff see it: each figure once, no words for those who may not read them."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, insert

from bot.messages import Conversation, Decision, Outcome, Reply, Turn
from bot.storage.conversations import conversation_row
from bot.storage.ids import new_turn_id
from bot.storage.line_checks import CheckedSetting, save_check
from bot.storage.line_events import Ending, EventState, StoredEvent, end_event, event_row
from bot.storage.line_reminder_batches import Slot, claim_batch, finish_batch, plan_batches
from bot.storage.line_reminders import Wish, wish_row
from bot.storage.line_sent import SentRecord, StoredQuota, save_quota, save_sent
from bot.storage.line_tables import line_quotas
from bot.storage.staff import Assignment
from bot.storage.turns import save_turn
from tests.console.conftest import Door, log_of, write
from tests.console.test_console_browser import Live, Window, check_axe, chromium, live, window  # noqa: F401 - fixtures
from tests.console.test_sign_in import Hire

WORDS = "国民健康保険に入るには"
OFFICER = ("officer", "hoshimi")


def fill(app: FastAPI, city: str = "hoshimi") -> None:
    """Have a week on LINE: answers, one that arrived nowhere, one that nobody knows of, reminders, a check."""
    now = app.state.handler.clock()

    def _fill(connection: Connection) -> None:
        endings = [
            Ending(EventState.ANSWERED, "reply"), Ending(EventState.UNDELIVERED, "push", "push-not-allowed"),
            Ending(EventState.UNDELIVERED, "reply", "reply-unknown"), Ending(EventState.UNDELIVERED, "", "KeyError"), None,
        ]  # fmt: skip
        for number, ending in enumerate(endings):
            happened = int((now - timedelta(hours=number)).timestamp() * 1000)
            event = StoredEvent(city, f"event-{number}", f"lane-{number}", "text", "", happened, "sealed")
            statement, values = event_row(connection.dialect.name, event, now)
            connection.execute(statement, values)
            if ending:
                end_event(connection, city, event.id, ending, now)
        _turn(connection, app, city)
        save_quota(connection, city, StoredQuota(200, 190, "", now))
        failed = SentRecord("k" * 36, city, "lane-1", "answer", "reply", "failed", now, 400, "reply-token")
        save_sent(connection, failed)
        _reminders(connection, app, city)
        found = [
            CheckedSetting("ボット", True, "星見市 @hoshimi"),
            CheckedSetting("チャット", False, "オン", "オフにしてください。"),
        ]
        save_check(connection, city, now, found)

    write(app, _fill)


def _turn(connection: Connection, app: FastAPI, city: str) -> None:
    now = app.state.handler.clock()
    statement, values = conversation_row(connection.dialect.name, Conversation("lane-1", city, "line", "ja"), now)
    connection.execute(statement, values)
    reply = Reply(Decision.DECLINE, Outcome.DECLINED, "ja", ())
    save_turn(connection, Turn(new_turn_id(now), "lane-1", city, "line", now, WORDS, reply, 1.0, "event-1"))


def _reminders(connection: Connection, app: FastAPI, city: str) -> None:
    now = app.state.handler.clock()
    for number in range(3):
        wish = Wish(city, f"lane-{number}", "central", "evening", (), "ja", "1", now - timedelta(days=1))
        statement, values = wish_row(connection.dialect.name, wish, now - timedelta(days=1))
        connection.execute(statement, values)
    slot = Slot(city, "evening", (now + timedelta(days=1)).date().isoformat(), now, now + timedelta(hours=3))
    assert plan_batches(connection, slot) == 3
    batch = claim_batch(connection, city, now)
    assert batch is not None
    finish_batch(connection, batch.key, "sent")


async def seen(door: Door, hire: Hire, *roles: tuple[str, str] | Assignment) -> str:
    """Return the page as somebody with these roles reads it."""
    hire("taro", *roles)
    await door.sign_in("taro")
    response = await door.get("/console/hoshimi/line?lang=ja")
    assert response.status_code == 200
    return response.text


async def test_a_city_without_line_has_nothing_to_show(door: Door, hire: Hire) -> None:
    """It says so, and where to read on."""
    assert "docs/line.md" in await seen(door, hire, OFFICER)


async def test_staff_see_what_was_not_answered_and_why(door: Door, hire: Hire, console: FastAPI) -> None:
    """Counts, reasons in words, the quota, reminders, and the settings that are to be mended."""
    fill(console)
    text = await seen(door, hire, OFFICER)

    for found in (
        "プッシュは市の設定で送らない", "届いたかどうかわからない返信が1件", "こちらの障害（KeyError）", "<strong>3</strong>",
        "<strong>10</strong>", "お知らせを受け取る人：3人", "オフにしてください。", WORDS, "返信: 返信の期限が切れた – 1",
    ):  # fmt: skip
        assert found in text, found


async def test_reading_residents_words_is_logged(door: Door, hire: Hire, console: FastAPI) -> None:
    """Who may read every talk of the city sees the masked words, and the log says so; without words it says nothing."""
    await seen(door, hire, OFFICER)
    assert "line-words-read" not in {line.action for line in log_of(console)}
    fill(console)
    await door.get("/console/hoshimi/line")
    assert "line-words-read" in {line.action for line in log_of(console)}
    assert WORDS not in str(log_of(console))


@pytest.mark.parametrize(
    "role",
    [("admin", "hoshimi"), Assignment("1", "officer", "hoshimi", frozenset({"garbage"}), None)],
    ids=["admin", "department"],
)
async def test_words_are_hidden_from_who_may_not_read_every_talk(
    door: Door, hire: Hire, console: FastAPI, role: tuple[str, str] | Assignment
) -> None:
    """An administrator, and an officer of one department: reasons yes, words no, no line in the log."""
    fill(console)
    text = await seen(door, hire, role)

    assert WORDS not in text
    assert "プッシュは市の設定で送らない" in text
    assert "line-words-read" not in {line.action for line in log_of(console)}


async def test_another_citys_line_is_not_mixed_in(door: Door, hire: Hire, console: FastAPI) -> None:
    """What happened in tomi is not shown in hoshimi."""
    fill(console, "tomi")
    assert "docs/line.md" in await seen(door, hire, OFFICER)


async def test_the_first_page_says_what_needs_looking_at(door: Door, hire: Hire, console: FastAPI) -> None:
    """Messages that were not answered, and a quota that runs out, lead to the page."""
    fill(console)
    await seen(door, hire, OFFICER)
    home = (await door.get("/console?lang=ja")).text

    assert "LINEで答えを届けられなかったメッセージが、この7日間に3件" in home
    assert "残りが10通" in home
    assert 'href="/console/hoshimi/line"' in home


async def test_a_quota_without_limit_is_no_trouble(door: Door, hire: Hire, console: FastAPI) -> None:
    """No card, and the page says that there is no limit."""
    row = {"city": "hoshimi", "most": None, "used": 9000, "spent_month": "", "checked_at": console.state.handler.clock()}
    write(console, lambda connection: connection.execute(insert(line_quotas), row))
    assert "9,000" in await seen(door, hire, OFFICER)
    assert "残りが" not in (await door.get("/console?lang=ja")).text


@pytest.mark.browser
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_has_no_violation(window: Window, live: Live, language: str) -> None:  # noqa: F811 - fixtures
    """WCAG 2.2 AA as far as a machine can tell, with all its tables filled; and 320 pixels are wide enough."""
    fill_once(live.app)
    page = window("/console", "chief", bypass_csp=True, locale=language)
    page.goto(f"{live.base}/console/hoshimi/line?lang={language}")
    assert page.locator("table").count() == 3
    check_axe(page)
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320


def fill_once(app: FastAPI) -> None:
    """Fill a database that several tests share."""
    if app.state.handler.database.read_now(lambda connection: connection.execute(line_quotas.select()).first()) is None:
        fill(app)
