"""What has lived long enough goes: words after 24 hours, ended events after 90 days; and what a wrong file of channels says."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.commands.check import menu_mistakes
from bot.messages import BotError
from bot.settings import Settings
from bot.storage.line_events import Ending, EventState, delete_ended, end_event, expire_bodies
from bot.storage.line_tables import line_events
from connectors.line.channels import load_channels
from connectors.line.upkeep import clean_now
from faq.languages import load_languages
from tests.conftest import ROOT
from tests.line.conftest import Channel, Open
from tests.line.fake.line import FakeLine, resident

BOT = "U" + "0" * 32


async def waiting(open_channel: Open, line: FakeLine) -> tuple[Channel, str]:
    """Return a channel where nobody works, with one event that waits."""
    talk = await open_channel(working=False)
    event = line.text(resident(1), "ひみつのことば")
    await talk.post(event)
    return talk, event["webhookEventId"]


async def test_words_that_nobody_answered_live_24_hours(open_channel: Open, line: FakeLine) -> None:
    """A minute before they are there, a minute later the event is listed as undelivered, without its words (P-04)."""
    talk, id_ = await waiting(open_channel, line)
    database, now = talk.office.database, talk.office.now()

    def row() -> tuple[str, str, bool]:
        columns = (line_events.c.state, line_events.c.detail, line_events.c.body)
        found = database.read_now(lambda connection: connection.execute(line_events.select().with_only_columns(*columns)).one())
        return found[0], found[1], found[2] is not None

    early, late = now + timedelta(hours=23, minutes=59), now + timedelta(hours=24, minutes=1)
    database.write_now(lambda connection: clean_now(connection, early))
    assert row() == ("taken-in", "", True)
    database.write_now(lambda connection: clean_now(connection, late))
    assert row() == ("undelivered", "too-old", False)
    assert (await talk.endings())[id_] == ("undelivered", "", "too-old")


async def test_an_event_in_the_making_expires_too(open_channel: Open, line: FakeLine) -> None:
    """A worker that hangs for a day keeps no words either; what has ended stays as it ended."""
    talk, _ = await waiting(open_channel, line)
    database, later = talk.office.database, talk.office.now() + timedelta(hours=25)
    database.write_now(lambda connection: connection.execute(update(line_events).values(state=EventState.HANDLING)))

    assert database.write_now(lambda connection: expire_bodies(connection, later, later)) == 1
    assert database.write_now(lambda connection: expire_bodies(connection, later, later)) == 0


async def test_what_has_ended_is_known_for_90_days(open_channel: Open, line: FakeLine) -> None:
    """So long a redelivery is recognised; then the row goes. What waits is never deleted."""
    talk, id_ = await waiting(open_channel, line)
    database, now = talk.office.database, talk.office.now()
    far = now + timedelta(days=1000)
    assert database.write_now(lambda connection: delete_ended(connection, far)) == 0
    answered = Ending(EventState.ANSWERED, "reply")
    database.write_now(lambda connection: end_event(connection, "hoshimi", id_, answered, now))

    database.write_now(lambda connection: clean_now(connection, now + timedelta(days=89)))
    assert list(await talk.endings()) == [id_]
    database.write_now(lambda connection: clean_now(connection, now + timedelta(days=91)))
    assert await talk.endings() == {}


WRONG = [
    ("hoshimi: [", "not YAML"),
    (f"hoshimi: {{secret: short, token: t, bot_id: {BOT}}}", "hoshimi.secret"),
    (f"hoshimi: {{secret: [], token: t, bot_id: {BOT}}}", "hoshimi.secret"),
    (f"hoshimi: {{secret: [s3cret-one, s3cret-two, s3cret-three], token: t, bot_id: {BOT}}}", "hoshimi.secret"),
    ("hoshimi: {secret: s3cret-one, token: t, bot_id: me}", "hoshimi.bot_id"),
    (f"hoshimi: {{secret: s3cret-one, bot_id: {BOT}}}", "channel_id"),
    (f"hoshimi: {{secret: s3cret-one, token: t, bot_id: {BOT}, psuh: true}}", "hoshimi.psuh"),
    (f"hoshimi: {{secret: s3cret-one, token: t, bot_id: {BOT}, forget_after_days: -1}}", "hoshimi.forget_after_days"),
]


@pytest.mark.parametrize(("text", "named"), WRONG)
def test_a_wrong_file_of_channels_names_file_and_field_and_never_a_value(tmp_path: Path, text: str, named: str) -> None:
    """What was found, where, what is expected, where to read on; a secret stands in no message and no cause."""
    file = tmp_path / "channels.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BotError) as caught:
        load_channels(str(file))
    shown = f"{caught.value.message} {caught.value.hint}"

    assert named in shown
    assert str(file) in shown
    assert "docs/line.md" in shown
    assert "s3cret" not in shown
    assert caught.value.__suppress_context__ or "s3cret" not in str(caught.value.__cause__)


def test_a_missing_file_of_channels_is_named(tmp_path: Path) -> None:
    """And without the setting there is simply no LINE."""
    with pytest.raises(BotError, match=r"none\.yaml"):
        load_channels(str(tmp_path / "none.yaml"))
    assert load_channels("") == {}


def menu_of(folder: Path, text: str | None) -> str:
    """Return what `madoguchi check` says about a rich menu."""
    for each in (ROOT / "nlu_data").iterdir():
        if each.name != "line_menu.yaml":
            (folder / each.name).symlink_to(each)
    if text is not None:
        (folder / "line_menu.yaml").write_text(text, encoding="utf-8")
    settings = Settings(nlu_data_dir=folder)
    return "\n".join(str(problem) for problem in menu_mistakes(settings, load_languages(settings.files)))


def test_check_reads_the_rich_menu(tmp_path: Path) -> None:
    """Ours is right; one that is missing, whose area leaves the picture, or has no label is named with what to do."""
    ours = (ROOT / "nlu_data" / "line_menu.yaml").read_text(encoding="utf-8")
    id_ = next(line for line in ours.splitlines() if "id:" in line).split("id:")[1].split(",")[0].strip()
    far, bare = ours.replace("[0, 0,", "[9000, 0,", 1), ours.replace(id_, "pigeons", 1)
    said = []
    for name, text in {"ours": ours, "none": None, "far": far, "bare": bare}.items():
        folder = tmp_path / name
        folder.mkdir()
        said.append(menu_of(folder, text))

    assert said[0] == ""
    assert "missing" in said[1]
    assert "reaches beyond the picture" in said[2]
    assert "line.menu.pigeons" in said[3]
