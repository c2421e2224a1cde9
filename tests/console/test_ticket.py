"""A ticket as officers work on it: what they read, what residents read of it, and what is kept of what they did."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from fastapi import FastAPI

from bot.messages import Message
from bot.storage.draft_suggestions import list_drafts
from bot.storage.staff import Assignment
from connectors.console.ticket_talk import language_written
from tests.conftest import TUESDAY
from tests.console.conftest import Clock, Door, log_of
from tests.console.test_inbox import Hire, handed_off, ticket

REPLY = "土曜日は閉まっています。"


@pytest.fixture(autouse=True)
def tuesday(clock: Clock) -> Clock:
    """A clock in office hours."""
    clock.now = TUESDAY
    return clock


@pytest.fixture(autouse=True)
def usual_hours(console: FastAPI) -> Iterator[None]:
    """The hours of the content again, after a test that changed them for the whole application."""
    yield
    console.state.handler.service.releases.update(console.state.content_releases)


@pytest.fixture
async def hanako(console: FastAPI, hire: Hire) -> Door:
    """An officer of the residents' department, signed in."""
    hire("hanako", Assignment("1", "officer", "hoshimi", frozenset({"residents"})))
    door = Door(console)
    await door.sign_in("hanako")
    return door


def at(number: str, step: str = "") -> str:
    """Return the address of a ticket, or of a step."""
    return f"/console/hoshimi/tickets/{number}{'/' if step else ''}{step}"


async def taken(console: FastAPI, door: Door, question: str = "住民票がほしい", language: str = "ja") -> str:
    """Open a ticket and take it."""
    number = await handed_off(console, question, language=language)
    assert (await door.post(at(number, "take"), {"version": "1"})).status_code == 303
    return number


async def test_the_page_shows_what_the_bot_tried(console: FastAPI, hanako: Door) -> None:
    """Decision, entry and certainty; what was tapped stands there as the resident read it."""
    page = (await hanako.get(at(await handed_off(console)))).text

    assert "自動応答が試したこと" in page
    assert re.search(r"確からしさ \d+%", page)
    assert "市民課に聞く" in page
    assert "desk:residents" not in page


async def test_the_log_tells_who_did_what_and_never_the_words(console: FastAPI, hanako: Door) -> None:
    """Reading, taking, replying, noting, passing on, closing (S-27)."""
    number = await taken(console, hanako)
    await hanako.get(at(number))
    await hanako.post(at(number, "reply"), {"version": "2", "text": REPLY, "step": "send"})
    await hanako.post(at(number, "note"), {"note": "秘密のメモ"})
    await hanako.post(at(number, "assign"), {"version": "3", "department": "residents", "officer": ""})
    await hanako.post(at(number, "close"), {"version": "4"})
    lines = [line for line in log_of(console) if line.target == number][::-1]

    assert [line.action.removeprefix("ticket-") for line in lines] == ["taken", "read", "replied", "noted", "assigned", "closed"]
    assert {line.name for line in lines} == {"Hanako"}
    assert REPLY not in "".join(line.detail for line in lines)
    assert "秘密" not in "".join(line.detail for line in lines)


async def test_a_note_never_reaches_the_resident(console: FastAPI, hanako: Door) -> None:
    """Neither the turns nor the state at the desk hold it (S-22)."""
    number = await taken(console, hanako)
    await hanako.post(at(number, "note"), {"note": "秘密のメモ"})
    conversation = (await ticket(console, number)).conversation
    turns = await hanako.client.get(f"/api/v1/hoshimi/conversations/{conversation}/turns")
    state = await hanako.client.get(f"/api/v1/hoshimi/conversations/{conversation}/handoff")

    assert "秘密のメモ" in (await hanako.get(at(number))).text
    assert turns.status_code == state.status_code == 200
    assert "秘密" not in turns.text + state.text


async def test_the_second_of_two_senders_is_told_and_nothing_is_lost(console: FastAPI, hanako: Door, hire: Hire) -> None:
    """409 with both texts; the second may send again, and the text is still there on the next visit (S-21)."""
    hire("taro", ("officer", "hoshimi"))
    taro, number = Door(console), await taken(console, hanako)
    await taro.sign_in("taro")
    await hanako.post(at(number, "reply"), {"version": "2", "text": REPLY, "step": "send"})
    second = await taro.post(at(number, "reply"), {"version": "2", "text": "別の返信です。", "step": "send"})

    assert second.status_code == 409
    assert '<blockquote id="theirs">土曜日は閉まっています。' in second.text
    assert '<blockquote id="yours">別の返信です。' in second.text
    assert "別の返信です。</textarea>" in (await taro.get(at(number))).text
    again = await taro.post(at(number, "reply"), {"version": "3", "text": "別の返信です。", "step": "send"})
    assert again.status_code == 303
    page = (await taro.get(at(number))).text
    assert page.count("別の返信です。") == 1


async def test_a_reply_that_may_not_go_out_comes_back_with_a_reason(console: FastAPI, hanako: Door) -> None:
    """Empty, or with a My Number in it: nothing is sent, and the text stays in the form."""
    number = await taken(console, hanako)
    wrong = await hanako.post(at(number, "reply"), {"version": "2", "text": "番号は123456789018です", "step": "send"})
    empty = await hanako.post(at(number, "reply"), {"version": "2", "text": " ", "step": "send"})

    assert (wrong.status_code, empty.status_code) == (422, 422)
    assert "個人番号やカード番号のような数字" in wrong.text
    assert "番号は123456789018です</textarea>" in wrong.text


async def test_a_preview_sends_nothing(console: FastAPI, hanako: Door) -> None:
    """It shows the words as the resident will read them."""
    number = await taken(console, hanako)
    page = (await hanako.post(at(number, "reply"), {"version": "2", "text": REPLY, "step": "preview"})).text

    assert "まだ送っていません" in page
    assert (await ticket(console, number)).first_reply_at is None


async def test_what_is_passed_on_to_another_department_is_out_of_reach(console: FastAPI, hanako: Door) -> None:
    """The officer is led back to the list; the new department waits for it with the note."""
    number = await taken(console, hanako)
    form = {"version": "2", "department": "tax", "officer": "", "note": "税の件です"}
    response = await hanako.post(at(number, "assign"), form)

    assert response.headers["location"].startswith("/console/hoshimi/inbox")
    assert (await hanako.get(at(number))).status_code == 403
    assert (await ticket(console, number)).state == "waiting"


async def test_passing_on_to_nobody_new_is_a_mistake(console: FastAPI, hanako: Door) -> None:
    """As is a colleague who may not answer, or a department that is not there."""
    number = await taken(console, hanako)
    same = {"version": "2", "department": "residents", "officer": "id-hanako"}
    for form in (same, {**same, "officer": "nobody"}, {**same, "department": "nowhere"}):
        response = await hanako.post(at(number, "assign"), form)
        assert response.status_code == 422
        assert "mistake" in response.text


async def test_a_reply_becomes_a_draft_with_a_warning_of_duplicates(console: FastAPI, hanako: Door) -> None:
    """One step; the entries that are like it stand beside; erasing the talk erases the draft too."""
    number = await taken(console, hanako, "住民票の写しはどうやって取りますか")
    await hanako.post(at(number, "reply"), {"version": "2", "text": REPLY, "step": "send"})
    links = re.findall(r'href="(/console/hoshimi/drafts/new\?[^"]+)"', (await hanako.get(at(number))).text)
    link = links[0].replace("&amp;", "&")
    page = (await hanako.get(link)).text
    assert "同じ内容の「よくある質問」が、すでにあるようです" in page
    turn = link.split("turn=")[1]
    form = {"ticket": number, "turn": turn, "question": "住民票は？", "answer": REPLY, "language": "ja"}
    assert (await hanako.post("/console/hoshimi/drafts/new", form)).status_code == 303
    assert "住民票は？" in (await hanako.get("/console/hoshimi/drafts")).text
    assert "すでに下書きが作られています" in (await hanako.get(link)).text

    handler = console.state.handler
    await handler.desk.erase("hoshimi", (await ticket(console, number)).conversation)
    assert await handler.database.read(lambda connection: list_drafts(connection, "hoshimi")) == []


async def test_a_canned_reply_is_used_once_it_is_approved(console: FastAPI, hanako: Door, hire: Hire) -> None:
    """An editor writes, an approver approves; then its variables are filled in for the officer."""
    hire("editor", ("editor", "hoshimi"))
    hire("approver", ("approver", "hoshimi"))
    editor, approver = Door(console), Door(console)
    await editor.sign_in("editor")
    await approver.sign_in("approver")
    words = "{department}です。番号は{ticket}です。"
    row = {"id": "hello", "language": "ja", "department": "", "title": "あいさつ", "text": words}
    for wrong in ({"id": "Ä"}, {"language": "xx"}, {"title": ""}, {"text": "{nobody}"}, {"text": ""}):
        assert (await editor.post("/console/hoshimi/canned/edit", {**row, **wrong})).status_code == 422
    assert (await editor.post("/console/hoshimi/canned/edit", row)).status_code == 303
    number = await taken(console, hanako)
    assert "あいさつ" not in (await hanako.get(at(number))).text
    assert (await editor.post("/console/hoshimi/canned/approve", row)).status_code == 403
    assert (await approver.post("/console/hoshimi/canned/approve", row)).status_code == 303

    assert f"市民課です。番号は{number}です。" in (await hanako.get(at(number))).text
    inserted = await hanako.post(at(number, "reply"), {"version": "2", "text": "こんにちは", "step": "insert:canned:hello"})
    assert f"こんにちは\n\n市民課です。番号は{number}です。</textarea>" in inserted.text
    assert (await approver.post("/console/hoshimi/canned/remove", row)).status_code == 303
    assert "あいさつ" not in (await hanako.get(at(number))).text


async def test_a_special_day_moves_the_promise(console: FastAPI, hire: Hire) -> None:
    """A closed afternoon today, and the promise is for tomorrow; taken back, it is for today again."""
    hire("chief", ("admin", "*"))
    chief = Door(console)
    await chief.sign_in("chief")
    day = {"department": "residents", "day": TUESDAY.date().isoformat(), "hours": "8:30-12:00"}
    for wrong in ({"day": ""}, {"hours": "12-8"}, {"hours": "13:00-12:00"}, {"department": "nowhere"}):
        assert (await chief.post("/console/hoshimi/hours/days", {**day, **wrong})).status_code == 422
    assert (await chief.post("/console/hoshimi/hours/days", day)).status_code == 303
    promised = (await ticket(console, await handed_off(console))).promised_at
    assert promised is not None
    assert promised.date() == date(2026, 11, 25)
    assert "8:30-12:00" in (await chief.get("/console/hoshimi/hours")).text
    assert (await chief.post("/console/hoshimi/hours/days/remove", day)).status_code == 303
    back = (await ticket(console, await handed_off(console))).promised_at

    assert back is not None
    assert back.date() == TUESDAY.date()


async def test_the_list_of_holidays_is_taken_as_it_is_published(console: FastAPI, hire: Hire) -> None:
    """From an administrator of all cities only; a wrong file is refused with its line, and changes nothing."""
    hire("chief", ("admin", "*"))
    hire("local", ("admin", "hoshimi"))
    chief, local = Door(console), Door(console)
    await chief.sign_in("chief")
    await local.sign_in("local")

    async def _send(door: Door, content: str) -> int:
        page = (await door.get("/console/account")).text
        token = page.partition('name="csrf" value="')[2].partition('"')[0]
        files = {"file": ("syukujitsu.csv", content.encode("cp932"), "text/csv")}
        sent = await door.client.post(
            "/console/hoshimi/hours/holidays", data={"csrf": token}, files=files, headers={"origin": door.base}
        )
        return sent.status_code

    good = "国民の祝日・休日月日,国民の祝日・休日名称\r\n2026/11/24,試しの休日\r\n"
    assert await _send(local, good) == 409
    assert await _send(chief, "日付,名前\r\n2026/11/24,試しの休日\r\n") == 422
    assert await _send(chief, good) == 303
    promised = (await ticket(console, await handed_off(console))).promised_at

    assert promised is not None
    assert promised.date() == date(2026, 11, 25)
    assert "試しの休日" in (await chief.get("/console/hoshimi/hours")).text


async def test_a_message_while_an_officer_reads_is_counted_until_they_look(console: FastAPI, hanako: Door) -> None:
    """Unread in the list and the title; opening the ticket reads it."""
    number = await taken(console, hanako)
    conversation = (await ticket(console, number)).conversation
    await console.state.handler.handle(Message("hoshimi", "まだですか", "web", conversation))
    assert "未読1件" in (await hanako.get("/console/hoshimi/inbox")).text
    assert "未読のメッセージが1件" in (await hanako.get("/console")).text
    await hanako.get(at(number))

    assert "未読1件" not in (await hanako.get("/console/hoshimi/inbox")).text


def test_kana_are_japanese_whoever_reads_them() -> None:
    """So that a screen reader speaks an officer's Japanese as Japanese."""
    assert [language_written(text, "pt-BR") for text in ("Bom dia", "おはよう", "BOM DIA カード")] == ["pt-BR", "ja", "ja"]
    assert language_written("おはよう", "ja-easy") == "ja-easy"
