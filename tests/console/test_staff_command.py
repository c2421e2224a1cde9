"""`madoguchi staff`: accounts from the command line, where no password is ever typed; and the invitation of `serve`."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.commands.serve import invite
from bot.messages import BotError
from bot.settings import Settings

RUN = CliRunner()


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of the test's own."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/staff.sqlite3")
    monkeypatch.setenv("PUBLIC_URL", "https://madoguchi.example/")


def staff(*words: str) -> Result:
    """Run `madoguchi staff …`."""
    return RUN.invoke(app, ["staff", *words])


def listed() -> list[dict[str, object]]:
    """Return what `list --json` prints."""
    rows: list[dict[str, object]] = json.loads(staff("list", "--json").stdout)
    return rows


def test_an_account_is_added_with_a_link() -> None:
    """The link is where browsers reach the service; the list holds no secret."""
    added = staff("add", "Hanako", "--role", "officer", "--city", "hoshimi", "--department", "pension", "--language", "ja")
    assert added.exit_code == 0
    assert "https://madoguchi.example/console/password/" in added.stdout
    (row,) = listed()

    assert (row["login"], row["active"]) == ("hanako", True)
    assert [(role["role"], role["city"], role["departments"]) for role in row["roles"]] == [("officer", "hoshimi", ["pension"])]  # type: ignore[attr-defined]
    assert not {"password", "totp"} & row.keys()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["add", "hanako", "--role", "chief"], "editor"),
        (["add", "hanako", "--role", "officer", "--city", "atlantis"], "hoshimi"),
        (["add", "hanako", "--role", "officer", "--city", "hoshimi", "--department", "magic"], "pension"),
        (["add", "hanako", "--role", "officer", "--language", "xx"], "ja-easy"),
        (["add", "hanako", "--role", "admin", "--city", "hoshimi", "--language", "ja"], "Leave"),
        (["add", "花子", "--role", "officer"], "a–z"),
        (["disable", "nobody"], "staff list"),
        (["roles", "nobody"], "staff list"),
    ],
)
def test_a_mistake_says_what_there_is(words: list[str], told: str) -> None:
    """Roles, cities, departments, languages, names."""
    result = staff(*words)

    assert isinstance(result.exception, BotError)
    assert told in result.exception.hint


def test_an_account_is_disabled_enabled_and_reset() -> None:
    """Each is one command; a name that is taken is refused."""
    staff("add", "hanako", "--role", "officer", "--city", "hoshimi")
    assert isinstance(staff("add", "hanako", "--role", "officer").exception, BotError)
    assert staff("disable", "hanako").exit_code == 0
    assert [row["active"] for row in listed()] == [False]
    assert staff("enable", "HANAKO").exit_code == 0
    assert [row["active"] for row in listed()] == [True]
    assert "/console/password/" in staff("reset", "hanako", "--codes").stdout


def test_roles_are_given_and_taken() -> None:
    """By the id that the command shows."""
    staff("add", "hanako", "--role", "officer", "--city", "hoshimi")
    shown = staff("roles", "hanako", "--add", "editor", "--city", "tomi").stdout
    first = next(line.split()[0] for line in shown.splitlines() if "officer@hoshimi" in line)
    left = staff("roles", "hanako", "--remove", first).stdout

    assert "officer" not in left
    assert "editor@tomi" in left
    assert isinstance(staff("roles", "hanako", "--remove", first).exception, BotError)


def test_the_log_is_written_to_a_file(tmp_path: Path) -> None:
    """With the name of whoever ran the commands."""
    staff("add", "hanako", "--role", "officer", "--city", "hoshimi")
    result = RUN.invoke(app, ["audit", "export", str(tmp_path / "log.csv")])

    assert result.exit_code == 0
    assert "staff-added" in (tmp_path / "log.csv").read_text(encoding="utf-8-sig")


def test_serving_invites_the_first_administrator_until_there_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    """A service without any account prints a link; one with an account prints none."""
    invite(Settings(), "127.0.0.1", 8000)
    assert "https://madoguchi.example/console/first/" in capsys.readouterr().out
    staff("add", "hanako", "--role", "admin")
    invite(Settings(), "127.0.0.1", 8000)

    assert capsys.readouterr().out == ""
