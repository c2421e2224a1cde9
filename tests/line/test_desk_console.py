"""A question from LINE as staff answer it in the console: with the link to the web chat, and with relay, where a city has it."""

import json
import re

from bot.storage.staff import Assignment, Staff, add_staff
from connectors import console, web
from connectors.line.handoff import deliver_due
from tests.console.conftest import HASH, Door
from tests.line.conftest import Channel, Open, write_channels
from tests.line.fake.line import FakeLine, resident

ANNA = resident(7)
REPLY, NOTE = "土曜日は閉まっています。平日にお越しください。", "次の人へ：電話はしないこと"




async def officer(talk: Channel, login: str = "hanako") -> Door:
    """Open the web room and the console beside LINE, and sign an officer in."""
    if not any(getattr(route, "path", "") == "/console/static" for route in talk.app.routes):
        console.mount(talk.app)
        web.mount(talk.app)
    person = Staff(f"id-{login}", login, f"見本 {login}", password=HASH, assignments=(Assignment(login, "officer", "hoshimi"),))
    now = talk.office.now()
    await talk.office.database.write(lambda connection: add_staff(connection, person, now))
    door = Door(talk.app, "https://city.example")
    await door.sign_in(login)
    return door


async def step(door: Door, number: str, name: str, **form: str) -> str:
    """Do a step of staff as the ticket's page offers it, and return the page that comes."""
    address = f"/console/hoshimi/tickets/{number}"
    version = (await door.get(address)).text.partition('name="version"')[2].partition('value="')[2].partition('"')[0]
    response = await door.post(f"{address}/{name}", {"version": version, **form})
    assert response.status_code == 303, response.text
    return (await door.get(address)).text


async def number_in(door: Door) -> str:
    """Return the number of the only ticket of the inbox."""
    (number,) = set(re.findall(r'data-ticket="([\d-]+)"', (await door.get("/console/hoshimi/inbox?channel=line")).text))
    return number


def tap(talk: Channel, value: str) -> dict[str, object]:
    """Return the event of a button of ours."""
    return talk.line.postback(ANNA, f"{value}|r1|" + talk.office.keys.mark(f"hoshimi|{value}|r1"))


async def worked_through(talk: Channel, door: Door, number: str) -> str:
    """Take, reply, note, pass on, close; return the page of the ticket as it was when the reply had gone out."""
    await step(door, number, "take")
    await step(door, number, "reply", text=REPLY, step="send")
    page = (await door.get(f"/console/hoshimi/tickets/{number}")).text
    await step(door, number, "note", note=NOTE)
    colleague = await officer(talk, "taro")
    await step(door, number, "assign", department="residents", officer="id-taro", note=NOTE)
    await step(colleague, number, "close")
    return page


async def delivered(talk: Channel) -> None:
    """Wait until nothing of the desk waits to go out on LINE."""
    await deliver_due(talk.office)
    await talk.settled()


async def test_by_link_the_resident_reads_on_the_web_what_line_never_holds(talk: Channel) -> None:
    """Ask on LINE, the link, the question on the web, taken, replied, noted, passed on, closed, the bot again (P-02)."""
    await talk.tell(talk.line.text(ANNA, "住民票がほしい"))
    (answer,) = await talk.answers(tap(talk, "say:person"))
    door = await officer(talk)
    token = re.findall(r"/hoshimi/return/([^\s?]+)", answer["text"])[0]
    opened = await talk.http.post(f"/hoshimi/return/{token}")
    conversation = opened.json()["conversation"]
    asked = {"text": "desk:residents", "conversation": conversation}
    turn = (await talk.http.post("/api/v1/hoshimi/messages", json=asked)).json()
    number = await number_in(door)
    assert turn["reply"]["ticket"] == number

    page = await worked_through(talk, door, number)
    assert "LINEには本文は出ません" in page
    await delivered(talk)
    turns = (await talk.http.get(f"/api/v1/hoshimi/conversations/{conversation}/turns")).json()
    outbox = json.dumps([sent.messages for sent in talk.line.outbox], ensure_ascii=False)

    assert REPLY in json.dumps(turns, ensure_ascii=False)
    assert REPLY not in outbox
    assert "回答があります" in outbox
    assert NOTE not in outbox + json.dumps(turns, ensure_ascii=False)
    assert "住民票" in await talk.says(ANNA, "住民票がほしい")


async def test_with_relay_staff_and_resident_talk_on_line(open_channel: Open, line: FakeLine) -> None:
    """The whole of it on LINE, where a city has decided so; the officer is told before writing."""
    write_channels(line, relay=True)
    talk = await open_channel()
    await talk.tell(talk.line.text(ANNA, "住民票がほしい"))
    await talk.tell(tap(talk, "say:person"))
    await talk.tell(tap(talk, "desk:residents"))
    door = await officer(talk)
    number = await number_in(door)
    await talk.tell(talk.line.text(ANNA, "土曜日は開いていますか"))

    page = await worked_through(talk, door, number)
    await delivered(talk)
    outbox = json.dumps([sent.messages for sent in talk.line.outbox], ensure_ascii=False)

    assert "そのままLINEに送られます" in page
    assert "土曜日は開いていますか" in page
    assert REPLY in outbox
    assert "自動応答に戻ります" in outbox
    assert NOTE not in outbox
    assert "住民票" in await talk.says(ANNA, "住民票がほしい")
