"""What must not vanish, in SQLite and in PostgreSQL alike: one list of promises, kept by both."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, event, func, select
from sqlalchemy.exc import IntegrityError

from bot.messages import Block, BlockKind, BotError, Choice, Contact, Conversation, Decision, Outcome, Reply, Turn
from bot.storage import Database, open_database
from bot.storage.conversations import erase_conversation, load_conversation, save_conversation
from bot.storage.feedback import save_feedback
from bot.storage.releases import release_number
from bot.storage.tables import conversations, feedback, metadata, turns
from bot.storage.turns import save_turn, turn_of_client, turn_with_id, turns_after
from tests.conftest import TUESDAY, free_port

TALK = Conversation(
    "talk", "hoshimi", "web", "ja-easy", (Choice("はい 👍", "entry:moving-in"),), "moving-in", TUESDAY, {"district": "tsukimi"}, 2
)
REPLY = Reply(
    Decision.ANSWER, Outcome.ANSWERED, "ja",
    (Block("14日以内です。\n𠮷野", "ja"), Block("出典", "ja", BlockKind.LINK, "https://a.example/")),
    (Choice("転出は？", "entry:moving-out"),), "moving-in", "r7", "https://a.example/", Contact("市民課", "0000-00-0011"),
    "2026-11-21", 0.93,
)  # fmt: skip


def turn(id_: str, client_id: str | None = None, conversation: str = "talk") -> Turn:
    """Make a turn of the talk."""
    return Turn(id_, conversation, "hoshimi", "web", TUESDAY, "引っ越しました 🚚", REPLY, 12.5, client_id)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database with one conversation."""
    database = open_database(database_url)
    database.write_now(lambda connection: save_conversation(connection, TALK, TUESDAY))
    yield database
    database.close()


def count(database: Database, table: str) -> int:
    """Return how many rows a table has."""
    query = select(func.count()).select_from(metadata.tables[table])
    return database.read_now(lambda connection: int(connection.scalar(query) or 0))


def turn_ids(database: Database, last: str = "", limit: int = 100) -> list[str]:
    """Return the ids of the talk's turns after one of them, as a reader gets them."""
    found = database.read_now(lambda connection: turns_after(connection, "hoshimi", "talk", last, limit))
    return [turn.id for turn in found]


def test_a_conversation_comes_back_as_it_was(database: Database) -> None:
    """Language, open question, recent entry, slots and count survive; a change replaces them."""
    changed = Conversation("talk", "hoshimi", "web", "en", slots={"district": "akatsuki"})

    assert database.read_now(lambda connection: load_conversation(connection, "hoshimi", "talk")) == TALK
    database.write_now(lambda connection: save_conversation(connection, changed, TUESDAY))
    assert database.read_now(lambda connection: load_conversation(connection, "hoshimi", "talk")) == changed
    assert database.read_now(lambda connection: load_conversation(connection, "elsewhere", "talk")) is None


def test_a_turn_comes_back_as_it_was(database: Database) -> None:
    """Every part of the reply, the time in its zone, and characters beyond the basic plane survive."""
    kept = turn("0001", "client-0001")
    database.write_now(lambda connection: save_turn(connection, kept))

    assert database.read_now(lambda connection: turn_with_id(connection, "hoshimi", "0001")) == kept
    assert database.read_now(lambda connection: turn_of_client(connection, "hoshimi", "client-0001")) == kept
    assert database.read_now(lambda connection: turn_with_id(connection, "elsewhere", "0001")) is None


def test_turns_are_read_in_order_and_from_where_a_reader_stopped(database: Database) -> None:
    """A stream resumes after the last turn it saw, however they were written."""
    for id_ in ("0003", "0001", "0002"):
        database.write_now(partial(save_turn, turn=turn(id_)))

    assert turn_ids(database) == ["0001", "0002", "0003"]
    assert turn_ids(database, "0001") == ["0002", "0003"]
    assert turn_ids(database, "0003") == []
    assert turn_ids(database, limit=2) == ["0001", "0002"]


async def test_a_client_id_that_comes_twice_fails_alone(database: Database) -> None:
    """Writes that share a transaction with a refused one are kept."""
    batch = [turn("0001", "client-0001"), turn("0002", "client-0001"), turn("0003", "client-0003")]
    writes = [database.write(partial(save_turn, turn=one)) for one in batch]
    results = await asyncio.gather(*writes, return_exceptions=True)

    assert [type(result) for result in results] == [type(None), IntegrityError, type(None)]
    assert turn_ids(database) == ["0001", "0003"]


def test_another_city_may_use_the_same_client_id(database: Database) -> None:
    """What makes a message unique is the city and the client id together."""
    other = Conversation("other", "elsewhere")
    there = Turn("0002", "other", "elsewhere", "web", TUESDAY, "", REPLY, client_id="client-0001")
    database.write_now(lambda connection: save_conversation(connection, other, TUESDAY))
    database.write_now(lambda connection: save_turn(connection, turn("0001", "client-0001")))
    database.write_now(lambda connection: save_turn(connection, there))

    assert count(database, "turns") == 2


def test_erasing_a_conversation_takes_its_turns_and_feedback_and_no_other(database: Database) -> None:
    """Nothing of the talk is left; another talk stays; the second time there is nothing to erase."""
    database.write_now(lambda connection: save_conversation(connection, Conversation("other", "hoshimi"), TUESDAY))
    for one in (turn("0001"), turn("0002", conversation="other")):
        database.write_now(partial(save_turn, turn=one))
        database.write_now(partial(save_feedback, turn=one.id, solved=True, reason="", now=TUESDAY))

    assert database.write_now(lambda connection: erase_conversation(connection, "elsewhere", "talk", TUESDAY)) is False
    assert database.write_now(lambda connection: erase_conversation(connection, "hoshimi", "talk", TUESDAY)) is True
    assert database.write_now(lambda connection: erase_conversation(connection, "hoshimi", "talk", TUESDAY)) is False
    assert [count(database, name) for name in ("conversations", "turns", "feedback")] == [1, 1, 1]


def test_a_second_feedback_replaces_the_first(database: Database) -> None:
    """A resident may change their mind."""
    database.write_now(lambda connection: save_turn(connection, turn("0001")))
    for solved, reason in ((True, ""), (False, "料金がない")):
        database.write_now(partial(save_feedback, turn="0001", solved=solved, reason=reason, now=TUESDAY))

    rows = database.read_now(lambda connection: connection.execute(select(feedback.c.solved, feedback.c.reason)).all())
    assert rows == [(0, "料金がない")]


def test_release_numbers_grow_and_a_known_state_keeps_its_number(database: Database) -> None:
    """A reply that names release 1 means the same content for ever; each city counts for itself."""

    def number(city: str, digest: str) -> int:
        return database.write_now(lambda connection: release_number(connection, city, digest, TUESDAY + timedelta(days=1)))

    assert [number("hoshimi", digest) for digest in ("aaa", "bbb", "bbb", "aaa", "ccc")] == [1, 2, 2, 1, 3]
    assert number("elsewhere", "ccc") == 1


def both_empty(*compared: Any) -> bool | None:
    """Say that an empty default equals itself, which Alembic does not see on SQLite; leave all else to Alembic."""
    inspected, rendered = compared[3], compared[5]
    return False if inspected and not inspected.strip("()'") and rendered == "" else None


def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    """Schema and history of the schema never drift apart."""
    with database.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": both_empty}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, metadata)

    assert differences == []


def test_opening_a_database_that_is_up_to_date_changes_nothing(database: Database, database_url: str) -> None:
    """A restart looks at the version and runs no migration."""
    statements: list[str] = []

    def listen(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        open_database(database_url).close()
    finally:
        event.remove(Engine, "before_cursor_execute", listen)

    assert any("alembic_version" in statement for statement in statements)
    assert [s for s in statements if s.split()[0].upper() not in ("SELECT", "SHOW", "PRAGMA")] == []


def test_what_was_written_is_there_after_a_restart(database: Database, database_url: str) -> None:
    """Closing and opening loses nothing."""
    database.write_now(lambda connection: save_turn(connection, turn("0001")))
    database.close()
    again = open_database(database_url)

    assert again.read_now(lambda connection: turn_with_id(connection, "hoshimi", "0001")) == turn("0001")
    again.close()


async def test_two_hundred_writes_at_once_all_land(database: Database) -> None:
    """More than fit into one transaction, each of them kept."""
    many = [turn(f"{n:04}", f"client-{n:04}") for n in range(200)]
    await asyncio.gather(*(database.write(partial(save_turn, turn=one)) for one in many))

    assert count(database, "turns") == 200


async def test_a_write_to_a_closed_database_fails_at_once(database: Database) -> None:
    """Whoever still writes while the service stops gets an error, and never waits for ever."""
    database.close()
    with pytest.raises(RuntimeError):
        await asyncio.wait_for(database.write(lambda connection: save_turn(connection, turn("0001"))), 2)


def test_the_tables_have_no_others_beside_them() -> None:
    """The list of nouns is closed: a new table gets its promises here."""
    talk = {conversations.name, turns.name, feedback.name, "releases"}
    desk = {"tickets", "ticket_numbers", "ticket_events", "notes", "unsent_replies", "deliveries", "links", "canned_replies"}
    desk |= {"draft_suggestions", "special_days", "listed_holidays"}
    staff = {table for table in metadata.tables if table.startswith(("staff", "audit"))}
    line = {table for table in metadata.tables if table.startswith("line_")}
    assert set(metadata.tables) == talk | desk | staff | line


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://app:geheim@127.0.0.1:{port}/facts",
        "sqlite:///{folder}/a-file/facts.sqlite3",
        "nonsense",
        "oracle-of-delphi://app:geheim@127.0.0.1/facts",
    ],
)
def test_a_database_that_cannot_be_opened_says_what_to_do(url: str, tmp_path: Path) -> None:
    """An error for the person who runs it, with a hint, and with no password in it."""
    (tmp_path / "a-file").write_text("in the way", encoding="utf-8")
    with pytest.raises(BotError) as caught:
        open_database(url.format(port=free_port(), folder=tmp_path))

    assert caught.value.status == 503
    assert "DATABASE_URL" in caught.value.hint
    assert "geheim" not in f"{caught.value.message} {caught.value.hint}"
