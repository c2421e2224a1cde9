"""The work of `madoguchi line`: asks LINE, prints the differences and the findings, and changes what is to be changed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from bot.commands.exchange import require_city
from bot.handler import now_in_japan
from bot.messages import BotError
from bot.settings import Settings
from bot.storage import open_database
from bot.storage.line_checks import CheckedSetting, save_check
from bot.storage.line_reminders import count_wishes
from bot.system_texts import SystemTexts, load_system_texts
from connectors.line.channels import Channel, load_channels
from connectors.line.client import LineClient
from connectors.line.errors import LineError, Refusal
from connectors.line.menu_image import draw
from connectors.line.menus import Menu, load_menu
from connectors.line.reminder_texts import messages_ahead
from connectors.line.setup import Change, ChangeKind, differences, menus_there, set_up, wanted_menus
from connectors.line.setup_checks import BY_EYE, Finding, findings, reminders_cost, set_webhook
from faq.languages import load_languages
from faq.loader import load_knowledge

T = TypeVar("T")
_out = Console(highlight=False, soft_wrap=True)
_WORDS = {
    ChangeKind.KEEP: ("そのまま", ""), ChangeKind.CREATE: ("作る", "green"), ChangeKind.REPLACE: ("取りかえる", "yellow"),
    ChangeKind.DELETE: ("消す", "red"), ChangeKind.FOREIGN: ("ほかで作られたもの（さわらない）", "dim"),
}  # fmt: skip


def set_up_city(settings: Settings, city: str, *, dry_run: bool, webhook: bool) -> None:
    """Show the differences and, unless it is a rehearsal, make them. Raises BotError where LINE refuses."""
    channel = _channel(settings, city)
    menu, texts = _content(settings)
    wanted = wanted_menus(menu, texts, city, reminders=channel.reminders)

    async def work(client: LineClient) -> None:
        there = await menus_there(client)
        changes = differences(city, wanted, there)
        _out.print(_changes_table(changes))
        if dry_run:
            _out.print("何も変えていません（--dry-run）。 Nothing is changed.")
            return
        if left := await set_up(client, wanted, changes, there):
            _out.print(
                f"古いメニュー{len(left)}件は、LINEでの付けかえが終わっていないので残しました。1時間後にもう一度実行してください。"
            )
        if webhook:
            await set_webhook(client, _required_address(settings, city))
        _print_findings(await findings(client, webhook_address(settings, city), test=webhook))

    _with_client(settings, channel, work)


def check_city(settings: Settings, city: str) -> bool:
    """Print the settings of a city's channel that LINE tells; say whether all are right. Raises BotError."""
    channel = _channel(settings, city)
    found = _with_client(settings, channel, lambda client: findings(client, webhook_address(settings, city)))
    if channel.reminders:
        found.append(_reminders(settings, city))
    _keep(settings, city, found)
    _print_findings(found)
    return all(row.right for row in found)


def _keep(settings: Settings, city: str, found: Sequence[Finding]) -> None:
    """Keep what was found for the console's page."""
    database = open_database(settings.database_url)
    try:
        rows = [CheckedSetting(**vars(one)) for one in found]
        database.write_now(lambda connection: save_check(connection, city, now_in_japan(), rows))
    finally:
        database.close()


def _reminders(settings: Settings, city: str) -> Finding:
    """Return what the reminders that residents chose will cost in the next 30 days."""
    database = open_database(settings.database_url)
    try:
        wishes = database.read_now(lambda connection: count_wishes(connection, city))
    finally:
        database.close()
    calendar = load_knowledge(settings.files, [city]).cities[city].garbage.calendar
    return reminders_cost(sum(number for *_, number in wishes), messages_ahead(calendar, wishes, now_in_japan().date()))


def draw_menus(settings: Settings, city: str, out: Path, *, reminders: bool) -> None:
    """Draw the rich menu of every language as PNG. Raises BotError where a font is missing."""
    require_city(settings, city)
    menu, texts = _content(settings)
    out.mkdir(parents=True, exist_ok=True)
    for language in texts.texts:
        path = out / f"{city}-{language}.png"
        path.write_bytes(draw(menu, texts, language, reminders=reminders))
        _out.print(f"{path} is written.", markup=False)


def webhook_address(settings: Settings, city: str) -> str:
    """Return the address that LINE should call, empty where PUBLIC_URL is not set."""
    return f"{settings.public_url.rstrip('/')}/line/{city}/webhook" if settings.public_url else ""


def _required_address(settings: Settings, city: str) -> str:
    if address := webhook_address(settings, city):
        return address
    raise BotError("public_url", "PUBLIC_URL が設定されていません。", "例：PUBLIC_URL=https://madoguchi.example", 500)


def _channel(settings: Settings, city: str) -> Channel:
    require_city(settings, city)
    channels = load_channels(settings.line_channels)
    if city not in channels:
        message = f"LINE_CHANNELS ({settings.line_channels or '未設定'}) に {city} がありません。"
        raise BotError("line_channels", message, "docs/line.md の手順でチャネルを登録してください。", 500)
    return channels[city]


def _content(settings: Settings) -> tuple[Menu, SystemTexts]:
    texts = load_system_texts(settings.files, load_languages(settings.files))
    return load_menu(settings.nlu_data_dir / "line_menu.yaml"), texts


def _with_client(settings: Settings, channel: Channel, work: Callable[[LineClient], Awaitable[T]]) -> T:
    """Return what the work returns; what LINE refuses becomes one clear message."""

    async def run() -> T:
        client = LineClient(channel, settings.line_api_host, settings.line_data_host, timeout=30.0)
        try:
            return await work(client)
        finally:
            await client.close()

    try:
        return asyncio.run(run())
    except LineError as error:
        raise BotError("line", f"LINEが断りました：{error}", _ADVICE.get(error.refusal, ""), 502) from error


_ADVICE = {
    Refusal.UNAUTHORISED: "チャネルIDとチャネルシークレット（またはトークン）が正しいか、確かめてください。",
    Refusal.RATE: "回数の上限です。1時間ほど待ってから、もう一度実行してください。",
    Refusal.SERVER: "LINE_API_HOST に届くか、確かめてください。",
    Refusal.UNKNOWN: "LINEから時間内に答えがありません。もう一度実行してください。",
}


def _changes_table(changes: Sequence[Change]) -> Table:
    table = Table("言語", "すること", "メニュー", title="リッチメニュー")
    for change in changes:
        word, style = _WORDS[change.kind]
        table.add_row(change.language, word, change.name, style=style)
    return table


def _print_findings(found: Sequence[Finding]) -> None:
    table = Table("設定", "", "今の状態", "すること", title="LINEの設定")
    for row in found:
        table.add_row(row.setting, "○" if row.right else "×", row.found, "" if row.right else row.advice)
    _out.print(table)
    _out.print(f"APIでは見えない設定（目で確かめる）：{'、'.join(BY_EYE)}")
