"""Staff and LINE: personal talk moves to the web, and LINE's outbox never holds what staff wrote (P-02)."""

import json
import re

import pytest
from sqlalchemy import select

from bot.handoff import Officer
from bot.messages import Message
from bot.storage.desk_tables import deliveries, tickets
from bot.storage.links import take_link
from bot.storage.tickets import tickets_of_conversation
from connectors.line.handoff import deliver_due
from tests.line.conftest import Channel, Open, write_channels
from tests.line.fake.line import FakeLine, resident

ANNA = resident(1)
OFFICER = Officer("staff-1", "星野")
SECRET = "あなたの申請は、まだ届いていません。印鑑を持ってきてください。"


def name_of(talk: Channel) -> str:
    """Return the conversation of the resident."""
    return talk.office.keys.conversation("hoshimi", ANNA)


async def handed_off(talk: Channel, words: str = "住民票がほしい") -> str:
    """Have the resident ask on LINE, continue on the web, and return the number of their ticket."""
    await talk.tell(talk.line.text(ANNA, words))
    await talk.tell(talk.line.postback(ANNA, _button(talk, "say:person")))
    turn = await talk.office.handler.handle(Message("hoshimi", "desk:residents", "web", name_of(talk)))
    assert turn.reply.ticket
    return turn.reply.ticket


def _button(talk: Channel, value: str) -> str:
    return f"{value}|r1|" + talk.office.keys.mark(f"hoshimi|{value}|r1")


async def staff_reply(talk: Channel, number: str) -> None:
    """Have an officer take the ticket and reply."""
    desk = talk.office.handler.desk
    ticket = await desk.take("hoshimi", number, OFFICER, (await desk.ticket("hoshimi", number)).version)
    await desk.reply("hoshimi", number, OFFICER, SECRET, ticket.version)
    await deliver_due(talk.office)


async def test_the_wish_for_a_person_leads_to_the_citys_own_chat(talk: Channel) -> None:
    """A link that works once; no department is chosen and nothing personal is asked on LINE (P-02)."""
    await talk.tell(talk.line.text(ANNA, "住民票がほしい"))
    (answer,) = await talk.answers(talk.line.postback(ANNA, _button(talk, "say:person")))
    (token,) = re.findall(r"https://city\.example/hoshimi/return/(\S+)", answer["text"])
    now, taken = talk.office.now(), list[str | None]()
    for _ in range(2):
        await talk.office.database.write(lambda connection: taken.append(take_link(connection, "hoshimi", token, now)))

    assert "LINEではお受けできません" in answer["text"]
    assert taken == [name_of(talk), None]
    assert "desk:" not in json.dumps(answer)


async def test_what_staff_write_never_goes_to_line(talk: Channel) -> None:
    """LINE says that an answer is there, with a link; the outbox holds nothing of the answer (P-02)."""
    number = await handed_off(talk)
    await staff_reply(talk, number)
    everything = json.dumps([sent.messages for sent in talk.line.outbox], ensure_ascii=False)

    assert "回答があります" in talk.line.to(ANNA)[-1]["text"]
    assert "/hoshimi/return/" in talk.line.to(ANNA)[-1]["text"]
    assert SECRET not in everything
    for words in re.findall(r"[^、。]{4,}", SECRET):
        assert words not in everything


async def test_an_answer_is_told_once_and_only_an_answer(talk: Channel) -> None:
    """That somebody took the ticket costs no push; the answer costs one; looking again sends nothing."""
    number = await handed_off(talk)
    await staff_reply(talk, number)
    await deliver_due(talk.office)
    states = await talk.office.database.read(
        lambda connection: {
            row.kind: row.state for row in connection.execute(select(deliveries).where(deliveries.c.channel == "line"))
        }
    )

    assert [sent.way for sent in talk.line.outbox].count("push") == 1
    assert states["reply"] == "done"
    assert set(states.values()) == {"done"}


async def test_a_message_on_line_while_staff_hold_the_talk_is_kept_and_answered_with_the_link(talk: Channel) -> None:
    """The text reaches staff; LINE gets the way to the chat and no silence."""
    number = await handed_off(talk)
    await staff_reply(talk, number)
    (answer,) = await talk.answers(talk.line.text(ANNA, "いつ行けばいいですか"))
    found = await talk.office.database.read(lambda connection: tickets_of_conversation(connection, "hoshimi", name_of(talk)))

    assert "/hoshimi/return/" in answer["text"]
    assert found[0].unread == 1


async def test_with_relay_the_answer_goes_out_with_a_warning(open_channel: Open, line: FakeLine) -> None:
    """A city may decide otherwise: then the words go out, with what LINE means for them."""
    write_channels(line, relay=True)
    talk = await open_channel()
    number = await handed_off(talk)
    await staff_reply(talk, number)
    text = line.to(ANNA)[-1]["text"]

    assert SECRET in text
    assert "LINEの会社の設備" in text


async def test_blocking_closes_the_open_ticket(talk: Channel) -> None:
    """Staff see that it is over; no push is tried any more (L-51)."""
    number = await handed_off(talk)
    await talk.tell(talk.line.event("unfollow", ANNA))
    await deliver_due(talk.office)
    state = await talk.office.database.read(
        lambda connection: connection.scalar(select(tickets.c.state).where(tickets.c.number == number))
    )

    assert state == "closed"
    assert "push" not in [sent.way for sent in talk.line.outbox]


async def test_without_an_address_of_the_web_the_telephone_is_told(open_channel: Open) -> None:
    """PUBLIC_URL is empty: no broken link, but the city's own words."""
    talk = await open_channel(public_url="")
    await talk.tell(talk.line.text(ANNA, "住民票がほしい"))
    (answer,) = await talk.answers(talk.line.postback(ANNA, _button(talk, "say:person")))

    assert "return/" not in answer["text"]
    assert answer["text"]


@pytest.mark.parametrize(("language", "words"), [("ja", "住民票がほしい"), ("en", "How do I get a certificate of residence?")])
async def test_the_news_of_an_answer_is_in_the_residents_language(talk: Channel, language: str, words: str) -> None:
    """As the rest of the talk."""
    number = await handed_off(talk, words)
    await staff_reply(talk, number)
    expected = talk.office.sayer("hoshimi", language)("line.answer-waits")

    assert talk.line.to(ANNA)[-1]["text"].startswith(expected)
