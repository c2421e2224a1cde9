"""What the desk does by itself, and what it sends: to a real mail server and a real webhook, never a word of the resident."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography.fernet import Fernet

from bot.cache import open_cache
from bot.desk.canned import check, read_seeds, render
from bot.desk.clockwork import Clockwork
from bot.desk.hooks import send_hook
from bot.desk.notices import Notices
from bot.desk.post import Post
from bot.handler import Handler
from bot.handoff import ClosedBy
from bot.messages import BotError, HandoffState
from bot.service import Service
from bot.settings import Settings
from bot.storage import open_database
from bot.storage.canned import CannedReply, list_canned, save_canned, seed_canned
from bot.storage.deliveries import due_deliveries
from bot.storage.links import take_link
from bot.storage.tickets import events_of_ticket
from tests.bot.test_desk import YAMADA, Clock, Hall
from tests.conftest import TUESDAY, free_port

SECRET = "うちの父の年金のことで困っています"


class Letterbox:
    """A real SMTP server that keeps what it gets, or refuses it."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuses = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        """Take a letter."""
        if self.refuses:
            return "451 try again later"
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"


@pytest.fixture
def letterbox() -> Iterator[tuple[Letterbox, Post]]:
    """A mail server on loopback, and the post that goes there."""
    box, port = Letterbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, Post(f"smtp://127.0.0.1:{port}", "窓口 <madoguchi@hoshimi.example>")
    server.stop()


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """An incoming webhook on loopback, and what it got."""
    got: list[dict[str, str]] = []

    class _Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(302 if self.path == "/away" else 200)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    server.server_close()


@pytest.fixture
def hall(service: Service, database_url: str) -> Iterator[Hall]:
    """A city hall over an empty database."""
    with ExitStack() as stopping:
        database, clock = open_database(database_url), Clock()
        stopping.callback(database.close)
        yield Hall(Handler(service, database, open_cache("memory://"), 60, clock), clock)


def clockwork(hall: Hall, **values: Any) -> Clockwork:
    """Return the desk's clockwork with these ways to tell."""
    desk = hall.handler.desk
    notices = Notices(desk, "https://madoguchi.example", Fernet(Fernet.generate_key()), loopback=True, **values)
    return Clockwork(desk, notices)


async def later(hall: Hall, work: Clockwork, **time: int) -> None:
    """Let time pass and the clockwork tick."""
    hall.clock.now += timedelta(**time)
    await work.tick()


async def test_staff_are_told_of_a_question_by_mail_and_webhook_without_its_words(
    hall: Hall, letterbox: tuple[Letterbox, Post], webhook: tuple[str, list[dict[str, str]]]
) -> None:
    """Number, department and link; the department's own place comes before the city's; once, whatever ticks again."""
    (box, post), (url, got) = letterbox, webhook
    mail_to = {"hoshimi": "all@hoshimi.example", "hoshimi.pension": "pension@hoshimi.example"}
    work = clockwork(hall, post=post, mail_to=mail_to, webhooks={"hoshimi": url})
    await hall.say(SECRET, "say:person", "desk:pension")
    for _ in range(3):
        await work.tick()

    (letter,), (hooked,) = box.letters, got
    assert letter["To"] == "pension@hoshimi.example"
    for told in (letter.get_content(), hooked["text"]):
        assert "2026-00001" in told
        assert "保険年金課 年金係" in told
        assert "https://madoguchi.example/console/hoshimi/tickets/2026-00001" in told
        assert not set("父困") & set(told)


async def test_a_late_first_reply_is_told_once(hall: Hall, letterbox: tuple[Letterbox, Post]) -> None:
    """The breach stands in the history and goes to the department; a first reply in time makes none."""
    box, post = letterbox
    work = clockwork(hall, post=post, mail_to={"hoshimi": "all@hoshimi.example"})
    ticket = await hall.asked()
    await later(hall, work, minutes=239)
    assert len(box.letters) == 1
    for _ in range(3):
        await later(hall, work, minutes=2)

    assert "約束した時刻" in box.letters[-1]["Subject"]
    assert len(box.letters) == 2
    events = await hall.handler.database.read(lambda c: events_of_ticket(c, "hoshimi", ticket.number))
    assert [event.kind for event in events] == ["opened", "breached"]


async def test_an_unread_message_is_an_alert_and_never_a_reply_of_the_bot(hall: Hall) -> None:
    """Ten minutes unread: staff are told once; after the next message it is told again."""
    work, ticket = clockwork(hall), await hall.taken()
    await hall.say("まだですか")
    before = len(await hall.stored())
    for _ in range(3):
        await later(hall, work, minutes=6)
    await hall.say("もしもし")
    await later(hall, work, minutes=11)

    events = await hall.handler.database.read(lambda c: events_of_ticket(c, "hoshimi", ticket.number))
    assert [event.kind for event in events].count("unread") == 2
    assert len(await hall.stored()) == before + 1


async def test_a_silent_resident_is_warned_and_then_the_bot_answers_again(hall: Hall) -> None:
    """After 20 minutes a warning, after 30 the hand-back, both in words; a message in between starts anew."""
    work, ticket, desk = clockwork(hall), await hall.taken(), hall.handler.desk
    await later(hall, work, minutes=60)
    assert (await hall.stored())[-1].reply.handoff is HandoffState.STAFF  # the officer has not replied: not their silence
    await desk.reply("hoshimi", ticket.number, YAMADA, "いかがですか", ticket.version)
    await later(hall, work, minutes=21)
    assert "あと10分" in (await hall.stored())[-1].reply.text
    await hall.say("考えています")
    await later(hall, work, minutes=15)
    ticket = await desk.ticket("hoshimi", ticket.number)
    await desk.reply("hoshimi", ticket.number, YAMADA, "はい", ticket.version)
    await later(hall, work, minutes=21)
    await later(hall, work, minutes=10)

    last = (await hall.stored())[-1].reply
    assert last.handoff is HandoffState.CLOSED
    assert "お返事がなかった" in last.text
    assert (await desk.ticket("hoshimi", ticket.number)).closed_by is ClosedBy.SILENCE


async def test_a_warning_makes_no_conflict_for_the_officer(hall: Hall) -> None:
    """An officer who is writing while the machine warns can send."""
    work, ticket, desk = clockwork(hall), await hall.taken(), hall.handler.desk
    await desk.reply("hoshimi", ticket.number, YAMADA, "いかがですか", ticket.version)
    version = (await desk.ticket("hoshimi", ticket.number)).version
    await later(hall, work, minutes=21)

    assert (await desk.reply("hoshimi", ticket.number, YAMADA, "まだいますか", version)).reply.text == "まだいますか"


async def test_two_processes_tick_and_one_alarm_goes_out(hall: Hall) -> None:
    """The same breach seen twice at once is written once."""
    work, ticket = clockwork(hall), await hall.asked()
    hall.clock.now += timedelta(days=2)
    await asyncio.gather(work.tick(), work.tick())

    events = await hall.handler.database.read(lambda c: events_of_ticket(c, "hoshimi", ticket.number))
    assert [event.kind for event in events] == ["opened", "breached"]


async def test_a_resident_gets_a_mail_with_a_link_and_no_word_of_the_talk(
    hall: Hall, letterbox: tuple[Letterbox, Post]
) -> None:
    """One mail for several replies, in the resident's language; its link works once; the address goes with the closing."""
    box, post = letterbox
    work = clockwork(hall, post=post)
    hall.language = "pt-BR"
    turn = await hall.say(SECRET, "say:person", "desk:pension")
    desk, number = hall.handler.desk, turn.reply.ticket or ""
    sealed = work.notices.box.encrypt(b"hoshi@example.jp").decode()
    talk = await hall.handler.database.read(lambda c: _conversation(c, hall))
    await desk.set_email("hoshimi", talk, sealed)
    ticket = await desk.take("hoshimi", number, YAMADA, 1)
    for text in ("ひとつめの返信", "ふたつめの返信"):
        await desk.reply("hoshimi", number, YAMADA, text, (await desk.ticket("hoshimi", number)).version)
    await later(hall, work, seconds=60)
    assert box.letters == []  # the resident may still be looking at the screen
    await later(hall, work, minutes=2)

    (letter,) = box.letters
    assert letter["To"] == "hoshi@example.jp"
    assert "Há uma resposta" in letter["Subject"]
    body = letter.get_content()
    assert "返信" not in body
    assert "年金" not in body
    token = body.split("/return/")[1].split("?")[0]
    assert hall.handler.database.write_now(lambda c: take_link(c, "hoshimi", token, hall.clock())) == hall.talk
    ticket = await desk.ticket("hoshimi", number)
    await desk.close("hoshimi", number, YAMADA, ticket.version)
    await work.tick()
    assert (await desk.ticket("hoshimi", number)).sealed_email is None


def _conversation(connection: Any, hall: Hall) -> Any:
    from bot.storage.conversations import load_conversation

    return load_conversation(connection, "hoshimi", hall.talk or "")


async def test_a_mail_server_that_is_away_is_tried_again(hall: Hall, letterbox: tuple[Letterbox, Post]) -> None:
    """What was refused goes out later; nothing is lost and nothing comes twice."""
    box, post = letterbox
    work = clockwork(hall, post=post, mail_to={"hoshimi": "all@hoshimi.example"})
    box.refuses = True
    await hall.asked()
    await work.tick()
    assert box.letters == []
    box.refuses = False
    await work.tick()
    assert box.letters == []
    await later(hall, work, minutes=2)

    assert len(box.letters) == 1


async def test_without_a_target_a_notice_is_let_go(hall: Hall) -> None:
    """A city that named no address and no webhook piles nothing up."""
    await hall.asked()
    await clockwork(hall).tick()

    later_on, database = hall.clock.now + timedelta(days=1), hall.handler.database
    for channel in ("mail", "webhook"):
        assert database.read_now(partial(due_deliveries, channel=channel, now=later_on)) == []


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example/x", "https://127.0.0.1/x", "https://10.0.0.8/x", "https://169.254.169.254/x", "https://[::1]/x",
     "https://localhost/x", "https://0.0.0.0/x"],
)  # fmt: skip
async def test_a_webhook_never_leads_into_the_own_network(url: str) -> None:
    """No TLS, loopback, private and link-local addresses are refused before anything is sent (P-18)."""
    with pytest.raises((BotError, OSError, Exception)) as error:
        await send_hook(url, "x")
    assert type(error.value).__name__ in ("BotError", "ConnectError")


async def test_a_webhook_follows_no_redirect(webhook: tuple[str, list[dict[str, str]]]) -> None:
    """Being sent elsewhere counts as a failure."""
    import httpx

    url, got = webhook
    with pytest.raises(httpx.HTTPStatusError, match="302"):
        await send_hook(f"{url}/away", "x", loopback=True)
    assert len(got) == 1


async def test_a_line_break_in_an_address_sends_nothing(letterbox: tuple[Letterbox, Post]) -> None:
    """No header can be smuggled in."""
    box, post = letterbox
    with pytest.raises(ValueError, match=r"linefeed|newline|header"):
        await post.send("a@hoshimi.example\nBcc: b@elsewhere.example", "x", "x")
    assert box.letters == []


async def test_canned_replies_are_seeded_once_and_filled_in(hall: Hall, settings: Settings) -> None:
    """The city's first texts come from its file; what staff change is not overwritten; variables are filled by language."""
    database, seeds = hall.handler.database, read_seeds(settings.files, "hoshimi")
    for _ in range(2):
        database.write_now(lambda c: seed_canned(c, seeds, TUESDAY))
    changed = replace(next(seed for seed in seeds if (seed.id, seed.language) == ("closing", "ja")), text="さようなら")
    database.write_now(lambda c: save_canned(c, changed, YAMADA.id, TUESDAY))
    database.write_now(lambda c: seed_canned(c, seeds, TUESDAY))
    stored = {one.id: one for one in database.read_now(lambda c: list_canned(c, "hoshimi", "ja"))}
    ticket = await hall.asked()
    request = hall.handler.service.greeting(hall.handler.service.release("hoshimi"), "pt-BR", TUESDAY)
    portuguese = next(seed for seed in seeds if (seed.id, seed.language) == ("greeting", "pt-BR"))

    assert stored["closing"].text == "さようなら"
    assert render(portuguese, request, ticket).startswith("Aqui é Cidade de Hoshimi, Seção de Registro de Residentes.")
    assert ticket.number in render(portuguese, request, ticket)
    assert read_seeds(settings.files, "anjo") == []


@pytest.mark.parametrize("text", ["{name}様", "{department", "{0}"])
def test_a_canned_reply_with_a_wrong_variable_is_refused(text: str) -> None:
    """The variable is named, with those that there are."""
    with pytest.raises(BotError) as error:
        check(text)
    assert "{" in error.value.message + error.value.hint


def test_every_seed_can_be_rendered(settings: Settings) -> None:
    """All texts of the demo city use only variables that there are."""
    seeds: list[CannedReply] = read_seeds(settings.files, "hoshimi")
    for seed in seeds:
        check(seed.text)
    assert {seed.language for seed in seeds} >= {"ja", "ja-easy", "en", "pt-BR"}
