"""Giving and taking roles, each limited by city, and where the role allows it by departments and languages."""

from fastapi import Request, Response
from sqlalchemy import Connection
from starlette.datastructures import FormData

from bot.service import Service
from bot.storage.staff import EVERYWHERE, Assignment, add_assignment, new_role_id, remove_assignment
from connectors.console.accounts import account_page_of, seen
from connectors.console.gate import console_router, current_staff, record
from connectors.console.pages import redirect
from connectors.console.permissions import LIMITED, ROLES, Permission, everywhere
from connectors.console.refusals import Refusal
from connectors.console.sessions import handler_of

router = console_router()


def role_of(form: FormData, city: str, service: Service, *, may_everywhere: bool) -> tuple[Assignment | None, dict[str, str]]:
    """Return the role that a form asks for, or what is wrong with it by field."""
    role, errors = str(form.get("role", "")), {}
    limits: dict[str, frozenset[str] | None] = {}
    if role not in ROLES:
        errors["role"] = "role.choose"
    departments = service.release(city).knowledge.city.departments
    known = {"departments": set(departments), "languages": {row.code for row in service.languages}}
    for name, possible in known.items():
        limits[name] = None
        if role in LIMITED and form.get(f"all_{name}") != "all":
            limits[name] = wanted = frozenset(str(value) for value in form.getlist(name)) & possible
            if not wanted:
                errors[name] = f"role.no-{name}"
    where = EVERYWHERE if may_everywhere and "everywhere" in form else city
    return (None, errors) if errors else (Assignment(new_role_id(), role, where, limits["departments"], limits["languages"]), {})


@router.post("/{city}/staff/{person}/roles")
async def role_add(request: Request, city: str, person: str) -> Response:
    """Give a role. An administrator of a city may give one there also to somebody of another city."""
    account, form = await seen(request, city, person), await request.form()
    may_everywhere = everywhere(current_staff(request), Permission.STAFF_MANAGE)
    assignment, errors = role_of(form, city, handler_of(request).service, may_everywhere=may_everywhere)
    if assignment is None:
        return await account_page_of(request, city, account, 422, errors)

    def _add(connection: Connection) -> None:
        add_assignment(connection, account.id, assignment)

    facts = {"role": assignment.role, "where": assignment.city, **_limits(assignment)}
    await record(request, "role-added", _add, city=city, target=account.id, detail=facts)
    return redirect(f"/console/{city}/staff/{account.id}", "role-added")


@router.post("/{city}/staff/{person}/roles/{assignment}/remove")
async def role_remove(request: Request, city: str, person: str, assignment: str) -> Response:
    """Take a role of this city away. Nobody takes their own administration away: another has to."""
    account, me = await seen(request, city, person), current_staff(request)
    one = next((row for row in account.assignments if row.id == assignment), None)
    if one is None or one.city not in ({city, EVERYWHERE} if everywhere(me, Permission.STAFF_MANAGE) else {city}):
        raise Refusal(404, "nothing")
    if account.id == me.id and one.role == "admin":
        raise Refusal(409, "own-admin")

    def _remove(connection: Connection) -> None:
        remove_assignment(connection, account.id, assignment)

    await record(request, "role-removed", _remove, city=city, target=account.id, detail={"role": one.role, "where": one.city})
    back = f"/{account.id}" if len(account.assignments) > 1 or everywhere(me, Permission.STAFF_READ) else ""
    return redirect(f"/console/{city}/staff{back}", "role-removed")


def _limits(assignment: Assignment) -> dict[str, str]:
    limits = {"departments": assignment.departments, "languages": assignment.languages}
    return {name: "all" if limit is None else ",".join(sorted(limit)) for name, limit in limits.items()}
