"""`madoguchi line`: what is asked of LINE, what is changed, and that a second time changes nothing."""

import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
import yaml
from fastapi import FastAPI
from typer.testing import CliRunner

from bot.cli import app
from bot.messages import BotError
from bot.settings import Settings
from connectors.line.channels import Channel
from connectors.line.client import LineClient
from connectors.line.menus import alias
from connectors.line.setup import link_menu, link_menus
from tests.conftest import free_port, listens, wait_for
from tests.line.fake.menus import RichMenus, router

BOT = "U" + "0" * 32


@dataclass
class Line:
    """A fake LINE with its address."""

    menus: RichMenus
    address: str

    def client(self) -> LineClient:
        """Return a client of it, for the running loop."""
        return LineClient(Channel("hoshimi", (secrets.token_hex(16),), BOT, secrets.token_hex(16)), self.address, self.address)


@pytest.fixture
def line() -> Iterator[Line]:
    """A fake LINE of our own, empty."""
    menus, port, application = RichMenus(BOT), free_port(), FastAPI()
    application.include_router(router(menus))
    quota = {"type": "limited", "value": 200}
    application.get("/v2/bot/message/quota")(lambda: quota)
    application.get("/v2/bot/message/quota/consumption")(lambda: {"totalUsage": 3})
    server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: listens(port))
    yield Line(menus, f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def configured(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of a city with a channel at the fake LINE; returns the file of channels."""
    path = tmp_path / "channels.yaml"
    path.write_text(yaml.safe_dump({"hoshimi": {"secret": "s" * 32, "bot_id": BOT, "token": "fixed"}}))
    for name, value in {
        "LINE_CHANNELS": str(path), "LINE_API_HOST": line.address, "LINE_DATA_HOST": line.address,
        "PUBLIC_URL": "https://madoguchi.example", "COLUMNS": "200",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    return path


def run(*words: str) -> str:
    """Run a command and return what it printed."""
    result = CliRunner().invoke(app, ["line", *words], catch_exceptions=False)
    return result.output


def test_setting_up_makes_a_menu_for_every_language(line: Line, configured: Path) -> None:
    """Twelve menus with pictures, an alias to each, and the Japanese one for whoever has none."""
    run("setup", "hoshimi")
    assert len(line.menus.images) == 12
    assert set(line.menus.aliases.values()) == set(line.menus.menus)
    assert line.menus.default == line.menus.aliases["menu-ja"]


def test_a_second_time_changes_nothing(line: Line, configured: Path) -> None:
    """The same content is found by its name: not one request that writes."""
    run("setup", "hoshimi")
    before = line.menus.writes
    assert "そのまま" in run("setup", "hoshimi")
    assert line.menus.writes == before


def test_a_rehearsal_shows_the_differences_and_changes_nothing(line: Line, configured: Path) -> None:
    """--dry-run asks LINE what it has, and writes nothing."""
    shown = run("setup", "hoshimi", "--dry-run")
    assert shown.count("作る") == 12
    assert line.menus.writes == 0


def test_a_change_moves_residents_to_the_new_menu_before_the_old_one_goes(line: Line, configured: Path) -> None:
    """A city that begins with reminders gets new pictures, and nobody who chose English falls back to Japanese."""
    run("setup", "hoshimi")
    line.menus.linked["Uresident"] = line.menus.aliases["menu-en"]
    rows = yaml.safe_load(configured.read_text())
    configured.write_text(yaml.safe_dump({"hoshimi": {**rows["hoshimi"], "reminders": True}}))
    assert "取りかえる" in run("setup", "hoshimi")
    assert line.menus.linked["Uresident"] == line.menus.aliases["menu-en"]
    assert len(line.menus.menus) == 12


def test_old_menus_stay_while_line_refuses_to_move_residents(line: Line, configured: Path) -> None:
    """LINE moves residents three times an hour; until then the old menus are kept, and the next run finishes the work."""
    run("setup", "hoshimi")
    line.menus.batches = 3
    rows = yaml.safe_load(configured.read_text())
    configured.write_text(yaml.safe_dump({"hoshimi": {**rows["hoshimi"], "reminders": True}}))
    assert "残しました" in run("setup", "hoshimi")
    assert len(line.menus.menus) == 24
    line.menus.batches = 0
    run("setup", "hoshimi")
    assert len(line.menus.menus) == 12


def test_menus_made_elsewhere_are_left_alone(line: Line, configured: Path) -> None:
    """What staff made in LINE's manager or with another tool is shown, and neither changed nor deleted."""
    size = {"width": 2500, "height": 843}
    other = {"name": "お祭り", "size": size, "areas": [], "selected": False, "chatBarText": "祭"}
    line.menus.menus["richmenu-other"] = other
    assert "さわらない" in run("setup", "hoshimi")
    assert "richmenu-other" in line.menus.menus


def test_a_menu_whose_picture_was_refused_is_not_left_half_made(line: Line, configured: Path) -> None:
    """Otherwise its name would be found the next time, and residents would have a menu without a picture."""
    line.menus.refused_image = True
    with pytest.raises(BotError, match="LINE"):
        run("setup", "hoshimi")
    assert line.menus.menus == {}


def test_the_webhook_is_set_and_tested_when_asked_for(line: Line, configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LINE learns the address of the city's webhook, and what LINE says of a trial call is shown."""
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:9")
    shown = run("setup", "hoshimi", "--webhook")
    assert line.menus.webhook == {"endpoint": "http://127.0.0.1:9/line/hoshimi/webhook", "active": True}
    assert "Webhookの検証" in shown


def test_the_check_names_each_wrong_setting_with_what_to_do(line: Line, configured: Path) -> None:
    """Chat on, another bot's id, a webhook that points elsewhere: each has a line of advice; the exit code is 1."""
    line.menus.chat_mode, line.menus.bot_id = "chat", "U" + "f" * 32
    line.menus.webhook = {"endpoint": "https://elsewhere.example/", "active": True}
    result = CliRunner().invoke(app, ["line", "check", "hoshimi"])
    assert result.exit_code == 1
    for told in ("チャット", "bot_id", "elsewhere.example", "200通のうち3通"):
        assert told in result.output


def test_the_check_tells_what_reminders_will_cost(
    line: Line, configured: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Staff see how many residents there are and how many paid messages they make."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/facts.sqlite3")
    rows = yaml.safe_load(configured.read_text())
    configured.write_text(yaml.safe_dump({"hoshimi": {**rows["hoshimi"], "reminders": True}}))
    assert "登録0人、これからの30日でおよそ0通" in CliRunner().invoke(app, ["line", "check", "hoshimi"]).output


def test_a_city_without_a_channel_is_told_where_to_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear message instead of a traceback."""
    monkeypatch.setenv("LINE_CHANNELS", "")
    with pytest.raises(BotError, match="LINE_CHANNELS"):
        run("check", "hoshimi")


def test_pictures_can_be_drawn_without_asking_line(tmp_path: Path, settings: Settings) -> None:
    """To look at them before anybody else does."""
    run("menus", "hoshimi", "--out", str(tmp_path))
    assert len(list(tmp_path.glob("hoshimi-*.png"))) == 12


async def test_a_resident_who_changes_the_language_gets_its_menu_at_once(line: Line) -> None:
    """One link by the alias of the language."""
    line.menus.menus["m"], line.menus.images["m"], line.menus.aliases[alias("vi")] = {}, b"", "m"
    client = line.client()
    await link_menu(client, "Uresident", "vi")
    await client.close()
    assert line.menus.menu_of("Uresident") == "m"


async def test_many_residents_are_linked_in_requests_of_five_hundred(line: Line) -> None:
    """1,001 residents take three requests, since LINE takes 500 in one."""
    line.menus.menus["m"], line.menus.images["m"], line.menus.aliases[alias("ne")] = {}, b"", "m"
    client = line.client()
    assert await link_menus(client, [f"U{number}" for number in range(1001)], "ne") == 3
    await client.close()
    assert len(line.menus.linked) == 1001
