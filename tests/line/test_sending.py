"""What is sent, and what is not sent twice: tokens, pushes, keys, quotas, and LINE's refusals one by one."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.storage.line_overview import overview
from bot.storage.line_sent import count_sent, load_quota
from connectors.line.client import LineClient
from connectors.line.errors import LineError, Refusal, refusal_of
from connectors.line.pace import RATES, Pace
from tests.line.conftest import Channel, Open, write_channels
from tests.line.fake.line import TOO_MANY, FakeLine, Fault, resident

ANNA = resident(1)


async def ending_of(talk: Channel) -> tuple[str, str, str]:
    """Return how the only event ended."""
    (ending,) = (await talk.endings()).values()
    return ending


async def test_an_expired_token_falls_back_to_a_push(talk: Channel) -> None:
    """Where the city allows paid pushes, the answer goes out as one, with a retry key and a fixed unit (L-18, L-49)."""
    talk.line.token_seconds = -1
    await talk.says(ANNA, "住民票がほしい")

    assert [sent.way for sent in talk.line.outbox] == ["push"]
    assert await ending_of(talk) == ("answered", "push", "")
    assert len(talk.line.keys) == 1
    assert talk.line.units == ["ja_answer"]


async def test_without_leave_to_push_the_event_is_listed_as_undelivered(open_channel: Open, line: FakeLine) -> None:
    """A city that does not pay sees what was not delivered (L-18)."""
    write_channels(line, push=False)
    talk = await open_channel()
    line.token_seconds = -1
    await talk.tell(line.text(ANNA, "住民票がほしい"))
    since = talk.office.now() - timedelta(hours=1)
    view = await talk.office.database.read(lambda connection: overview(connection, "hoshimi", since))

    assert line.outbox == []
    assert [row.reason for row in view.undelivered] == ["push-not-allowed"]
    assert view.events == {"undelivered": 1}
    assert view.requests == {("reply", "failed", "reply-token"): 1}


@pytest.mark.parametrize("kind", ["rate", "flood"])
async def test_a_passing_429_is_tried_again_with_the_same_token(talk: Channel, kind: str) -> None:
    """Too fast is not too much: the same reply goes out a little later, once (L-23)."""
    talk.line.faults["reply"] = [Fault(429, TOO_MANY[kind])]
    await talk.says(ANNA, "住民票がほしい")

    assert [sent.way for sent in talk.line.outbox] == ["reply"]


@pytest.mark.parametrize("kind", ["quota", "paid-cap"])
async def test_a_spent_quota_stops_pushes_and_not_replies(talk: Channel, kind: str) -> None:
    """The first push that LINE refuses for the month is the last; replies go on (L-23)."""
    talk.line.token_seconds = -1
    talk.line.faults["push"] = [Fault(429, TOO_MANY[kind])]
    await talk.tell(talk.line.text(ANNA, "住民票がほしい"))
    await talk.tell(talk.line.text(ANNA, "スプレー缶"))
    pushes = [path for _, path, _ in talk.line.requests if path.endswith("/push")]
    talk.line.token_seconds = 60
    said = await talk.says(ANNA, "スプレー缶")
    quota = await talk.office.database.read(lambda connection: load_quota(connection, "hoshimi"))

    assert len(pushes) == 1
    assert quota is not None
    assert quota.spent_month == talk.office.now().strftime("%Y-%m")
    assert "スプレー" in said
    assert sorted(detail for _, _, detail in (await talk.endings()).values()) == sorted(["", "quota", kind])


async def test_a_month_that_is_used_up_is_known_before_the_push(open_channel: Open, line: FakeLine) -> None:
    """LINE is asked for the quota; with nothing left no push is tried."""
    line.limit, line.used, line.token_seconds = 200, 200, -1
    talk = await open_channel()
    await talk.tell(line.text(ANNA, "住民票がほしい"))

    assert await ending_of(talk) == ("undelivered", "push", "quota")
    assert not [path for _, path, _ in line.requests if path.endswith("/push")]


async def test_a_push_is_tried_again_with_the_same_key_and_reaches_once(talk: Channel) -> None:
    """500, then an answer lost after LINE took it, then 409: one message (L-19, L-20)."""
    talk.line.token_seconds = -1
    talk.line.faults["push"] = [Fault(500), Fault(502, taken=True)]
    await talk.says(ANNA, "住民票がほしい")
    counted = await talk.office.database.read(
        lambda connection: count_sent(connection, "hoshimi", talk.office.now() - timedelta(hours=1))
    )

    assert len(talk.line.outbox) == 1
    assert [status for _, path, status in talk.line.requests if path.endswith("/push")] == [500, 502, 409]
    assert await ending_of(talk) == ("answered", "push", "")
    assert counted[("push", "already", "")] == 1


async def test_a_reply_that_line_failed_to_take_goes_out_once(talk: Channel) -> None:
    """500 then 200 with the same token; a token is good once, so nothing doubles."""
    talk.line.faults["reply"] = [Fault(500)]
    await talk.says(ANNA, "住民票がほしい")

    assert len(talk.line.outbox) == 1
    assert await ending_of(talk) == ("answered", "reply", "")


async def test_a_reply_whose_answer_is_lost_is_listed_and_not_pushed(talk: Channel) -> None:
    """LINE took it and answered 500: the second try is refused; it may have arrived: listed, not sent again (L-21)."""
    talk.line.faults["reply"] = [Fault(500, taken=True)]
    await talk.tell(talk.line.text(ANNA, "住民票がほしい"))

    assert len(talk.line.outbox) == 1
    assert await ending_of(talk) == ("undelivered", "reply", "reply-unknown")


async def test_a_reply_without_an_answer_in_time_is_unknown_and_not_repeated(talk: Channel) -> None:
    """LINE is silent: no second reply, no push, but a line in the list (L-21)."""
    talk.office.client("hoshimi").timeout = 0.3
    talk.line.faults["reply"] = [Fault(504, hang=1.0, taken=True)]
    await talk.tell(talk.line.text(ANNA, "住民票がほしい"))

    assert await ending_of(talk) == ("undelivered", "reply", "reply-unknown")
    assert len(talk.line.outbox) == 1


async def test_a_reply_that_line_finds_wrong_goes_out_as_plain_text(talk: Channel) -> None:
    """Should LINE refuse a bubble, the resident still gets the words."""
    talk.line.faults["reply"] = [Fault(400, "The request body has 1 error(s)")]
    messages = await talk.answers(talk.line.text(ANNA, "住民票がほしい"))

    assert [message["type"] for message in messages] == ["text"]
    assert "住民票" in messages[0]["text"]


async def test_a_retry_key_never_stands_on_a_reply(talk: Channel) -> None:
    """LINE refuses it there with 400 (L-21); the fake does too, so a plain answer shows that none was sent."""
    await talk.says(ANNA, "住民票がほしい")

    assert talk.line.keys == {}
    assert [status for _, path, status in talk.line.requests if path.endswith("/reply")] == [200]


async def test_a_token_of_the_channel_is_issued_used_and_renewed_once(open_channel: Open, line: FakeLine) -> None:
    """Without a fixed token short-lived ones are issued; one that LINE refuses is replaced (L-42)."""
    write_channels(line, token="", channel_id="1234567890")
    talk = await open_channel()
    await talk.says(ANNA, "住民票がほしい")
    assert len(line.issued) == 1
    line.issued[0] = "revoked"
    await talk.says(ANNA, "スプレー缶")

    assert len(line.issued) == 2
    assert len(line.outbox) == 2


async def test_a_blocked_resident_is_not_pushed_to(talk: Channel) -> None:
    """After unfollow no push is tried, since LINE would say 200 and deliver nothing (L-22, L-51)."""
    await talk.tell(talk.line.text(ANNA, "住民票がほしい"))
    await talk.tell(talk.line.event("unfollow", ANNA))
    talk.line.token_seconds = -1
    await talk.tell(talk.line.text(ANNA, "スプレー缶"))

    assert [sent.way for sent in talk.line.outbox] == ["reply"]
    assert ("undelivered", "push", "not-following") in (await talk.endings()).values()


async def test_the_animation_is_asked_for_only_when_an_answer_is_slow(talk: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    """5–60 seconds in steps of 5, to one resident; LINE's refusal of it is no matter (L-35)."""
    await talk.says(ANNA, "住民票がほしい")
    assert talk.line.loading == []
    monkeypatch.setattr("connectors.line.questions.SLOW_SECONDS", 0.0)
    await talk.says(ANNA, "スプレー缶")

    assert talk.line.loading == [(ANNA, 20)]
    for seconds, step in ((1, 5), (7, 5), (33, 35), (400, 60)):
        await talk.office.client("hoshimi").show_loading(ANNA, seconds)
        assert talk.line.loading[-1] == (ANNA, step)


async def test_messages_are_marked_as_read_where_line_wants_it(talk: Channel) -> None:
    """With a token for it, and without harm where the chat is off (L-36)."""
    talk.line.faults["read"] = [Fault(400, "ensure that chat is enabled")]
    for words in ("住民票がほしい", "スプレー缶"):
        event = talk.line.text(ANNA, words)
        event["message"]["markAsReadToken"] = f"read {words}"
        await talk.tell(event)

    assert talk.line.read == ["read スプレー缶"]
    assert len(talk.line.outbox) == 2


@pytest.mark.parametrize(
    ("status", "message", "refusal"),
    [
        (400, "Invalid reply token", Refusal.REPLY_TOKEN), (400, "The request body has 1 error(s)", Refusal.INVALID),
        (401, "Authentication failed", Refusal.UNAUTHORISED), (404, "Not found", Refusal.NOT_FOUND),
        (429, TOO_MANY["rate"], Refusal.RATE), (429, TOO_MANY["flood"], Refusal.FLOOD),
        (429, TOO_MANY["quota"], Refusal.QUOTA), (429, TOO_MANY["paid-cap"], Refusal.PAID_CAP),
        (500, "Internal error", Refusal.SERVER), (503, "", Refusal.SERVER),
    ],
)  # fmt: skip
def test_refusals_are_told_apart(status: int, message: str, refusal: Refusal) -> None:
    """Each cause by its status and text (L-23)."""
    assert refusal_of(status, json.dumps({"message": message}))[0] is refusal


@pytest.mark.parametrize("body", [None, "", "<html>", "[]", '{"message": null}'])
def test_a_refusal_with_an_odd_body_is_a_refusal(body: str | None) -> None:
    """A proxy's page instead of JSON raises nothing."""
    assert refusal_of(429, body)[0] is Refusal.RATE


@pytest.mark.parametrize("kind", RATES)
def test_requests_keep_within_lines_rates(kind: str) -> None:
    """In no window do more requests leave than LINE allows, after the first rush (L-24)."""
    most, window = RATES[kind]
    pace = Pace()
    leaving = [pace.delay(kind, 0.0) for _ in range(3 * most)]

    assert leaving[:most] == [0.0] * most
    assert leaving[-1] == pytest.approx(2 * window)
    assert all(sum(start <= at < start + window for at in leaving[most:]) <= most for start in (0.0, window / 2, window))


async def test_a_client_says_what_is_wrong_with_line_away(line: FakeLine, open_channel: Open) -> None:
    """Nothing listens: a LineError, not an exception of the SDK."""
    talk = await open_channel(working=False)
    away = LineClient(replace(talk.office.channels["hoshimi"]), "http://127.0.0.1:1", "http://127.0.0.1:1")
    with pytest.raises(LineError) as refused:
        await away.quota()
    await away.close()

    assert refused.value.refusal is Refusal.SERVER
