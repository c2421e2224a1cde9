"""The audit log: it grows, it cannot be changed unnoticed, and it never holds what somebody wrote."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from bot.cli import app as command
from bot.handler import now_in_japan
from bot.storage import Database, open_database
from bot.storage.audit import Event, audit_lines, expire_audit, verify_audit, write_audit
from connectors.console.audit_pages import safe_cell
from connectors.console.texts import texts
from tests.conftest import ROOT
from tests.console.conftest import Door, log_of, write
from tests.console.test_sign_in import Hire

UNLOCK = {
    "sqlite": ["DROP TRIGGER audit_unchanged", "DROP TRIGGER audit_kept"],
    "postgresql": ["DROP TRIGGER audit_kept ON audit"],
}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of each kind with ten lines."""
    if request.param == "sqlite":
        opened = open_database(f"sqlite:///{tmp_path}/audit.sqlite3")
    else:
        opened = open_database(request.getfixturevalue("postgres_url"))
        with opened.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        opened.close()
        opened = open_database(request.getfixturevalue("postgres_url"))
    for number in range(10):
        event = Event("signed-in", f"id-{number}", f"職員{number}", "hoshimi", detail={"method": "password"})
        opened.write_now(lambda connection, event=event: write_audit(connection, event, now_in_japan()))
    yield opened
    opened.close()


def tamper(database: Database, statement: str) -> None:
    """Change the log as somebody would who owns the database: without its triggers."""
    with database.engine.begin() as connection:
        for unlock in UNLOCK[database.engine.dialect.name]:
            connection.execute(text(unlock))
        connection.execute(text(statement))


def test_an_untouched_log_is_whole(database: Database) -> None:
    """All ten lines, and the head to write down."""
    verdict = database.read_now(verify_audit)

    assert (verdict.lines, verdict.last, verdict.broken) == (10, 10, None)
    assert verdict.head == database.read_now(audit_lines)[0].digest


@pytest.mark.parametrize("statement", ["UPDATE audit SET name = 'x' WHERE number = 3", "DELETE FROM audit WHERE number = 10",
                                       "DELETE FROM audit"])  # fmt: skip
def test_the_database_itself_refuses_changes(database: Database, statement: str) -> None:
    """Whoever comes through the service's own account is stopped by triggers."""
    with pytest.raises(DBAPIError, match="can only be appended to"), database.engine.begin() as connection:
        connection.execute(text(statement))

    assert database.read_now(verify_audit).lines == 10


@pytest.mark.parametrize(
    ("statement", "broken", "reason"),
    [
        ("UPDATE audit SET name = 'x' WHERE number = 3", 3, "changed"),
        ("UPDATE audit SET at = '2020-01-01 00:00:00' WHERE number = 4", 4, "changed"),
        ("UPDATE audit SET detail = '{}' WHERE number = 10", 10, "changed"),
        ("DELETE FROM audit WHERE number = 5", 5, "missing"),
        ("DELETE FROM audit WHERE number = 1", 1, "missing"),
        ("DELETE FROM audit WHERE number >= 9", 9, "missing"),
    ],
)
def test_a_changed_or_missing_line_is_found_and_named(database: Database, statement: str, broken: int, reason: str) -> None:
    """Also the first, the last, and the end cut off."""
    tamper(database, statement)
    verdict = database.read_now(verify_audit)

    assert (verdict.broken, verdict.reason) == (broken, reason)


def test_a_chain_written_anew_differs_from_what_was_noted(database: Database) -> None:
    """Who owns the database can write all of it anew; the head that somebody wrote down tells."""
    noted = database.read_now(audit_lines)[4]
    assert database.read_now(lambda connection: verify_audit(connection, (noted.number, noted.digest))).broken is None
    verdict = database.read_now(lambda connection: verify_audit(connection, (noted.number, "0" * 64)))

    assert (verdict.broken, verdict.reason) == (6, "replaced")


def test_lines_that_are_over_go_and_the_chain_goes_on(database: Database) -> None:
    """The retention of the log removes its beginning; the rest can still be checked, and grows."""
    assert database.write_now(lambda connection: expire_audit(connection, now_in_japan() - timedelta(days=1))) == 0
    later = now_in_japan() + timedelta(days=1)
    database.write_now(lambda connection: write_audit(connection, Event("signed-out"), later))
    assert database.write_now(lambda connection: expire_audit(connection, later)) == 10
    database.write_now(lambda connection: write_audit(connection, Event("signed-out"), later))
    verdict = database.read_now(verify_audit)

    assert (verdict.lines, verdict.last, verdict.broken) == (2, 12, None)


async def test_writers_wait_for_each_other(database: Database) -> None:
    """Two replicas write at once, and the chain does not fork."""
    import threading

    def _write() -> None:
        other = open_database(database.engine.url.render_as_string(hide_password=False))
        for _ in range(20):
            other.write_now(lambda connection: write_audit(connection, Event("signed-in"), now_in_japan()))
        other.close()

    threads = [threading.Thread(target=_write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert database.read_now(verify_audit).lines == 70


async def test_the_page_shows_a_citys_own_lines(door: Door, hire: Hire, console: FastAPI) -> None:
    """And the sign-ins of its own people; not those of another city."""
    hire("taro", ("auditor", "hoshimi"))
    hire("tomiko", ("auditor", "tomi"), name="富子")
    await Door(console).sign_in("tomiko")
    await door.sign_in("taro")
    shown = (await door.get("/console/hoshimi/audit?all=on")).text

    assert "サインインした" in shown
    assert "富子" not in shown


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("action=signed-out", 1),
        ("staff=taro", 3),
        ("staff=%25", 0),
        ("until=2020-01-01", 0),
        ("since=2020-01-01", 3),
        ("since=rubbish", 3),
        ("below=2", 1),
    ],
)
async def test_the_page_filters(door: Door, hire: Hire, query: str, expected: int) -> None:
    """By action, person and day; what cannot be read filters nothing."""
    hire("taro", ("auditor", "hoshimi"), name="taro")
    await door.sign_in("taro")
    await door.post("/console/sign-out")
    await door.sign_in("taro")
    shown = (await door.get(f"/console/hoshimi/audit?{query}")).text

    assert shown.count('<th scope="row"') == expected


async def test_the_file_is_safe_for_spreadsheets_and_can_be_checked(door: Door, hire: Hire, console: FastAPI) -> None:
    """A name that would be a formula is only text there; saving the file is a line of the log itself."""
    hire("taro", ("auditor", "hoshimi"), name="=1+1")
    await door.sign_in("taro")
    response = await door.get("/console/hoshimi/audit.csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))

    assert [row["name"] for row in rows] == ["'=1+1"]
    assert rows[0]["digest"] == log_of(console)[1].digest
    assert log_of(console)[0].action == "audit-exported"


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    """Whatever it begins with."""
    assert safe_cell(cell) == f"'{cell}"


def test_the_command_checks_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`madoguchi audit verify` ends with 0 for a whole log, and with 1 and the line's number for a changed one."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/log.sqlite3")
    run = CliRunner()
    assert run.invoke(command, ["staff", "add", "hanako", "--role", "officer", "--city", "hoshimi"]).exit_code == 0
    assert run.invoke(command, ["staff", "disable", "hanako"]).exit_code == 0
    whole = run.invoke(command, ["audit", "verify", "--json"])
    assert (whole.exit_code, json.loads(whole.stdout)["lines"]) == (0, 2)
    database = open_database(f"sqlite:///{tmp_path}/log.sqlite3")
    tamper(database, "UPDATE audit SET action = 'signed-out' WHERE number = 2")
    database.close()
    changed = run.invoke(command, ["audit", "verify", "--json"])

    assert (changed.exit_code, json.loads(changed.stdout)["broken"]) == (1, 2)


def test_every_action_has_a_text() -> None:
    """What the code writes into the log can be read in the log."""
    folders = (ROOT / "connectors" / "console", ROOT / "bot" / "commands")
    code = "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("*.py"))
    written = set(re.findall(r'(?:record\(\s*request, |Event\(|_do\(settings, )"([a-z-]+)"', code))

    assert len(written) > 12
    assert written <= {key.removeprefix("audit.") for key in texts("ja") if key.startswith("audit.")}


async def test_a_line_never_holds_what_was_typed(door: Door, hire: Hire, console: FastAPI) -> None:
    """Neither passwords nor names that were tried: people type their password into the wrong field."""
    hire("taro", ("admin", "hoshimi"))
    await door.sign_in("MyRealPassword", "MyOtherPassword")
    await door.sign_in("taro")
    await door.post("/console/hoshimi/staff/id-taro", {"name": "A new name", "active": "on"})
    rows = write(console, lambda connection: connection.exec_driver_sql("SELECT * FROM audit").all())

    assert len(rows) == 3
    assert not re.search("myrealpassword|MyOther|A new name", str(rows), re.IGNORECASE)
