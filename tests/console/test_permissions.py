"""Who may do what where: every route of the console against every role, in one's own city and in another's."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from bot.storage.staff import Assignment, Staff
from connectors.console import ROUTERS, inbox_events
from connectors.console.permissions import (
    LIMITED,
    PERMISSIONS,
    QUIET,
    ROLES,
    Limit,
    Permission,
    Where,
    allows,
    departments_of,
)
from tests.console.conftest import Door, log_of
from tests.console.test_sign_in import Hire

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
GUARDED = [route for route in ROUTES if PERMISSIONS[route.name].permission not in (Permission.ANYBODY, Permission.SIGNED_IN)]


def matrix() -> Iterator[tuple[str, str, str, str, bool]]:
    """Yield every (method, path, role, city) with whether the gate must let it pass."""
    for route in GUARDED:
        rule = PERMISSIONS[route.name]
        for role in ROLES:
            for city in ("hoshimi", "tomi"):
                path = re.sub(r"\{(?!city)\w+(:path)?\}", "1", route.path).replace("{city}", city)
                for method in route.methods:
                    yield method, path, role, city, rule.permission in ROLES[role] and city == "hoshimi"


def test_every_route_has_a_rule_and_every_rule_a_route() -> None:
    """A new page without a rule fails here (and is refused by the gate)."""
    assert sorted(PERMISSIONS) == sorted(route.name for route in ROUTES)
    assert PERMISSIONS.keys() >= QUIET


def test_every_route_of_the_console_passes_the_gate(console: FastAPI) -> None:
    """Nothing under /console is served around it but the static files."""
    served = [route for route in console.routes if getattr(route, "path", "").startswith("/console")]
    others = [route.path for route in served if type(route).__name__ != "ConsoleRoute"]

    assert others == ["/console/static"]


def test_a_rule_limited_by_city_has_a_city_in_its_address() -> None:
    """Otherwise the gate could not check it; and what has a city in its address is limited by it."""
    for route in ROUTES:
        assert ("{city}" in route.path) == (PERMISSIONS[route.name].limit is not Limit.NOTHING), route.name


def test_a_get_changes_nothing() -> None:
    """Every rule that names a change belongs to a POST."""
    reading = {Permission.ANYBODY, Permission.SIGNED_IN} | {one for one in Permission if one.endswith(".read")}
    changes = set(Permission) - reading
    asked = [
        route.name for route in ROUTES
        if PERMISSIONS[route.name].permission in changes and "GET" in route.methods and not route.name.endswith("_page")
    ]  # fmt: skip

    assert asked == []


@pytest.mark.parametrize("role", ROLES)
async def test_the_matrix_of_routes_roles_and_cities(
    door: Door, hire: Hire, console: FastAPI, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a role may not do is refused with 403, everything else gets past the gate; another city's is always refused."""
    monkeypatch.setattr(inbox_events, "STREAM_SECONDS", 0.0)  # this client reads a stream to its end
    hire("taro", (role, "hoshimi"))
    await door.sign_in("taro")
    wrong = []
    for method, path, _, city, may in (row for row in matrix() if row[2] == role):
        response = await (door.get(path) if method == "GET" else door.post(path))
        if (response.status_code != 403) != may:
            wrong.append((method, path, city, response.status_code))

    assert wrong == []
    refused = [row for row in matrix() if row[2] == role and not row[4]]
    assert [line.action for line in log_of(console)].count("denied") == len(refused)


@pytest.mark.parametrize("department", ["own", "other", None])
@pytest.mark.parametrize("language", ["own", "other", None])
@pytest.mark.parametrize("role", sorted(LIMITED))
def test_the_matrix_of_departments_and_languages(role: str, department: str | None, language: str | None) -> None:
    """A limited role reaches its own departments and languages, and what has none; nothing of another."""
    limited = Assignment("1", role, "hoshimi", frozenset({"own"}), frozenset({"own"}))
    person = Staff("1", "taro", "Taro", assignments=(limited,))
    for permission in Permission:
        may = permission in ROLES[role] and "other" not in (department, language)
        assert allows(person, permission, Where("hoshimi", department, language)) == may
        assert not allows(person, permission, Where("tomi", department, language))


def test_limits_of_two_roles_are_not_mixed() -> None:
    """Answering taxes in Japanese and insurance in English is not answering taxes in English."""
    person = Staff("1", "taro", "Taro", assignments=(
        Assignment("1", "officer", "hoshimi", frozenset({"tax"}), frozenset({"ja"})),
        Assignment("2", "officer", "hoshimi", frozenset({"insurance"}), frozenset({"en"})),
    ))  # fmt: skip

    assert allows(person, Permission.DESK_ANSWER, Where("hoshimi", "tax", "ja"))
    assert not allows(person, Permission.DESK_ANSWER, Where("hoshimi", "tax", "en"))
    assert departments_of(person, Permission.DESK_READ, "hoshimi") == {"tax", "insurance"}


async def test_a_refusal_says_which_right_is_missing_and_whom_to_ask(door: Door, hire: Hire) -> None:
    """The page helps whoever meets it, in the language of their account."""
    hire("taro", ("officer", "hoshimi"), language="en")
    await door.sign_in("taro")
    response = await door.get("/console/hoshimi/staff")

    assert response.status_code == 403
    assert "see staff accounts" in response.text
    assert "administrator" in response.text


async def test_a_city_that_is_not_served_is_not_there(door: Door, hire: Hire) -> None:
    """Also for an administrator of all cities."""
    hire("taro", ("admin", "*"))
    await door.sign_in("taro")

    assert (await door.get("/console/atlantis/staff")).status_code == 404
    assert (await door.get("/console/tomi/staff")).status_code == 200


async def test_a_role_that_is_taken_away_ends_at_once(door: Door, hire: Hire, console: FastAPI) -> None:
    """Nobody has to sign in again for it: the account is read at each request."""
    hire("taro", ("admin", "hoshimi"))
    hire("hanako", ("auditor", "hoshimi"))
    other = Door(console)
    await other.sign_in("hanako")
    assert (await other.get("/console/hoshimi/audit")).status_code == 200

    await door.sign_in("taro")
    gone = await door.post("/console/hoshimi/staff/id-hanako/roles/hanako-0/remove")
    assert gone.status_code == 303
    assert (await other.get("/console/hoshimi/audit")).status_code == 403


async def test_an_unknown_address_is_a_page(door: Door) -> None:
    """With words, not with JSON."""
    response = await door.get("/console/no/such/thing")

    assert response.status_code == 404
    assert "ここには何もありません" in response.text
