"""One account as administrators meet it: who may see it, who may change it, and its page."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from bot.storage.staff import EVERYWHERE, Staff, staff_with_id
from bot.storage.staff_sessions import sessions_of
from connectors.console.gate import current_staff
from connectors.console.pages import department_names, language_of, page
from connectors.console.permissions import LIMITED, ROLES, Permission, Where, allows, everywhere
from connectors.console.refusals import Denied, Refusal
from connectors.console.sessions import handler_of, settings_of


async def seen(request: Request, city: str, id_: str) -> Staff:
    """Return an account that may be seen from this city. Raises Refusal where there is none such."""
    account = await handler_of(request).database.read(lambda connection: staff_with_id(connection, id_))
    if account is None or not is_seen(request, account, city):
        raise Refusal(404, "nothing")
    return account


async def governed(request: Request, city: str, id_: str) -> Staff:
    """Return an account that may be changed: every city that it has a role in is one of the administrator's."""
    account, person = await seen(request, city, id_), current_staff(request)
    for one in account.cities or {EVERYWHERE}:
        if not allows(person, Permission.STAFF_MANAGE, Where(one)):
            raise Denied(Permission.STAFF_MANAGE, Where(one))
    return account


def is_seen(request: Request, account: Staff, city: str) -> bool:
    """Say whether an account is shown in a city: it has a role there, or administrators of all cities look."""
    return bool(account.cities & {city, EVERYWHERE}) or everywhere(current_staff(request), Permission.STAFF_READ)


def is_chief(request: Request) -> bool:
    """Say whether the signed-in person administers all cities."""
    return everywhere(current_staff(request), Permission.STAFF_MANAGE)


def shared(request: Request, city: str) -> dict[str, Any]:
    """Return what the pages about accounts need besides the account."""
    departments: Mapping[str, str] = department_names(request, city, language_of(request))
    tongues = {row.code: row.name for row in handler_of(request).service.languages}
    return {
        "roles": list(ROLES), "limited": LIMITED, "departments": departments, "tongues": tongues, "chief": is_chief(request),
        "oidc": bool(settings_of(request).oidc_issuer),
        "manages": allows(current_staff(request), Permission.STAFF_MANAGE, Where(city)),
    }  # fmt: skip


async def account_page_of(
    request: Request, city: str, account: Staff, status: int = 200, errors: Mapping[str, str] | None = None
) -> Response:
    """Return the page of an account, with forms for whoever may change it."""
    sessions = await handler_of(request).database.read(lambda connection: sessions_of(connection, account.id))
    person = current_staff(request)
    governs = all(allows(person, Permission.STAFF_MANAGE, Where(one)) for one in account.cities or {EVERYWHERE})
    values = shared(request, city) | {"account": account, "sessions": sessions, "governs": governs, "errors": errors or {}}
    return page(request, "staff-one.html", status, **values)
