"""The door: who gets in, who does not, and what each is told."""

from collections.abc import Callable

import httpx
import pyotp
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from bot.storage.staff import Staff
from bot.storage.staff_sessions import add_failure
from bot.storage.staff_tables import staff, staff_sessions
from tests.console.conftest import BASE, PASSWORD, Clock, Door, log_of, stored, write

Hire = Callable[..., Staff]


async def test_nobody_gets_in_without_signing_in(door: Door) -> None:
    """A page of the console sends a stranger to the door, which brings them back afterwards."""
    response = await door.get("/console/hoshimi/staff?x=1")

    assert response.status_code == 303
    assert response.headers["location"] == "/console/sign-in?next=/console/hoshimi/staff%3Fx%3D1"


async def test_name_and_password_open_the_door(door: Door, hire: Hire, console: FastAPI) -> None:
    """The session's cookie cannot be read by scripts, and the sign-in is in the audit log."""
    hire("taro", ("officer", "hoshimi"))
    response = await door.sign_in("Taro ", next_="/console/account")

    assert (response.status_code, response.headers["location"]) == (303, "/console/account")
    assert "HttpOnly" in response.headers["set-cookie"]
    assert "SameSite=lax" in response.headers["set-cookie"]
    assert (await door.get("/console")).status_code == 200
    assert [(line.action, line.name) for line in log_of(console)] == [("signed-in", "Taro")]


async def test_only_a_digest_of_the_token_is_stored(door: Door, hire: Hire, console: FastAPI) -> None:
    """Who reads the database cannot use anybody's session, nor their password."""
    hire("taro", ("officer", "hoshimi"))
    response = await door.sign_in("taro")
    token = response.cookies["madoguchi-console"]
    whole = console.state.handler.database.read_now(
        lambda connection: [str(row) for table in (staff, staff_sessions) for row in connection.execute(select(table))]
    )

    assert len(token) == 43
    assert not [row for row in whole if token in row or PASSWORD in row]


@pytest.mark.parametrize(("login", "password"), [("taro", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD)])
async def test_a_wrong_password_an_unknown_name_and_a_disabled_account_look_the_same(
    door: Door, hire: Hire, console: FastAPI, login: str, password: str
) -> None:
    """Nobody learns which accounts there are; the log does not keep what was typed."""
    hire("taro", ("officer", "hoshimi"))
    hire("gone", ("officer", "hoshimi"), active=False)
    response = await door.sign_in(login, password)

    assert response.status_code == 401
    assert "サインイン名かパスワードが違うか、アカウントが停止されています" in response.text
    assert password not in str(log_of(console))
    assert log_of(console)[0].action == "sign-in-failed"


async def test_failed_tries_wait_longer_and_longer(door: Door, hire: Hire, clock: Clock) -> None:
    """After five the door is closed for a minute, then for two; the right password does not open it meanwhile."""
    hire("taro", ("officer", "hoshimi"))
    for _ in range(4):
        assert (await door.sign_in("taro", "wrong")).status_code == 401
    response = await door.sign_in("taro", "wrong")
    until = clock.now.replace(second=0)
    assert "サインインできません" in response.text

    assert (await door.sign_in("taro")).status_code == 429
    clock.forward(seconds=61)
    assert (await door.sign_in("taro", "wrong")).status_code == 401
    clock.forward(seconds=61)
    closed = await door.sign_in("taro")
    assert closed.status_code == 429
    assert until.strftime("%H:") in closed.text
    clock.forward(seconds=61)
    assert (await door.sign_in("taro")).status_code == 303


async def test_an_unknown_name_is_locked_out_alike(door: Door) -> None:
    """Otherwise the lock would tell which accounts there are."""
    for _ in range(5):
        await door.sign_in("nobody", "wrong")

    assert (await door.sign_in("nobody", "wrong")).status_code == 429


async def test_an_address_that_tries_many_names_is_locked_out(door: Door, hire: Hire, console: FastAPI, clock: Clock) -> None:
    """Forty failures from one network close the door for it, whatever the names."""
    hire("taro", ("officer", "hoshimi"))
    for _ in range(39):
        write(console, lambda connection: add_failure(connection, "address:192.0.2.0/24", clock.now))
    assert (await door.sign_in("somebody", "wrong")).status_code == 401

    assert (await door.sign_in("taro")).status_code == 429


async def test_the_second_factor_is_asked_for(door: Door, hire: Hire, console: FastAPI, clock: Clock) -> None:
    """With one-time codes the password opens nothing yet; the code does, once, with a new token."""
    hire("taro", ("officer", "hoshimi"))
    await door.sign_in("taro")
    secret = await enrol(door, clock)
    await door.post("/console/sign-out")
    clock.forward(seconds=60)
    halfway = await door.sign_in("taro", next_="/console/account")
    assert halfway.headers["location"] == "/console/sign-in/code?next=%2Fconsole%2Faccount"
    assert (await door.get("/console")).status_code == 303

    code = pyotp.TOTP(secret).at(clock.now)
    whole = await door.post("/console/sign-in/code", {"code": code, "next": "/console/account"}, page="/console/sign-in/code")
    assert whole.headers["location"] == "/console/account"
    assert whole.cookies["madoguchi-console"] != halfway.cookies["madoguchi-console"]
    assert (await door.get("/console")).status_code == 200

    again = Door(console)
    await again.sign_in("taro")
    replayed = await again.post("/console/sign-in/code", {"code": code}, page="/console/sign-in/code")
    assert replayed.status_code == 401
    assert "すでに使われています" in replayed.text


async def test_a_recovery_code_works_once(door: Door, hire: Hire, console: FastAPI, clock: Clock) -> None:
    """However it is typed; its use is logged."""
    hire("taro", ("officer", "hoshimi"))
    await door.sign_in("taro")
    codes: list[str] = []
    await enrol(door, clock, codes)
    for expected in (303, 401):
        browser = Door(console)
        await browser.sign_in("taro")
        typed = {"code": codes[0].lower().replace("-", " ")}
        assert (await browser.post("/console/sign-in/code", typed, page="/console/sign-in/code")).status_code == expected

    assert len(codes) == 10
    assert "recovery-code-used" in [line.action for line in log_of(console)]


async def test_the_secret_of_the_codes_is_sealed(door: Door, hire: Hire, console: FastAPI, clock: Clock) -> None:
    """A dump of the database does not give anybody's second factor."""
    hire("taro", ("officer", "hoshimi"))
    await door.sign_in("taro")
    secret = await enrol(door, clock)

    assert secret not in str(stored(console, "taro"))
    assert stored(console, "taro").totp_on


async def test_wrong_codes_lock_out_too(door: Door, hire: Hire, console: FastAPI, clock: Clock) -> None:
    """Six digits would be guessed otherwise."""
    hire("taro", ("officer", "hoshimi"))
    await door.sign_in("taro")
    secret = await enrol(door, clock)
    clock.forward(minutes=5)
    browser = Door(console)
    await browser.sign_in("taro")
    for _ in range(5):
        await browser.post("/console/sign-in/code", {"code": "000000"}, page="/console/sign-in/code")
    right = {"code": pyotp.TOTP(secret).at(clock.now)}
    response = await browser.post("/console/sign-in/code", right, page="/console/sign-in/code")

    assert response.status_code == 401
    assert "サインインできません" in response.text


async def test_a_halfway_session_ends_after_ten_minutes(door: Door, hire: Hire, clock: Clock) -> None:
    """A password that was given once does not wait for a code for ever."""
    hire("taro", ("officer", "hoshimi"))
    await door.sign_in("taro")
    await enrol(door, clock)
    await door.post("/console/sign-out")
    await door.sign_in("taro")
    clock.forward(minutes=11)

    assert (await door.get("/console/sign-in/code")).status_code == 303


async def test_the_emergency_account_needs_codes_and_is_loud(door: Door, hire: Hire, console: FastAPI, clock: Clock) -> None:
    """Nothing opens before codes are set up; each use has its own line in the log, and every page says it."""
    hire("kinkyu", ("admin", "*"), break_glass=True)
    await door.sign_in("kinkyu")
    refused = await door.get("/console")
    assert (refused.status_code, refused.headers["location"]) == (303, "/console/account/totp")

    await enrol(door, clock)
    assert "緊急用アカウントで操作しています" in (await door.get("/console")).text
    assert "break-glass" in [line.action for line in log_of(console)]
    clock.forward(minutes=1)
    off = await door.post("/console/account/totp/off", {"code": "123456"})
    assert off.status_code == 422
    assert stored(console, "kinkyu").totp_on


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/console.evil", "/\\evil", "/hoshimi"])
async def test_the_door_leads_nowhere_else(door: Door, hire: Hire, wanted: str) -> None:
    """An address handed in with the link cannot send staff to another site."""
    hire("taro", ("officer", "hoshimi"))

    assert (await door.sign_in("taro", next_=wanted)).headers["location"] == "/console"


async def test_no_password_travels_in_the_clear(console: FastAPI, hire: Hire) -> None:
    """Over plain HTTP from another machine the console refuses, and says what to do."""
    hire("taro", ("officer", "hoshimi"))
    plain = Door(console, "http://madoguchi.example")
    response = await plain.sign_in("taro")

    assert response.status_code == 403
    assert "https://" in response.text
    assert "set-cookie" not in response.headers


async def test_over_https_the_cookie_is_bound_to_the_host(console: FastAPI, hire: Hire) -> None:
    """`__Host-` and Secure, and the browser is told to stay with HTTPS."""
    hire("taro", ("officer", "hoshimi"))
    safe = Door(console, "https://madoguchi.example")
    response = await safe.sign_in("taro")

    assert response.headers["set-cookie"].startswith("__Host-madoguchi=")
    assert "Secure" in response.headers["set-cookie"]
    assert "Domain" not in response.headers["set-cookie"]
    assert response.headers["strict-transport-security"] == "max-age=31536000"


async def enrol(door: Door, clock: Clock, codes: list[str] | None = None) -> str:
    """Set up one-time codes as a person does, and return the secret."""
    await door.post("/console/account/totp", {"step": "begin"}, page="/console/account/totp")
    shown = (await door.get("/console/account/totp")).text
    secret = shown.partition('translate="no">')[2].partition("<")[0].replace(" ", "")
    answer = await door.post("/console/account/totp", {"code": pyotp.TOTP(secret).at(clock.now)}, page="/console/account/totp")
    assert answer.status_code == 200, answer.text
    if codes is not None:
        codes += [part.partition("</code>")[0] for part in answer.text.split("<li><code>")[1:]]
    return secret


def test_the_base_of_these_tests_is_local() -> None:
    """The plain cookie is only for the machine itself."""
    assert httpx.URL(BASE).host == "localhost"
