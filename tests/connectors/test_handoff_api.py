"""The resident's side of a hand-off over HTTP: how it stands, live news from staff, e-mail, and the link that leads back."""

import stat
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import expect

from bot.app import create_app
from bot.handler import Handler
from bot.handoff import Officer
from bot.settings import Settings
from bot.storage.tickets import ticket_with_number
from connectors.web.handoff import box, notices
from tests.conftest import talking_to
from tests.connectors.conftest import Open, Server, ask, replying
from tests.connectors.test_browser_access import check_axe

OFFICER = Officer("staff-1", "山田")
API = "/api/v1/hoshimi"


async def asked(client: httpx.AsyncClient, language: str = "ja") -> tuple[str, str]:
    """Let a resident ask the residents' division; return the conversation and the ticket's number."""
    talk, ticket = None, None
    for text in ("転入届はいつまで", "say:person", "desk:residents"):
        body = {"text": text, "conversation": talk, "language": language}
        turn = (await client.post(f"{API}/messages", json=body)).json()
        talk, ticket = turn["conversation"], turn["reply"].get("ticket")
    assert talk
    assert ticket
    return talk, ticket


def handler_of(app: FastAPI) -> Handler:
    """Return the shell of an application."""
    handler: Handler = app.state.handler
    return handler


async def test_the_state_of_a_hand_off_is_told_step_by_step(client: httpx.AsyncClient, app: FastAPI) -> None:
    """Nothing with the bot; waiting with number, department and promise; staff; nothing again when closed."""
    first = (await client.post(f"{API}/messages", json={"text": "住民票がほしい"})).json()["conversation"]
    nothing = (await client.get(f"{API}/conversations/{first}/handoff")).json()
    talk, number = await asked(client)
    waiting = (await client.get(f"{API}/conversations/{talk}/handoff")).json()
    desk = handler_of(app).desk
    ticket = await desk.take("hoshimi", number, OFFICER, 1)
    staff = (await client.get(f"{API}/conversations/{talk}/handoff")).json()
    await desk.close("hoshimi", number, OFFICER, ticket.version)

    assert nothing["state"] is None
    assert (waiting["state"], waiting["ticket"], waiting["department"]) == ("waiting", number, "市民課")
    assert waiting["promised_at"].endswith("+09:00")
    assert staff["state"] == "staff"
    assert (await client.get(f"{API}/conversations/{talk}/handoff")).json()["state"] is None


async def test_a_number_opens_nothing(client: httpx.AsyncClient) -> None:
    """Tickets are read by the conversation's secret id only, in their own city only."""
    talk, number = await asked(client)

    assert (await client.get(f"{API}/conversations/{number}/handoff")).status_code == 404
    assert (await client.get(f"/api/v1/anjo/conversations/{talk}/handoff")).status_code == 404


async def test_polling_gives_what_staff_wrote_with_its_author(client: httpx.AsyncClient, app: FastAPI) -> None:
    """The turns after the last one seen: taken, replied, closed; each says who wrote it and who holds the talk."""
    talk, number = await asked(client)
    last = (await client.get(f"{API}/conversations/{talk}/turns")).json()[-1]["turn"]
    desk = handler_of(app).desk
    ticket = await desk.take("hoshimi", number, OFFICER, 1)
    await desk.reply("hoshimi", number, OFFICER, "14日以内です", ticket.version)
    await desk.close("hoshimi", number, OFFICER, ticket.version + 1)
    turns = (await client.get(f"{API}/conversations/{talk}/turns", params={"after": last})).json()

    told = [(turn["reply"]["author"], turn["reply"]["handoff"], turn["reply"]["ticket"]) for turn in turns]
    assert told == [("bot", "staff", number), ("staff", "staff", number), ("bot", "closed", number)]
    assert turns[1]["reply"]["blocks"][0]["text"] == "14日以内です"


async def test_erasing_a_talk_over_the_api_leaves_a_tombstone(client: httpx.AsyncClient, app: FastAPI) -> None:
    """The resident erases: the talk is gone at once, staff keep number and dates only."""
    talk, number = await asked(client)
    assert (await client.delete(f"{API}/conversations/{talk}")).status_code == 204

    assert (await client.get(f"{API}/conversations/{talk}/handoff")).status_code == 404
    left = await handler_of(app).desk.ticket("hoshimi", number)
    assert (left.conversation, left.question, left.is_open) == (None, "", False)


async def test_a_return_link_is_used_up_by_the_button_not_by_looking(client: httpx.AsyncClient) -> None:
    """A program that opens links may look as often as it likes; the first POST gets the talk, the second nothing."""
    talk, _ = await asked(client)
    made = (await client.post(f"{API}/conversations/{talk}/handoff/link")).json()
    path = urlsplit(made["url"]).path
    pages = [await client.get(path, params={"lang": "pt-BR"}) for _ in range(3)]
    first, second = [await client.post(path) for _ in range(2)]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert "Voltar à conversa" in pages[0].text
    assert talk not in pages[0].text
    assert pages[0].headers["referrer-policy"] == "no-referrer"
    assert pages[0].headers["cache-control"] == "no-store"
    assert first.json() == {"conversation": talk}
    assert (second.status_code, second.json()["error"]["code"]) == (410, "link_gone")
    assert made["hours"] == 168


async def test_without_a_ticket_there_is_no_link_and_no_address(client: httpx.AsyncClient) -> None:
    """Each says what to do first."""
    talk = (await client.post(f"{API}/messages", json={"text": "住民票がほしい"})).json()["conversation"]

    assert (await client.post(f"{API}/conversations/{talk}/handoff/link")).json()["error"]["code"] == "no_ticket"
    assert (await client.delete(f"{API}/conversations/{talk}/handoff/email")).json()["error"]["code"] == "no_ticket"


async def test_without_a_mail_server_no_address_is_taken(client: httpx.AsyncClient) -> None:
    """Nobody is promised a mail that cannot be sent."""
    talk, _ = await asked(client)
    refused = await client.put(f"{API}/conversations/{talk}/handoff/email", json={"email": "hoshi@example.jp"})

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "no_mail")


async def test_an_address_is_kept_sealed(settings: Settings, tmp_path: Path) -> None:
    """Encrypted in the database, with a key that only the service may read; forgotten on wish."""
    own = settings.model_copy(update={
        "database_url": f"sqlite:///{tmp_path}/facts.sqlite3", "desk_key_file": f"{tmp_path}/desk-key",
        "smtp_url": type(settings.smtp_url)("smtp://127.0.0.1:9"), "mail_from": "madoguchi@hoshimi.example",
    })  # fmt: skip
    app = create_app(own, ["hoshimi"])
    async with talking_to(app) as client:
        talk, number = await asked(client)
        path = f"{API}/conversations/{talk}/handoff/email"
        wrong = await client.put(path, json={"email": "not an address"})
        assert (await client.put(path, json={"email": "hoshi@example.jp"})).status_code == 204
        told = (await client.get(f"{API}/conversations/{talk}/handoff")).json()
        database = handler_of(app).database
        ticket = database.read_now(lambda connection: ticket_with_number(connection, "hoshimi", number))
        assert (await client.delete(path)).status_code == 204
        after = (await client.get(f"{API}/conversations/{talk}/handoff")).json()
        assert notices(app).post is not None
        database.close()

    assert wrong.status_code == 422
    assert (told["email"], after["email"]) == (True, False)
    assert ticket is not None
    assert ticket.sealed_email is not None
    assert "hoshi" not in ticket.sealed_email
    assert box(own).decrypt(ticket.sealed_email.encode()) == b"hoshi@example.jp"
    assert stat.S_IMODE((tmp_path / "desk-key").stat().st_mode) == 0o600


@pytest.mark.browser
def test_the_return_page_opens_the_talk_on_another_device(open_page: Open, server: Server) -> None:
    """One button on a telephone that never saw the talk: the chat opens with all of it; the link is dead afterwards."""
    with httpx.Client(base_url=server.base) as client:
        talk = None
        for text in ("転入届はいつまで", "say:person", "desk:residents"):
            body = {"text": text, "conversation": talk, "language": "ja"}
            talk = client.post(f"{API}/messages", json=body).json()["conversation"]
        path = urlsplit(client.post(f"{API}/conversations/{talk}/handoff/link").json()["url"]).path
    page = open_page(f"{path}?lang=ja")
    check_axe(page)
    page.get_by_role("button", name="会話に戻る").click()
    page.wait_for_url("**/hoshimi/chat?lang=ja")
    expect(page.locator("body")).to_contain_text("受付番号は")

    again = open_page(f"{path}?lang=ja")
    again.get_by_role("button", name="会話に戻る").click()
    expect(again.get_by_role("alert")).to_contain_text("もう使えません")


@pytest.mark.browser
def test_a_resident_notes_a_link_before_closing_the_screen(open_page: Open, server: Server) -> None:
    """From the reply that gives the number to the page with the ways; its link leads back from an empty browser."""
    page = open_page("/hoshimi/chat?lang=ja")
    ask(page, "say:person")
    with replying(page):
        page.locator(".turn").last.locator(".choices button").first.click()
    page.get_by_role("link", name="返信の受け取り方").click()
    page.get_by_role("button", name="戻るためのリンクを作る").click()
    address = page.locator("#made input").input_value()
    check_axe(page)
    page.get_by_role("link", name="会話に戻る").click()
    expect(page.locator(".desk")).to_contain_text("2026-0")
    elsewhere = open_page(urlsplit(address).path + "?lang=ja")
    elsewhere.get_by_role("button", name="会話に戻る").click()

    expect(elsewhere.locator(".desk")).to_contain_text("2026-0")


@pytest.mark.browser
def test_without_a_question_to_staff_the_page_says_so(open_page: Open) -> None:
    """A browser that knows no talk gets words and a way on, no buttons that cannot work."""
    page = open_page("/hoshimi/receive?lang=ja")

    expect(page.get_by_role("alert")).to_contain_text("見つかりません")
    expect(page.locator("#ways")).to_be_hidden()
