"""Garbage days on LINE: agreed to, chosen, changed, stopped by a word; with a simulated clock."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.handler import Handler
from bot.messages import Message, Outcome
from bot.settings import Settings
from bot.storage import Database
from bot.storage.line_tables import line_reminder_days, line_reminders
from connectors.line.garbage import GarbageTalk
from connectors.line.reminder_talk import CONSENT
from tests.line.reminders.conftest import LANGUAGES, WEDNESDAY_EVENING, Clock, Resident, Taken, scheduler


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_resident_registers_by_tapping_in_every_language(handler: Handler, settings: Settings, language: str) -> None:
    """The label, consent, district, time, bins: then the wish is kept, with the time and version of the consent."""
    resident = Resident(handler, settings, language)
    turn = await resident.registers("1", "1", "2")
    assert turn.reply.outcome is Outcome.CONVERSED
    assert resident.text("line.reminders.stop") in turn.reply.text
    now = handler.clock().replace(tzinfo=None)
    wish = resident.wish()
    assert wish is not None
    assert (wish.district, wish.slot, wish.bins, wish.language, wish.consent, wish.consented_at) == (
        "hoshigaoka", "evening", ("burnable",), language, CONSENT, now,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_stop_word_of_every_language_forgets_everything(handler: Handler, settings: Settings, language: str) -> None:
    """No wish, no district in the talk; a second time says that nothing is kept."""
    resident = Resident(handler, settings, language)
    await resident.registers("2", "2", "1")
    await resident.says(resident.text("line.reminders.stop"))
    assert resident.wish() is None
    assert (await resident.says(resident.text("line.menu.today"))).reply.outcome is Outcome.CLARIFIED
    again = await resident.says(resident.text("line.reminders.stop"))
    assert again.reply.text == resident.text("line.reminders.nothing-to-stop")


async def test_whoever_does_not_agree_leaves_nothing_behind(resident: Resident) -> None:
    """The second choice is no; nothing is stored."""
    await resident.says("ごみの日の通知")
    turn = await resident.says("2")
    assert resident.wish() is None
    assert "何も保存していません" in turn.reply.text


async def test_the_district_may_be_told_by_the_name_of_a_town(resident: Resident) -> None:
    """北星町 lies in 星ヶ丘地区."""
    turn = await resident.registers("北星町")
    assert any(choice.value == "remind:slot:hoshigaoka:evening" for choice in turn.reply.choices)


async def test_only_the_district_can_be_remembered(resident: Resident) -> None:
    """No reminders, but "what today" is answered without asking where."""
    await resident.registers("1", "3")
    turn = await resident.says("今日のごみ")
    assert turn.reply.outcome is Outcome.CALENDAR
    assert resident.wish() is not None
    assert due_wishes(resident.handler) == []


def due_wishes(handler: Handler) -> list[str]:
    """Return who wants reminders at all."""
    query = select(line_reminders.c.conversation).where(line_reminders.c.slot != "never")
    return list(handler.database.read_now(lambda connection: connection.scalars(query).all()))


async def test_a_district_told_without_consent_is_forgotten_after_a_day(resident: Resident, clock: Clock) -> None:
    """Within the talk it is understood again, a day later it is asked for again."""
    await resident.says("今日のごみ")
    await resident.says("1")
    assert (await resident.says("明日のごみ")).reply.outcome is Outcome.CALENDAR
    clock.now += timedelta(hours=25)
    assert (await resident.says("明日のごみ")).reply.outcome is Outcome.CLARIFIED


async def test_collection_days_offer_reminders_where_the_city_sends_them(resident: Resident) -> None:
    """Only to whoever has none yet, and only where the city pays for them."""
    await resident.says("今日のごみ")
    offered = await resident.says("1")
    assert "remind:start" in [choice.value for choice in offered.reply.choices]
    await resident.registers("1", "1", "1")
    assert "remind:start" not in [choice.value for choice in (await resident.says("今日のごみ")).reply.choices]
    other = Resident(resident.handler, resident.settings, offering=False, id="other")
    await other.says("今日のごみ")
    assert "remind:start" not in [choice.value for choice in (await other.says("1")).reply.choices]


async def test_a_city_that_sends_no_reminders_says_so(handler: Handler, settings: Settings) -> None:
    """They cost the city money; the way to ask is told instead."""
    resident = Resident(handler, settings, offering=False)
    assert "お知らせをしていません" in (await resident.says("ごみの日の通知")).reply.text


async def test_the_settings_can_be_seen_and_changed(resident: Resident) -> None:
    """A second start shows what is set; the consent given before keeps its time."""
    await resident.registers("1", "1", "1")
    shown = await resident.says("ごみの日の通知")
    assert "星ヶ丘地区" in shown.reply.text
    for choice in ("1", "2", "2", "1"):
        await resident.says(choice)
    wish = resident.wish()
    assert wish is not None
    assert (wish.district, wish.slot) == ("amanogawa", "morning")


async def test_a_redelivered_message_registers_once(resident: Resident) -> None:
    """The same client id gives the same turn, and the wish stands."""
    talk = GarbageTalk(resident.handler, resident.settings.files, frozenset({"hoshimi"}))
    message = Message("hoshimi", "remind:bins:hoshigaoka:evening:all", "line", "resident", "ja", "once", opens=True)
    assert await talk.handle(message) == await talk.handle(message)
    assert resident.wish() is not None


async def test_a_change_of_language_changes_that_of_the_reminders(resident: Resident) -> None:
    """English please: tomorrow's reminder is English."""
    await resident.registers("1", "1", "1")
    resident.language = ""
    await resident.says("language:en")
    wish = resident.wish()
    assert wish is not None
    assert wish.language == "en"


@pytest.mark.parametrize(
    "value", ["remind:bins:nowhere:evening:all", "remind:slot:hoshigaoka:midnight", "remind:bins:::", "remind:x"]
)
async def test_a_value_that_nobody_offered_stores_nothing(resident: Resident, value: str) -> None:
    """Somebody who writes values by hand gets the question again."""
    assert (await resident.says(value)).reply.choices
    assert resident.wish() is None


async def test_whoever_registers_after_the_hour_begins_tomorrow(resident: Resident, clock: Clock, database: Database) -> None:
    """A reminder in the minute of registering would only startle."""
    clock.now = WEDNESDAY_EVENING + timedelta(minutes=30)
    await resident.registers("1", "1", "1")
    taken = Taken()
    await scheduler(resident.handler, taken).round("hoshimi")
    planned = database.read_now(lambda connection: connection.execute(select(line_reminder_days)).all())
    assert planned == []
