"""Sessions: how long they last, who can end them, and that only our own forms change anything."""

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from bot.storage.staff_tables import staff_failures, staff_sessions
from connectors.console import upkeep
from tests.console.conftest import Clock, Door, log_of, stored, write
from tests.console.test_sign_in import Hire

COOKIE = "madoguchi-console"


async def test_an_unused_session_ends(door: Door, hire: Hire, clock: Clock) -> None:
    """After 30 minutes without use; each use starts the time anew."""
    hire("taro", ("officer", "hoshimi"))
    await door.sign_in("taro")
    for _ in range(3):
        clock.forward(minutes=29)
        assert (await door.get("/console")).status_code == 200
    clock.forward(minutes=31)

    assert (await door.get("/console")).status_code == 303


async def test_a_session_in_use_ends_too(door: Door, hire: Hire, clock: Clock) -> None:
    """After ten hours in any case."""
    hire("taro", ("officer", "hoshimi"))
    await door.sign_in("taro")
    for _ in range(20):
        clock.forward(minutes=29)
        await door.get("/console")
    assert (await door.get("/console")).status_code == 200
    clock.forward(minutes=25)

    assert (await door.get("/console")).status_code == 303


async def test_signing_in_gives_a_new_token_and_ends_the_old(door: Door, hire: Hire, console: FastAPI) -> None:
    """A token that somebody planted or kept is worth nothing after the sign-in."""
    hire("taro", ("officer", "hoshimi"))
    first = (await door.sign_in("taro")).cookies[COOKIE]
    door.client.cookies.set(COOKIE, first, domain="localhost.local")
    await door.post("/console/sign-out")
    second = (await door.sign_in("taro")).cookies[COOKIE]
    thief = Door(console)
    thief.client.cookies.set(COOKIE, first)

    assert first != second
    assert (await thief.get("/console")).status_code == 303


async def test_signing_out_ends_the_session_itself(door: Door, hire: Hire, console: FastAPI) -> None:
    """Not only the cookie goes."""
    hire("taro", ("officer", "hoshimi"))
    token = (await door.sign_in("taro")).cookies[COOKIE]
    await door.post("/console/sign-out")
    thief = Door(console)
    thief.client.cookies.set(COOKIE, token)

    assert (await thief.get("/console")).status_code == 303


async def test_a_disabled_account_is_out_at_once(door: Door, hire: Hire, console: FastAPI) -> None:
    """Its sessions end with the next request, not with the next sign-in."""
    hire("taro", ("admin", "hoshimi"))
    hire("hanako", ("officer", "hoshimi"))
    other = Door(console)
    await other.sign_in("hanako")
    await door.sign_in("taro")
    assert (await door.post("/console/hoshimi/staff/id-hanako", {"name": "Hanako"})).status_code == 303

    assert not stored(console, "hanako").active
    assert (await other.get("/console")).status_code == 303
    assert "staff-disabled" in [line.action for line in log_of(console)]


async def test_one_sees_and_ends_ones_other_sessions(door: Door, hire: Hire, console: FastAPI) -> None:
    """Each alone, or all but this one; nobody else's."""
    hire("taro", ("officer", "hoshimi"))
    hire("hanako", ("officer", "hoshimi"))
    second, third, stranger = Door(console), Door(console), Door(console)
    for browser, login in ((door, "taro"), (second, "taro"), (third, "taro"), (stranger, "hanako")):
        await browser.sign_in(login)
    shown = (await door.get("/console/account")).text
    ids = [part.partition('"')[0] for part in shown.split('name="session" value="')[1:]]
    assert len(ids) == 3  # two others, and "others"

    await stranger.post("/console/account/sessions", {"session": ids[0]})
    await door.post("/console/account/sessions", {"session": ids[0]})
    states = [(await browser.get("/console")).status_code for browser in (door, second, third, stranger)]
    assert sorted(states) == [200, 200, 200, 303]

    await door.post("/console/account/sessions", {"session": "others"})
    states = [(await browser.get("/console")).status_code for browser in (door, second, third, stranger)]
    assert states == [200, 303, 303, 200]


async def test_an_administrator_ends_anybodys_sessions(door: Door, hire: Hire, console: FastAPI) -> None:
    """For a lost telephone, without disabling the account."""
    hire("taro", ("admin", "hoshimi"))
    hire("hanako", ("officer", "hoshimi"))
    other = Door(console)
    await other.sign_in("hanako")
    await door.sign_in("taro")
    await door.post("/console/hoshimi/staff/id-hanako/sessions")

    assert (await other.get("/console")).status_code == 303
    assert (await other.sign_in("hanako")).status_code == 303


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"referer": "https://evil.example/x"},
                                     {"sec-fetch-site": "cross-site"}, {}])  # fmt: skip
async def test_a_form_of_another_site_changes_nothing(door: Door, hire: Hire, console: FastAPI, headers: dict[str, str]) -> None:
    """Not even with the right token: the browser says where it comes from, and silence is no answer."""
    hire("taro", ("officer", "hoshimi"))
    await door.sign_in("taro")
    shown = (await door.get("/console/account")).text
    token = shown.partition('name="csrf" value="')[2].partition('"')[0]
    form = {"csrf": token, "name": "Evil", "language": "ja"}
    response = await door.client.post("/console/account", data=form, headers=headers)

    assert response.status_code == 403
    assert stored(console, "taro").name == "Taro"


@pytest.mark.parametrize("token", [None, "", "wrong"])
async def test_a_form_without_the_sessions_token_changes_nothing(
    door: Door, hire: Hire, console: FastAPI, token: str | None
) -> None:
    """The second lock on the same door."""
    hire("taro", ("officer", "hoshimi"))
    await door.sign_in("taro")
    form = {"name": "Evil", "language": "ja"} | ({} if token is None else {"csrf": token})
    response = await door.client.post("/console/account", data=form, headers={"origin": door.base})

    assert response.status_code == 403
    assert "画面が古くなっています" in response.text
    assert stored(console, "taro").name == "Taro"


async def test_a_form_without_end_is_refused(door: Door) -> None:
    """Before it is read."""
    response = await door.client.post("/console/sign-in", content=b"login=" + b"a" * 300_000, headers={"origin": door.base})

    assert response.status_code == 413


async def test_every_answer_keeps_to_itself(door: Door, hire: Hire) -> None:
    """No frame, no inline script, no copy in a cache, no address handed on; on pages, refusals and redirects alike."""
    hire("taro", ("officer", "hoshimi"))
    await door.sign_in("taro")
    for path in ("/console", "/console/nothing", "/console/hoshimi/staff", "/console/sign-in"):
        headers = (await door.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"


async def test_a_script_gets_json_instead_of_a_page(door: Door) -> None:
    """So that an open page can tell that its session is over."""
    response = await door.get("/console", headers={"accept": "application/json"})

    assert response.status_code == 401
    assert response.json()["error"]["code"] == "sign-in"


async def test_what_is_over_is_removed(door: Door, hire: Hire, console: FastAPI, clock: Clock) -> None:
    """Sessions and counts do not pile up."""
    hire("taro", ("officer", "hoshimi"))
    await door.sign_in("nobody", "wrong")
    await door.sign_in("taro")
    clock.forward(days=2)
    await upkeep.tidy(console.state.handler, console.state.settings)
    left = write(
        console, lambda connection: [connection.execute(select(table)).all() for table in (staff_sessions, staff_failures)]
    )

    assert left == [[], []]


async def test_an_error_inside_is_a_page_without_its_reasons(
    door: Door, hire: Hire, console: FastAPI, capsys: pytest.CaptureFixture[str]
) -> None:
    """Staff are told to try again; what happened stands in the service's log only."""
    hire("taro", ("officer", "hoshimi"), totp="sealed with another key")
    await door.sign_in("taro")
    response = await door.get("/console/account/totp")

    assert response.status_code == 500
    assert "うまく動きませんでした" in response.text
    assert "staff.key" not in response.text
