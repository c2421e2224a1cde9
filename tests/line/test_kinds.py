"""Every kind of event that LINE sends (L-15), and what comes of it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.storage.line_residents import find_resident
from bot.storage.line_tables import line_events, line_residents
from bot.storage.tables import conversations, turns
from connectors.line.events import Kind, read_event, read_webhook
from connectors.line.upkeep import clean_now
from tests.line.conftest import Channel, Open
from tests.line.fake.line import resident

ANNA, BEN = resident(1), resident(2)
USER = {"type": "user", "userId": ANNA}
GROUP = {"type": "group", "groupId": "C" + "1" * 32, "userId": ANNA}


def event(type_: str, **more: Any) -> dict[str, Any]:
    """Return an event as LINE sends it, without what a test does not look at."""
    return {"type": type_, "mode": "active", "timestamp": 1, "webhookEventId": "01X", "source": USER, **more}


def message(type_: str, **more: Any) -> dict[str, Any]:
    """Return an event with a message."""
    return event("message", message={"id": "1", "type": type_, **more})


TABLE: list[tuple[dict[str, Any], Kind]] = [
    (message("text", text="住民票", quoteToken="q", markAsReadToken="r"), Kind.TEXT),
    (message("text", text="住民票"), Kind.TEXT),
    (message("text", text="住民票", emojis="odd", mention=7, new={"a": 1}), Kind.TEXT),
    (message("text", text=""), Kind.UNKNOWN),
    (message("text"), Kind.UNKNOWN),
    (message("sticker", stickerResourceType="A_NEW_ONE"), Kind.MEDIA),
    (message("image", contentProvider={"type": "line"}), Kind.MEDIA),
    (message("video", duration=1), Kind.MEDIA),
    (message("audio"), Kind.MEDIA),
    (message("file", fileName="a.pdf", fileSize=1), Kind.MEDIA),
    (message("location", latitude=35.0, longitude=139.0, address="星見市"), Kind.LOCATION),
    (message("hologram"), Kind.UNKNOWN),
    (event("message"), Kind.UNKNOWN),
    (event("follow", follow={"isUnblocked": False}), Kind.FOLLOW),
    (event("follow", follow={"isUnblocked": True}), Kind.FOLLOW),
    (event("follow"), Kind.FOLLOW),
    (event("unfollow"), Kind.UNFOLLOW),
    (event("unsend", unsend={"messageId": "1"}), Kind.UNSEND),
    (event("postback", postback={"data": "x"}), Kind.POSTBACK),
    (event("postback", postback={"data": "x", "params": {"date": "2026-11-27"}}), Kind.POSTBACK),
    (event("postback", postback={"data": "x", "params": {"newRichMenuAliasId": "en", "status": "SUCCESS"}}), Kind.IGNORED),
    (event("join", source=GROUP), Kind.GROUP),
    (event("leave", source=GROUP), Kind.IGNORED),
    (event("memberJoined", source=GROUP, joined={"members": []}), Kind.GROUP),
    (event("memberLeft", source=GROUP, left={"members": []}), Kind.GROUP),
    (event("messageEdited", source=GROUP), Kind.GROUP),
    ({**message("text", text="みなさん"), "source": GROUP}, Kind.GROUP),
    ({**message("text", text="みなさん"), "source": {"type": "room", "roomId": "R1"}}, Kind.GROUP),
    (event("accountLink", link={"result": "ok"}), Kind.IGNORED),
    (event("beacon", beacon={"hwid": "a"}), Kind.IGNORED),
    (event("membership", membership={"type": "joined"}), Kind.IGNORED),
    (event("videoPlayComplete", videoPlayComplete={"trackingId": "a"}), Kind.IGNORED),
    (event("module", module={"type": "attached"}), Kind.IGNORED),
    (event("botSuspended"), Kind.IGNORED),
    (event("botResumed"), Kind.IGNORED),
    (event("a-new-one"), Kind.UNKNOWN),
    ({**message("text", text="住民票"), "mode": "standby"}, Kind.IGNORED),
    ({**message("text", text="住民票"), "mode": "a-new-one"}, Kind.TEXT),
    ({**message("text", text="住民票"), "source": {"type": "a-new-one", "userId": ANNA}}, Kind.TEXT),
]


@pytest.mark.parametrize(("row", "kind"), TABLE, ids=lambda found: str(found)[:60])
def test_every_event_is_read_as_what_it_means(row: dict[str, Any], kind: Kind) -> None:
    """With and without the fields that LINE may leave out, and with values that are new to us."""
    assert read_event(row).kind is kind


def test_reading_never_raises_whatever_stands_in_a_field() -> None:
    """Each field of an event in turn is missing, null, a number, a list, an object, and very long."""
    whole = {**message("text", text="a", quoteToken="q"), "replyToken": "t", "deliveryContext": {"isRedelivery": True}}
    for name in (*whole, "postback", "unsend", "follow"):
        for odd in (None, 7, -1, 1e300, [], {}, "x" * 100_000, True, [{}], {"type": {}}, "\ud800", "\0"):
            read = read_event({**whole, name: odd})
            assert len(read.id) <= 64
            read.from_json(read.to_json())
        read_event({key: value for key, value in whole.items() if key != name})
    assert read_webhook(b'{"destination": 7, "events": {"a": 1}}') == ("", [])


@pytest.mark.parametrize("type_", ["sticker", "image", "video", "audio", "file"])
async def test_what_is_no_text_gets_a_polite_answer_with_the_menu(talk: Channel, type_: str) -> None:
    """In the language of the talk, without looking at the content (L-17)."""
    await talk.says(ANNA, "How do I get a certificate of residence?")
    (answer,) = await talk.answers(talk.line.event("message", ANNA, message={"id": "7", "type": type_}))

    assert answer["text"].startswith("I cannot read pictures")
    assert [item["action"]["label"] for item in answer["quickReply"]["items"]] == ["Choose a topic"]
    assert not [path for _, path, _ in talk.line.requests if path.endswith("/content")]


async def test_a_location_leads_to_the_districts_and_is_not_kept(talk: Channel) -> None:
    """The coordinates stand nowhere; the district is asked for (L-17)."""
    place = {"id": "7", "type": "location", "latitude": 35.123456, "longitude": 139.654321, "address": "星見市天の川1-1-1"}
    (answer,) = await talk.answers(talk.line.event("message", ANNA, message=place))
    kept = await talk.office.database.read(
        lambda connection: [connection.execute(select(table)).all() for table in (turns, conversations, line_events)]
    )

    assert "地区" in answer["text"]
    assert len(answer["quickReply"]["items"]) == 4
    assert "35.123456" not in str(kept)
    assert "天の川1-1-1" not in str(kept)


async def test_a_new_friend_is_greeted_with_the_notice_and_all_languages(talk: Channel) -> None:
    """Who answers, what is kept, LINE's own terms; and a choice of twelve languages, by tap or by number (P-00, L-38)."""
    (greeting,) = await talk.answers(talk.line.event("follow", ANNA, follow={"isUnblocked": False}))
    for words in ("機械", "保存", "マイナンバー", "119", "LINEの規約", "30日"):
        assert words in greeting["text"]
    assert len(greeting["quickReply"]["items"]) == 12
    said = await talk.says(ANNA, "3")

    assert "English" in said


async def test_one_who_comes_back_is_greeted_shortly_in_their_language(talk: Channel) -> None:
    """The choice of language survives block and unblock (L-38, L-51)."""
    await talk.says(ANNA, "English please")
    await talk.tell(talk.line.event("unfollow", ANNA))
    (greeting,) = await talk.answers(talk.line.event("follow", ANNA, follow={"isUnblocked": True}))

    assert greeting["text"].startswith("Welcome back")
    assert "is kept" not in greeting["text"]


async def test_a_language_that_was_chosen_holds_whatever_the_resident_writes_in(talk: Channel) -> None:
    """Chosen in words or by a tap, it outranks the language of the message, until another is chosen (L-38)."""
    await talk.says(ANNA, "English please")
    for words in ("じゅうみんひょうが ほしいです", "Tôi muốn chuyển nhà", "住民票"):
        await talk.says(ANNA, words)
    await talk.says(ANNA, "日本語")
    await talk.says(ANNA, "How do I get a certificate of residence?")
    rows = await talk.office.database.read(lambda c: c.execute(select(turns.c.language).order_by(turns.c.id)).scalars().all())

    assert list(rows) == ["en", "en", "en", "en", "ja", "ja"]


@pytest.mark.parametrize(
    ("profile", "words", "language"),
    [
        ({"language": "pt-BR"}, "?", "pt-BR"), ({"language": "en-US"}, "住民票がほしい", "ja"), ({"language": "xx"}, "?", "ja"),
        ({}, "?", "ja"), (None, "?", "ja"), ({"language": "vi"}, "Tôi muốn chuyển nhà", "vi"),
        ({"language": "zh-TW"}, "住民票", "zh-Hant"),
    ],
)  # fmt: skip
async def test_the_language_is_chosen_by_message_then_profile_then_japanese(
    talk: Channel, profile: dict[str, Any] | None, words: str, language: str
) -> None:
    """A profile may be absent or 404, or in a language that we do not speak (L-38)."""
    talk.line.profiles[ANNA] = profile
    await talk.tell(talk.line.text(ANNA, words))
    found = await talk.office.database.read(lambda connection: connection.scalar(select(turns.c.language)))

    assert found == language


async def test_a_message_taken_back_leaves_only_a_tombstone(talk: Channel) -> None:
    """Text and what the reply says of it are unreadable, in the turn and in the talk (L-16)."""
    asked = talk.line.text(ANNA, "ぬいぐるみの捨て方")
    await talk.tell(asked)
    await talk.tell(talk.line.event("unsend", ANNA, unsend={"messageId": asked["message"]["id"]}))
    kept = await talk.office.database.read(
        lambda connection: str([connection.execute(select(table)).all() for table in (turns, conversations)])
    )

    assert "ぬいぐるみ" not in kept
    assert "[unsent]" in kept


async def test_a_message_taken_back_before_it_is_handled_is_never_answered(open_channel: Open, talk: Channel) -> None:
    """The unsending overtook the message, which comes late (L-09, L-16)."""
    asked = talk.line.text(ANNA, "ぬいぐるみの捨て方")
    await talk.tell(talk.line.event("unsend", ANNA, unsend={"messageId": asked["message"]["id"]}))
    await talk.tell(asked)

    assert talk.line.to(ANNA) == []
    assert (await talk.endings())[asked["webhookEventId"]] == ("ignored", "", "unsent")


async def test_unfollowing_starts_the_clock_after_which_the_id_is_gone(talk: Channel) -> None:
    """The sealed id is deleted after the city's days; the choice of language stays (P-03, L-51)."""
    await talk.says(ANNA, "English please")
    await talk.tell(talk.line.event("unfollow", ANNA))
    name, now = talk.office.keys.conversation("hoshimi", ANNA), talk.office.now()

    for days, kept in ((29, True), (31, False)):
        await talk.office.database.write(lambda connection, days=days: clean_now(connection, now + timedelta(days=days)))
        found = await talk.office.database.read(lambda connection: find_resident(connection, "hoshimi", name))
        assert found is not None
        assert (found.sealed is not None) is kept
        assert found.language == "en"


async def test_a_group_is_left_politely_and_nothing_of_it_is_kept(talk: Channel) -> None:
    """One sentence where LINE lets us, then out (L-41)."""
    join = talk.line.event("join", source=GROUP)
    await talk.tell(join, {**talk.line.text(ANNA, "ひみつの話"), "source": GROUP})
    kept = await talk.office.database.read(
        lambda connection: str([connection.execute(select(table)).all() for table in (line_events, line_residents, turns)])
    )

    assert "グループ" in json.dumps(talk.line.outbox[0].messages, ensure_ascii=False)
    assert len(talk.line.outbox) == 1
    assert set(talk.line.left) == {GROUP["groupId"]}
    assert GROUP["groupId"] not in kept
    assert "ひみつ" not in kept


async def test_nothing_is_sent_for_standby_events(talk: Channel) -> None:
    """Another module speaks then; we neither answer nor store what was said (L-11)."""
    await talk.tell({**talk.line.text(ANNA, "住民票がほしい"), "mode": "standby"})

    assert talk.line.outbox == []
    assert await talk.office.database.read(lambda connection: connection.scalar(select(turns.c.id))) is None


async def test_something_new_to_us_is_answered_with_a_request_for_words(talk: Channel) -> None:
    """An unknown event or message with a reply token: "please write", never an error (L-14)."""
    for odd in (talk.line.event("a-new-one", ANNA), talk.line.event("message", ANNA, message={"type": "hologram", "id": "1"})):
        (answer,) = await talk.answers(odd)
        assert "文字で質問を" in answer["text"]


async def test_an_event_that_names_nobody_is_answered_where_it_can_be(talk: Channel) -> None:
    """No source: the reply token still works, and no talk is kept (F-02)."""
    await talk.tell(talk.line.event("message", message={"type": "text", "id": "1", "text": "住民票"}))

    assert "文字で" in json.dumps(talk.line.outbox[0].messages, ensure_ascii=False)
    assert await talk.office.database.read(lambda connection: connection.scalar(select(line_residents.c.conversation))) is None


@pytest.mark.parametrize("data", ["entry:moving-in", "entry:moving-in|r1|AAAAAAAAAAAAAAAA", "", "|||", "x" * 600, "say:menu|r1|"])
async def test_a_forged_or_foreign_button_says_that_the_menu_has_changed(talk: Channel, data: str) -> None:
    """Never an exception, never somebody else's state; the menu is offered (L-33)."""
    (answer,) = await talk.answers(talk.line.postback(ANNA, data))

    assert "その選択肢は今は使えません" in answer["text"]
    assert answer["quickReply"]["items"]


async def test_a_button_gives_the_same_as_its_number_and_its_label(talk: Channel) -> None:
    """Tap, number, full-width number or label typed by hand (L-32)."""
    found = []
    for number, act in enumerate(("tap", "1", "１", "label"), start=1):
        who = resident(number)
        menu = (await talk.answers(talk.line.text(who, "メニュー")))[-1]
        action = menu["quickReply"]["items"][0]["action"]
        typed = action["displayText"] if act == "label" else act
        event = talk.line.postback(who, action["data"]) if act == "tap" else talk.line.text(who, typed)
        found.append(await talk.answers(event))

    assert found[0]
    assert all(one == found[0] for one in found)


async def test_a_button_of_an_older_release_that_has_gone_says_so(talk: Channel) -> None:
    """Ours by its mark, but its entry is not there any more (L-33)."""
    data = "entry:gone-long-ago|r0|" + talk.office.keys.mark("hoshimi|entry:gone-long-ago|r0")
    (answer,) = await talk.answers(talk.line.postback(ANNA, data))

    assert "その選択肢は今は使えません" in answer["text"]


async def test_events_of_a_resident_are_handled_in_their_order(talk: Channel) -> None:
    """By the time they happened, not as they arrive (L-09)."""
    events = [talk.line.text(ANNA, words) for words in ("住民票がほしい", "スプレー缶", "フライパン")]
    for number, one in enumerate(events):
        one["timestamp"] = 1_000_000 + number
    await talk.tell(*reversed(events))

    assert [sent.answers for sent in talk.line.outbox] == [one["webhookEventId"] for one in events]


async def test_an_event_that_comes_late_changes_nothing_of_the_talk(talk: Channel) -> None:
    """It is answered, quoting its question, and the choices of the newer turn stay (L-09, L-37)."""
    menu, late = talk.line.text(ANNA, "メニュー"), talk.line.text(ANNA, "フライパン")
    late["timestamp"] = menu["timestamp"] - 60_000
    await talk.tell(menu)
    (answer,) = await talk.answers(late)
    first = (await talk.answers(talk.line.text(ANNA, "1")))[0]

    assert answer["quoteToken"] == late["message"]["quoteToken"]
    assert "地区" in first["text"]


@pytest.mark.parametrize("picked", ["2026-11-27", "2026-11-27T09:00"])
async def test_a_picked_date_is_a_date_in_japan(talk: Channel, picked: str) -> None:
    """The picker has no zone; the day is the one that was shown (L-34)."""
    value = "say:collection"
    data = f"{value}|r1|" + talk.office.keys.mark(f"hoshimi|{value}|r1")
    name = "datetime" if "T" in picked else "date"
    messages = await talk.answers(talk.line.postback(ANNA, data, **{name: picked}))

    assert messages
