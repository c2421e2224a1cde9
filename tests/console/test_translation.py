"""Machine translation at the desk: off unless the city has a server of its own, marked on both sides, never in the way."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from bot.messages import Message
from bot.settings import Settings
from bot.storage.staff import Assignment
from bot.translation import TranslationServer, open_translator
from tests.conftest import ROOT, TUESDAY
from tests.console.conftest import Clock, Door
from tests.console.test_inbox import Hire, handed_off, ticket

QUESTION = "Quero o atestado de residência, meu telefone é 090-1234-5678"
REPLY = "土曜日は閉まっています。"
MARK = "機械翻訳（Machine translation）"


class Translating(ThreadingHTTPServer):
    """A translation server on loopback with LibreTranslate's wire: it says which way it went and what it was given."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.asked: list[dict[str, Any]] = []
        self.status = 200
        self.body = b""
        self.elsewhere = ""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Post(BaseHTTPRequestHandler):
    server: Translating

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append({"path": self.path, **asked})
        body = self.server.body or json.dumps({"translatedText": f"[{asked['source']}>{asked['target']}] {asked['q']}"}).encode()
        self.send_response(self.server.status)
        if self.server.elsewhere:
            self.send_header("location", self.server.elsewhere)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the output of the tests quiet."""


@pytest.fixture
def server() -> Iterator[Translating]:
    """A translation server at work."""
    server = Translating()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def console_settings(tmp_path: Path, server: Translating) -> Settings:
    """Settings of a city with a translation server."""
    return Settings(
        database_url=f"sqlite:///{tmp_path}/console.sqlite3", var_dir=ROOT / "var" / "tests", cities="hoshimi,tomi",
        staff_key_file=str(tmp_path / "staff.key"), translation_url=server.url,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def tuesday(clock: Clock) -> Clock:
    """A clock in office hours."""
    clock.now = TUESDAY
    return clock


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


async def taken(console: FastAPI, door: Door, language: str = "pt-BR") -> str:
    """Open a ticket in a language and take it."""
    number = await handed_off(console, QUESTION, language=language)
    assert (await door.post(at(number, "take"), {"version": "1"})).status_code == 303
    return number


async def replied(console: FastAPI, number: str) -> list[dict[str, str]]:
    """Return the blocks of what staff replied, as the resident's page gets them."""
    conversation = (await ticket(console, number)).conversation
    turns = await Door(console).get(f"/api/v1/hoshimi/conversations/{conversation}/turns")
    return [block for turn in turns.json() if turn["reply"]["author"] == "staff" for block in turn["reply"]["blocks"]]


def first_turn(page: str) -> str:
    """Return the turn of the first message that may be translated."""
    return page.partition('name="turn" value="')[2].partition('"')[0]


async def test_it_is_off_unless_a_server_is_named(console: FastAPI, hanako: Door, server: Translating, tmp_path: Path) -> None:
    """By default no control is shown, and nothing is asked, whatever a form says."""
    console.state.settings = console.state.settings.model_copy(update={"translation_url": Settings().translation_url})
    number = await taken(console, hanako)
    page = (await hanako.get(at(number))).text
    turn = (await console.state.handler.handle(_more(await ticket(console, number)))).id
    shown = await hanako.post(at(number, "translate"), {"turn": turn})
    form = {"version": "2", "text": REPLY, "step": "send", "translate": "1"}
    sent = await hanako.post(at(number, "reply"), form)

    assert Settings().translation_url == ""
    assert "機械翻訳" not in page.replace("翻訳はされません", "")
    assert MARK not in shown.text
    assert sent.status_code == 303
    assert [block["text"] for block in await replied(console, number)] == [REPLY]
    assert server.asked == []


def _more(ticket: Any) -> Message:
    return Message("hoshimi", "Obrigada", "web", ticket.conversation, "pt-BR")


async def test_an_officer_reads_a_translation_below_the_original(console: FastAPI, hanako: Door, server: Translating) -> None:
    """On demand and marked; the server is given the masked text, and nothing of it is stored."""
    number = await taken(console, hanako)
    before = (await hanako.get(at(number))).text
    assert server.asked == []
    page = (await hanako.post(at(number, "translate"), {"turn": first_turn(before)})).text
    asked = server.asked[0]

    assert (asked["path"], asked["source"], asked["target"], asked["format"]) == ("/translate", "pb", "ja", "text")
    assert "090-1234" not in asked["q"]
    original, _, below = page.partition(f"<strong>{MARK}</strong>")
    assert "Quero o atestado" in original.rpartition('<ol class="talk"')[2]
    assert re.match(r'</p><p lang="ja" class="machine-text">\[pb&gt;ja\] Quero', below)
    assert "[pb&gt;ja]" not in (await hanako.get(at(number))).text


async def test_a_japanese_talk_shows_no_control(console: FastAPI, hanako: Door, server: Translating) -> None:
    """Neither for Japanese nor for やさしい日本語."""
    for language in ("ja", "ja-easy"):
        number = await handed_off(console, "住民票がほしい", language=language)
        await hanako.post(at(number, "take"), {"version": "1"})
        page = (await hanako.get(at(number))).text
        assert 'name="translate"' not in page
        assert "/translate" not in page


async def test_a_resident_gets_the_original_first_and_then_marked_machine_text(
    console: FastAPI, hanako: Door, server: Translating
) -> None:
    """The preview shows both before; staff see the mark in the talk too (S-24)."""
    number = await taken(console, hanako)
    form = {"version": "2", "text": REPLY, "translate": "1"}
    preview = (await hanako.post(at(number, "reply"), {**form, "step": "preview"})).text
    sent = await hanako.post(at(number, "reply"), {**form, "step": "send"})
    original, marker, translated = await replied(console, number)

    assert "[ja&gt;pb] 土曜日" in preview
    assert 'name="translate" value="1" checked' in preview
    assert sent.headers["location"].endswith("done=ticket-replied")
    assert (original["text"], original["language"], original["kind"]) == (REPLY, "ja", "text")
    assert (marker["language"], marker["kind"]) == ("pt-BR", "notice")
    assert "traduzido por uma máquina" in marker["text"]
    assert marker["text"] in preview
    assert (translated["text"], translated["language"]) == (f"[ja>pb] {REPLY}", "pt-BR")
    assert MARK in (await hanako.get(at(number))).text


async def test_a_reply_is_translated_only_when_ticked_and_japanese(console: FastAPI, hanako: Door, server: Translating) -> None:
    """Portuguese from the officer goes out as it is, and the officer is told that nothing was added."""
    number = await taken(console, hanako)
    await hanako.post(at(number, "reply"), {"version": "2", "text": REPLY, "step": "send"})
    own = {"version": "3", "text": "Fechado aos sábados.", "step": "send", "translate": "1", "language": "pt-BR"}
    sent = await hanako.post(at(number, "reply"), own)

    assert server.asked == []
    assert sent.headers["location"].endswith("done=ticket-replied-untranslated")
    assert sorted(block["language"] for block in await replied(console, number)) == ["ja", "pt-BR"]


async def test_what_the_desk_would_not_send_is_not_given_to_the_machine(
    console: FastAPI, hanako: Door, server: Translating
) -> None:
    """A My Number in a reply stops it before the server is asked; the tick and the text stay in the form."""
    number = await taken(console, hanako)
    form = {"version": "2", "text": "番号は123456789018です", "step": "send", "translate": "1"}
    wrong = await hanako.post(at(number, "reply"), form)

    assert wrong.status_code == 422
    assert 'name="translate" value="1" checked' in wrong.text
    assert server.asked == []


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b"{}"), (400, b'{"error": "ne is not supported"}'), (200, b"<html>"), (200, b'{"translatedText": 7}')],
)
async def test_without_a_translation_the_reply_goes_out_and_the_officer_is_told(
    console: FastAPI, hanako: Door, server: Translating, status: int, body: bytes
) -> None:
    """Reading says so too, and offers to try again."""
    server.status, server.body = status, body
    number = await taken(console, hanako)
    page = (await hanako.get(at(number))).text
    read = (await hanako.post(at(number, "translate"), {"turn": first_turn(page)})).text
    form = {"version": "2", "text": REPLY, "translate": "1"}
    preview = (await hanako.post(at(number, "reply"), {**form, "step": "preview"})).text
    sent = await hanako.post(at(number, "reply"), {**form, "step": "send"})

    assert "機械翻訳ができませんでした" in read
    assert first_turn(read) == first_turn(page)
    assert "機械翻訳をつけられません" in preview
    assert [block["text"] for block in await replied(console, number)] == [REPLY]
    assert "機械翻訳はつけられませんでした" in (await hanako.get(sent.headers["location"])).text


async def test_a_server_that_is_not_there_is_no_error(server: Translating) -> None:
    """Nothing listens at the address: there is no translation."""
    assert await TranslationServer("http://127.0.0.1:9").translate("A", "en", "ja") is None


async def test_only_the_configured_address_is_asked(server: Translating) -> None:
    """A redirect is not followed."""
    server.status, server.elsewhere = 307, f"{server.url}/elsewhere"

    assert await TranslationServer(server.url).translate("A", "en", "ja") is None
    assert [asked["path"] for asked in server.asked] == ["/translate"]


def test_an_address_must_be_one_of_the_web() -> None:
    """Empty is off; anything but http or https is refused when the service starts."""
    assert open_translator("") is None
    with pytest.raises(ValidationError):
        Settings(translation_url="file:///etc/hosts")


async def test_a_draft_for_the_faq_holds_only_the_officers_words(console: FastAPI, hanako: Door, server: Translating) -> None:
    """What a machine made never becomes an entry."""
    number = await taken(console, hanako)
    await hanako.post(at(number, "reply"), {"version": "2", "text": REPLY, "step": "send", "translate": "1"})
    link = re.search(r'href="(/console/hoshimi/drafts/new\?[^"]+)"', (await hanako.get(at(number))).text)
    assert link is not None
    page = (await hanako.get(link[1].replace("&amp;", "&"))).text

    assert REPLY in page
    assert "[ja&gt;pb]" not in page
