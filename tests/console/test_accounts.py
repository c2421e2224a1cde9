"""Accounts: the first one, new ones, links for passwords, roles; and what an administrator of one city cannot do."""

import pytest
from fastapi import FastAPI

from bot.commands.staff_accounts import first_link
from bot.storage.staff_sessions import make_link
from connectors.console.passwords import mistakes
from tests.console.conftest import PASSWORD, Clock, Door, log_of, stored, write
from tests.console.test_sign_in import Hire

NEW = "hoshi to neko to ame"


def link_in(text: str) -> str:
    """Return the address that a page or a command shows."""
    return "/console/" + text.partition("/console/password/")[1].removeprefix("/console/") + text.partition(
        "/console/password/")[2].split("<")[0].split()[0]  # fmt: skip


async def test_the_first_link_makes_the_first_administrator(door: Door, console: FastAPI) -> None:
    """Looking at it does not use it up; using it does; then there is no such link any more."""
    address = first_link(console.state.handler.database, "")
    assert address is not None
    for _ in range(2):
        assert "最初の管理者を作る" in (await door.get(address)).text
    form = {"name": "星 太郎", "login": "Taro", "password": NEW, "again": NEW}
    response = await door.post(address, form, page=address)

    assert (response.status_code, response.headers["location"]) == (303, "/console/account/totp")
    assert (await door.get("/console/tomi/staff")).status_code == 200
    assert stored(console, "taro").roles == {"admin"}
    assert (await Door(console).get(address)).status_code == 410
    assert first_link(console.state.handler.database, "") is None
    assert "first-account" in [line.action for line in log_of(console)]


async def test_the_first_link_is_good_for_an_hour_and_only_the_last_one(door: Door, console: FastAPI, clock: Clock) -> None:
    """A restart voids the link of before."""
    first, second = (first_link(console.state.handler.database, "") for _ in range(2))

    assert (await door.get(first or "")).status_code == 410
    assert (await door.get(second or "")).status_code == 200
    clock.forward(minutes=61)
    assert (await door.get(second or "")).status_code == 410


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("password", "short", "12文字以上"),
        ("password", "password1234", "よく使われる言葉"),
        ("password", "taro.hoshimi.taro", "よく使われる言葉"),
        ("again", "another one entirely", "2回入れたパスワードが違います"),
        ("login", "星", "サインイン名は"),
        ("name", "", "名前を入れてください"),
    ],
)
async def test_a_mistake_is_told_at_its_field(door: Door, console: FastAPI, field: str, value: str, told: str) -> None:
    """The message stands at the head, linked to the field, and at the field itself; what was typed stays, but for passwords."""
    address = first_link(console.state.handler.database, "") or ""
    form = {"name": "星 太郎", "login": "taro", "password": NEW, "again": NEW} | {field: value}
    response = await door.post(address, form | ({"again": value} if field == "password" else {}), page=address)

    assert response.status_code == 422
    assert told in response.text
    assert f'href="#{field}"' in response.text
    assert f'id="{field}-mistake"' in response.text
    assert response.text.count('aria-invalid="true"') == 1
    assert NEW not in response.text


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("kumo no ue no neko", True),
        ("ＫＵＭＯ　ｎｏ　ｕｅ　ｎｏ", True),
        ("雲の上の猫がとても眠そう", True),
        ("aaaaaaaaaaaaaaaa", False),
        ("123456789012", False),
        ("qwertyuiop12345", False),
        ("hoshimi2026hoshimi", False),
        ("Password!Password!", False),
        ("x" * 257, False),
        ("ねこ", False),
    ],
)
def test_what_a_good_password_is(password: str, good: bool) -> None:
    """Long, and made of more than common words, digits in a row, the city or oneself; any characters, none demanded."""
    assert (mistakes(password, ("taro", "Taro", "hoshimi")) == []) == good


async def test_an_administrator_adds_an_account(door: Door, hire: Hire, console: FastAPI) -> None:
    """They hand over a link; only the owner ever knows the password."""
    hire("taro", ("admin", "hoshimi"))
    await door.sign_in("taro")
    form = {"name": "花子", "login": "hanako", "language": "en", "role": "officer", "all_departments": "some",
            "departments": ["residents", "pension"], "all_languages": "all"}  # fmt: skip
    made = await door.post("/console/hoshimi/staff/new", form)
    assert made.status_code == 200
    (role,) = stored(console, "hanako").assignments
    assert (role.role, role.city, role.departments, role.languages) == ("officer", "hoshimi", {"residents", "pension"}, None)

    hanako, address = Door(console), link_in(made.text)
    assert "花子" in (await hanako.get(address)).text
    assert (await hanako.post(address, {"password": NEW, "again": NEW}, page=address)).status_code == 303
    assert "What needs you" in (await hanako.get("/console")).text
    assert (await Door(console).get(address)).status_code == 410
    assert (await Door(console).sign_in("hanako", NEW)).status_code == 303


async def test_the_address_of_the_link_is_nowhere_but_on_the_page(door: Door, hire: Hire, console: FastAPI) -> None:
    """Neither the database nor the log holds it."""
    hire("taro", ("admin", "hoshimi"))
    await door.sign_in("taro")
    form = {"name": "花子", "login": "hanako", "role": "editor", "all_departments": "all", "all_languages": "all"}
    token = link_in((await door.post("/console/hoshimi/staff/new", form)).text).rpartition("/")[2]
    rows = write(console, lambda connection: connection.exec_driver_sql("SELECT * FROM staff_links").all())

    assert len(token) == 43
    assert token not in str(rows)
    assert token not in str(log_of(console))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"role": ""}, "役割を1つ選んでください"),
        ({"role": "chief"}, "役割を1つ選んでください"),
        ({"departments": ["atlantis"]}, "課を1つ以上選ぶか"),
        ({"login": "taro", "all_departments": "all"}, "すでに使われています"),
    ],
)
async def test_a_wrong_new_account_is_explained(door: Door, hire: Hire, more: dict[str, str], told: str) -> None:
    """No role, no department marked, a name that is taken."""
    hire("taro", ("admin", "hoshimi"))
    await door.sign_in("taro")
    form = {"name": "花子", "login": "hanako", "role": "officer", "all_departments": "some", "all_languages": "all"} | more
    response = await door.post("/console/hoshimi/staff/new", form)

    assert response.status_code == 422
    assert told in response.text


async def test_an_administrator_of_one_city_reaches_no_other(door: Door, hire: Hire, console: FastAPI) -> None:
    """Neither its accounts, nor roles everywhere, nor people who also work elsewhere."""
    hire("taro", ("admin", "hoshimi"))
    hire("tomiko", ("officer", "tomi"))
    hire("both", ("officer", "hoshimi"), ("officer", "tomi"))
    hire("chief", ("admin", "*"))
    await door.sign_in("taro")
    listed = (await door.get("/console/hoshimi/staff")).text
    assert "Tomiko" not in listed
    assert "Both" in listed

    role = {"role": "admin", "everywhere": "on", "all_departments": "all", "all_languages": "all"}
    assert (await door.get("/console/hoshimi/staff/id-tomiko")).status_code == 404
    assert (await door.post("/console/hoshimi/staff/id-tomiko/roles", role)).status_code == 404
    assert (await door.post("/console/hoshimi/staff/id-both", {"name": "X"})).status_code == 403
    assert (await door.post("/console/hoshimi/staff/id-both/link")).status_code == 403
    assert (await door.post("/console/hoshimi/staff/id-both/roles/both-1/remove")).status_code == 404
    assert (await door.post("/console/hoshimi/staff/id-chief/sessions")).status_code == 403
    assert (await door.post("/console/hoshimi/staff/id-chief/roles/chief-0/remove")).status_code == 404
    assert (await door.post("/console/hoshimi/staff/id-both/roles", role)).status_code == 303
    assert {one.city for one in stored(console, "both").assignments if one.role == "admin"} == {"hoshimi"}
    loud = {**role, "name": "Y", "login": "yy", "break_glass": "on"}
    assert (await door.post("/console/hoshimi/staff/new", loud)).status_code == 200
    assert not stored(console, "yy").break_glass


async def test_nobody_locks_themselves_out(door: Door, hire: Hire, console: FastAPI) -> None:
    """An administrator neither disables their own account nor takes their own administration away."""
    hire("taro", ("admin", "hoshimi"))
    await door.sign_in("taro")

    assert (await door.post("/console/hoshimi/staff/id-taro", {"name": "Taro"})).status_code == 422
    assert (await door.post("/console/hoshimi/staff/id-taro/roles/taro-0/remove")).status_code == 409
    assert stored(console, "taro").active


@pytest.mark.parametrize("role", ["admin", "auditor"])
async def test_administrators_and_auditors_are_for_the_whole_city(door: Door, hire: Hire, console: FastAPI, role: str) -> None:
    """A limit on them would be no limit: who gives roles could give themselves the others."""
    hire("taro", ("admin", "hoshimi"))
    hire("hanako", ("officer", "hoshimi"))
    await door.sign_in("taro")
    form = {"role": role, "all_departments": "some", "departments": ["pension"], "all_languages": "some", "languages": ["ja"]}
    await door.post("/console/hoshimi/staff/id-hanako/roles", form)
    (given,) = [one for one in stored(console, "hanako").assignments if one.role == role]

    assert (given.departments, given.languages) == (None, None)


async def test_a_reset_ends_everything_old(door: Door, hire: Hire, console: FastAPI) -> None:
    """The old password, the open sessions and on request the one-time codes; the account is the same."""
    hire("taro", ("admin", "hoshimi"))
    hire("hanako", ("officer", "hoshimi"), totp="x", totp_on=False)
    other = Door(console)
    await other.sign_in("hanako")
    await door.sign_in("taro")
    shown = await door.post("/console/hoshimi/staff/id-hanako/link", {"codes": "on"})

    assert (await other.get("/console")).status_code == 303
    assert (await other.sign_in("hanako")).status_code == 401
    assert stored(console, "hanako").totp is None
    address = link_in(shown.text)
    assert (await other.post(address, {"password": NEW, "again": NEW}, page=address)).status_code == 303


async def test_a_link_does_not_get_around_the_second_factor(door: Door, hire: Hire, console: FastAPI, clock: Clock) -> None:
    """Who finds a link still needs the code."""
    hire("taro", ("officer", "hoshimi"), totp="x", totp_on=True)
    token = write(console, lambda connection: make_link(connection, "password", "id-taro", clock.now))
    address = f"/console/password/{token}"
    response = await door.post(address, {"password": NEW, "again": NEW}, page=address)

    assert response.headers["location"].startswith("/console/sign-in/code")


async def test_one_changes_ones_own_password(door: Door, hire: Hire, console: FastAPI) -> None:
    """With the old one; other sessions end, this one stays."""
    hire("taro", ("officer", "hoshimi"))
    other = Door(console)
    await other.sign_in("taro")
    await door.sign_in("taro")
    wrong = await door.post("/console/account/password", {"old": "wrong", "password": NEW, "again": NEW})
    assert (wrong.status_code, "いまのパスワードが違います" in wrong.text) == (422, True)
    right = await door.post("/console/account/password", {"old": PASSWORD, "password": NEW, "again": NEW})

    assert right.headers["location"] == "/console/account?done=password-changed"
    assert "パスワードを変えました" in (await door.get("/console/account?done=password-changed")).text
    assert (await door.get("/console")).status_code == 200
    assert (await other.get("/console")).status_code == 303
    assert (await other.sign_in("taro", NEW)).status_code == 303


async def test_a_stolen_session_cannot_guess_the_password(door: Door, hire: Hire) -> None:
    """The old password is asked for as at the door: after five failures not even the right one helps for a while."""
    hire("taro", ("officer", "hoshimi"))
    await door.sign_in("taro")
    for _ in range(5):
        await door.post("/console/account/password", {"old": "wrong", "password": NEW, "again": NEW})
    response = await door.post("/console/account/password", {"old": PASSWORD, "password": NEW, "again": NEW})

    assert response.status_code == 422


async def test_the_language_of_the_account_is_the_language_of_the_pages(door: Door, hire: Hire) -> None:
    """Whatever the browser says."""
    hire("taro", ("officer", "hoshimi"))
    await door.sign_in("taro")
    await door.post("/console/account", {"name": "Taro", "language": "en"})

    assert '<html lang="en">' in (await door.get("/console")).text
