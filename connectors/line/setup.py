"""Brings a city's rich menus at LINE to what our content says: looks, tells the differences, and changes only those."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.system_texts import SystemTexts
from connectors.line.client import LineClient
from connectors.line.errors import LineError, Refusal
from connectors.line.menu_image import draw
from connectors.line.menus import Menu, alias, definition, name
from faq.languages import JAPANESE

BULK = 500  # residents in one request of LINE's bulk link (L-39)
_POLLS, _POLL_SECONDS = 60, 1.0
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class WantedMenu:
    """The menu of one language as it should be: its name holds a digest of definition and picture (PNG)."""

    language: str
    name: str
    definition: Mapping[str, Any]
    image: bytes


@dataclass(frozen=True)
class MenusThere:
    """What LINE has: ids by name, ids by alias, the id of the default menu."""

    menus: Mapping[str, str]
    aliases: Mapping[str, str]
    default: str | None


class ChangeKind(StrEnum):
    """What is to be done to a menu."""

    KEEP = "keep"
    CREATE = "create"
    REPLACE = "replace"
    DELETE = "delete"
    FOREIGN = "foreign"  # made in LINE's own manager or by another program: never touched


@dataclass(frozen=True)
class Change:
    """One line of the differences. `old` are the ids that the menu replaces; for a foreign menu its name stands for itself."""

    kind: ChangeKind
    language: str
    name: str
    old: tuple[str, ...] = ()


def wanted_menus(menu: Menu, texts: SystemTexts, city: str, *, reminders: bool) -> list[WantedMenu]:
    """Return the menu of every language. Raises BotError where a font is missing or a label does not fit."""
    found = []
    for language in texts.texts:
        defined = definition(menu, texts, language, reminders=reminders)
        image = draw(menu, texts, language, reminders=reminders)
        found.append(WantedMenu(language, name(city, language, defined, image), defined, image))
    return found


async def menus_there(client: LineClient) -> MenusThere:
    """Ask LINE which menus it has. Raises LineError."""
    menus = await client.call("get_rich_menu_list_with_http_info")
    aliases = await client.call("get_rich_menu_alias_list_with_http_info")
    return MenusThere(
        {row.name: row.rich_menu_id for row in menus.data.richmenus},
        {row.rich_menu_alias_id: row.rich_menu_id for row in aliases.data.aliases},
        await _default(client),
    )


async def _default(client: LineClient) -> str | None:
    try:
        found = await client.call("get_default_rich_menu_id_with_http_info")
    except LineError as error:
        if error.refusal is Refusal.NOT_FOUND:
            return None
        raise
    return str(found.data.rich_menu_id)


def differences(city: str, wanted: Sequence[WantedMenu], there: MenusThere) -> list[Change]:
    """Return what setting up would do, without doing it."""
    ours = {row.name for row in wanted}
    changes = []
    for row in wanted:
        prefix = f"madoguchi:{city}:{row.language}:"
        old = tuple(id_ for known, id_ in there.menus.items() if known.startswith(prefix) and known not in ours)
        kind = ChangeKind.KEEP if row.name in there.menus and not old else ChangeKind.REPLACE if old else ChangeKind.CREATE
        changes.append(Change(kind, row.language, row.name, old))
    languages = {row.language for row in wanted}
    for known, id_ in there.menus.items():
        parts = known.split(":")
        if parts[:2] != ["madoguchi", city]:
            changes.append(Change(ChangeKind.FOREIGN, "", known, (id_,)))
        elif parts[2] not in languages:
            changes.append(Change(ChangeKind.DELETE, parts[2], known, (id_,)))
    return changes


async def set_up(
    client: LineClient, wanted: Sequence[WantedMenu], changes: Sequence[Change], there: MenusThere, sleep: Sleep = asyncio.sleep
) -> list[str]:
    """Make the menus, point the aliases and the default to them, relink residents, then delete what they replace.

    Returns the ids of old menus that stay for now because LINE has not finished relinking. Raises LineError.
    """
    ids = {row.language: there.menus.get(row.name) or await _create(client, row) for row in wanted}
    for language, id_ in ids.items():
        await _point(client, alias(language), id_, there)
    if there.default != ids[JAPANESE]:
        await client.call("set_default_rich_menu_with_http_info", ids[JAPANESE], kind="general")
    # A language that is no longer served falls back to the default, as does an unlinked resident.
    moved = {old: ids[change.language] for change in changes if change.kind is ChangeKind.REPLACE for old in change.old}
    gone = [old for change in changes if change.kind is ChangeKind.DELETE for old in change.old]
    if moved and not await _relinked(client, moved, sleep):
        return list(moved)
    for old in (*moved, *gone):
        await client.call("delete_rich_menu_with_http_info", old, kind="rich-menu")
    return []


async def _create(client: LineClient, wanted: WantedMenu) -> str:
    """Create a menu and give it its picture; one without would be kept by its name, so it is removed again."""
    from linebot.v3.messaging import RichMenuRequest

    request = RichMenuRequest.from_dict({**wanted.definition, "name": wanted.name})
    made = await client.call("create_rich_menu_with_http_info", request, kind="rich-menu")
    id_ = str(made.data.rich_menu_id)
    try:
        await client.call("set_rich_menu_image_with_http_info", id_, wanted.image, _headers={"Content-Type": "image/png"})
    except LineError:
        await client.call("delete_rich_menu_with_http_info", id_, kind="rich-menu")
        raise
    return id_


async def _point(client: LineClient, alias_id: str, menu: str, there: MenusThere) -> None:
    from linebot.v3.messaging import CreateRichMenuAliasRequest, UpdateRichMenuAliasRequest

    if there.aliases.get(alias_id) == menu:
        return
    if alias_id in there.aliases:
        await client.call("update_rich_menu_alias_with_http_info", alias_id, UpdateRichMenuAliasRequest(richMenuId=menu))
    else:
        request = CreateRichMenuAliasRequest(richMenuAliasId=alias_id, richMenuId=menu)
        await client.call("create_rich_menu_alias_with_http_info", request)


async def _relinked(client: LineClient, moved: Mapping[str, str], sleep: Sleep) -> bool:
    """Have LINE move every resident from the old menus to the new ones; say whether it has finished (L-24: 3 an hour)."""
    from linebot.v3.messaging import RichMenuBatchRequest

    operations = [{"type": "link", "from": old, "to": new} for old, new in moved.items()]
    request = RichMenuBatchRequest.from_dict({"operations": operations})
    try:
        started = await client.call("rich_menu_batch_with_http_info", request)
    except LineError as error:
        if error.refusal is Refusal.RATE:
            return False
        raise
    number = {key.lower(): value for key, value in started.headers.items()}.get("x-line-request-id", "")
    for _ in range(_POLLS):
        progress = await client.call("get_rich_menu_batch_progress_with_http_info", number)
        phase = str(getattr(progress.data.phase, "value", progress.data.phase))
        if phase != "ongoing":
            return phase == "succeeded"
        await sleep(_POLL_SECONDS)
    return False


async def link_menu(client: LineClient, line_id: str, language: str) -> None:
    """Show a resident the menu of their language from now on; it takes effect at once (L-39).

    Raises LineError: not-found where `madoguchi line setup` has not made the menus yet.
    """
    found = await client.call("get_rich_menu_alias_with_http_info", alias(language))
    await client.call("link_rich_menu_id_to_user_with_http_info", line_id, found.data.rich_menu_id)


async def link_menus(client: LineClient, line_ids: Sequence[str], language: str) -> int:
    """Show many residents the menu of a language; return the number of requests that it took (500 residents each)."""
    from linebot.v3.messaging import RichMenuBulkLinkRequest

    found = await client.call("get_rich_menu_alias_with_http_info", alias(language))
    parts = [list(line_ids[start : start + BULK]) for start in range(0, len(line_ids), BULK)]
    for part in parts:
        request = RichMenuBulkLinkRequest(richMenuId=found.data.rich_menu_id, userIds=part)
        await client.call("link_rich_menu_id_to_users_with_http_info", request)
    return len(parts)
