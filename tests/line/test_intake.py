"""The webhook: only what LINE signed, stored before it is acknowledged, never twice, and never waiting for anything else."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, text

from bot.storage.line_tables import line_events
from tests.line.conftest import Channel, Open, write_channels
from tests.line.fake.line import FakeLine, resident

ANNA, BEN = resident(1), resident(2)


async def stored(talk: Channel) -> int:
    """Return how many events are stored."""
    query = select(func.count()).select_from(line_events)
    return int(await talk.office.database.read(lambda connection: connection.scalar(query)) or 0)


async def test_a_body_that_was_changed_is_refused(talk: Channel) -> None:
    """One byte more, one space less, another order of keys: 401, and nothing is stored (L-01)."""
    body = talk.line.body(talk.line.text(ANNA, "住民票"))
    signature = talk.line.sign(body)
    again = json.dumps(json.loads(body), sort_keys=True).encode()

    for changed in (body + b" ", body[:-2] + b"}]", body.replace(b"message", b"massage", 1), again):
        assert (await talk.post_raw(changed, signature)).status_code == 401
    assert await stored(talk) == 0


@pytest.mark.parametrize(
    "headers", [{}, {"x-line-signature": ""}, {"x-line-signature": "あ".encode()}, {"x-line-signature": "AAAA"}]
)
async def test_a_signature_that_is_missing_or_odd_is_refused(talk: Channel, headers: dict[str, Any]) -> None:
    """4xx, never 500 (L-02)."""
    response = await talk.http.post("/line/hoshimi/webhook", content=talk.line.body(talk.line.text(ANNA, "a")), headers=headers)

    assert response.status_code == 401
    assert await stored(talk) == 0


async def test_the_name_of_the_header_may_be_written_in_any_way(talk: Channel) -> None:
    """X-LINE-SIGNATURE is the same header (L-02)."""
    body = talk.line.body()
    response = await talk.http.post("/line/hoshimi/webhook", content=body, headers={"X-LINE-SIGNATURE": talk.line.sign(body)})

    assert response.status_code == 200


async def test_both_secrets_work_while_one_is_being_changed(open_channel: Open, line: FakeLine) -> None:
    """The old and the new secret are accepted, a third is not (L-42)."""
    write_channels(line, secret=["another secret that is new", line.secret])
    talk = await open_channel()
    body = line.body(line.text(ANNA, "住民票"))

    assert (await talk.post_raw(body)).status_code == 200
    assert (await talk.post_raw(body, line.sign(body, "another secret that is new"))).status_code == 200
    assert (await talk.post_raw(body, line.sign(body, "a secret that nobody knows"))).status_code == 401


async def test_a_check_of_the_address_by_line_succeeds(talk: Channel) -> None:
    """No events: 200 and nothing is stored (L-03); a body without `events` as well."""
    for body in (talk.line.body(), json.dumps({"destination": talk.line.bot_id}).encode(), b'{"events": null}'):
        assert (await talk.post_raw(body)).status_code == 200
    assert await stored(talk) == 0


async def test_what_is_meant_for_another_bot_is_dropped(talk: Channel) -> None:
    """The signature fits, the destination does not: 200, nothing stored (L-12)."""
    body = json.dumps({"destination": "U" + "f" * 32, "events": [talk.line.text(ANNA, "住民票")]}).encode()

    assert (await talk.post_raw(body)).status_code == 200
    assert await stored(talk) == 0


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b"[]", b"null", b"{", b"", b"[" * 5000])
async def test_a_signed_body_that_is_no_webhook_is_refused(talk: Channel, body: bytes) -> None:
    """Bad UTF-8, no JSON, no object: 400 (F-02)."""
    assert (await talk.post_raw(body)).status_code == 400


async def test_a_large_body_is_read_and_a_huge_one_refused(talk: Channel) -> None:
    """1 MB passes; more than LINE ever sends is 413 (F-02)."""
    large = talk.line.text(ANNA, "あ" * 5000)
    large["padding"] = "x" * 1_000_000

    assert (await talk.post(large)).status_code == 200
    assert (await talk.post_raw(b"{" + b" " * 2_000_000 + b"}")).status_code == 413
    await talk.settled()


async def test_a_city_without_a_channel_is_not_found(talk: Channel) -> None:
    """404 for a city that is not on LINE, or not there at all."""
    for city in ("anjo", "nowhere"):
        assert (await talk.http.post(f"/line/{city}/webhook", content=b"{}")).status_code == 404


async def test_the_same_post_a_thousand_times_gets_one_answer(talk: Channel) -> None:
    """However often LINE sends an event again, the resident reads one answer (L-07)."""
    body = talk.line.body(talk.line.text(ANNA, "住民票がほしい"))
    for _ in range(1000):
        assert (await talk.post_raw(body)).status_code == 200
    await talk.settled()

    assert len(talk.line.outbox) == 1
    assert await stored(talk) == 1


async def test_an_event_without_an_id_is_taken_in_once_and_loses_no_neighbour(talk: Channel) -> None:
    """The SDK loses the whole batch here; we name the event by its content."""
    first, second = talk.line.text(ANNA, "住民票がほしい"), talk.line.text(BEN, "スプレー缶")
    del first["webhookEventId"]
    again = {**first, "deliveryContext": {"isRedelivery": True}}
    await talk.tell(first, second)
    await talk.tell(again)

    assert [len(talk.line.to(who)) for who in (ANNA, BEN)] == [1, 1]


async def test_bad_events_lose_no_neighbours(talk: Channel) -> None:
    """Events that are no objects, empty, or full of wrong types stand beside two residents who get their answers (L-06)."""
    odd: list[Any] = [
        None,
        7,
        "text",
        [],
        {},
        {"type": 3, "source": "x", "timestamp": "now", "message": [1], "webhookEventId": 5},
    ]
    events = [*odd, talk.line.text(ANNA, "住民票がほしい"), *odd, talk.line.text(BEN, "スプレー缶")]
    body = json.dumps({"destination": talk.line.bot_id, "events": events})

    assert (await talk.post_raw(body.encode())).status_code == 200
    await talk.settled()
    assert [len(talk.line.to(who)) for who in (ANNA, BEN)] == [1, 1]


async def test_what_a_resident_wrote_is_sealed_while_it_waits_and_gone_afterwards(open_channel: Open, line: FakeLine) -> None:
    """Neither words nor LINE ids lie readable in the database (P-03, P-04)."""
    talk = await open_channel(working=False)
    await talk.post(line.text(ANNA, "ひみつのことば 090-1234-5678"))
    query = select(line_events)
    row = await talk.office.database.read(lambda connection: connection.execute(query).mappings().one())

    assert row["body"]
    assert ANNA not in str(dict(row))
    assert "ひみつ" not in str(dict(row))
    working = await open_channel()
    await working.settled()
    row = await talk.office.database.read(lambda connection: connection.execute(query).mappings().one())
    assert row["body"] is None
    turns = await talk.office.database.read(lambda connection: str(connection.execute(text("SELECT * FROM turns")).all()))
    assert "ひみつのことば [phone]" in turns
    assert ANNA not in turns


@contextmanager
def a_writer_that_holds_the_database(talk: Channel) -> Iterator[None]:
    """Hold the write lock of SQLite from outside, as a backup or a long report would."""
    engine = talk.office.database.engine
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield
        connection.rollback()


async def test_events_are_kept_while_the_database_is_held(talk: Channel) -> None:
    """200 at once: the events wait on the disk, and are answered when the database is there again (L-04)."""
    with a_writer_that_holds_the_database(talk):
        for number in range(20):
            assert (await talk.post(talk.line.text(resident(number), "住民票がほしい"))).status_code == 200
        assert talk.office.spool.waiting()
        assert talk.line.outbox == []
    await talk.settled()

    assert {sent.to for sent in talk.line.outbox} == {resident(number) for number in range(20)}
    assert len(talk.line.outbox) == 20
    assert talk.office.spool.waiting() == []


async def test_a_webhook_that_cannot_be_stored_at_all_asks_line_to_send_it_again(talk: Channel) -> None:
    """Neither database nor disk: 503, so that redelivery helps (L-05)."""
    talk.office.spool.folder.parent.mkdir(parents=True, exist_ok=True)
    talk.office.spool.folder.write_text("a file where the folder should be")
    with a_writer_that_holds_the_database(talk):
        assert (await talk.post(talk.line.text(ANNA, "住民票がほしい"))).status_code == 503
    talk.office.spool.folder.unlink()


async def test_the_webhook_answers_while_the_search_is_blocked(
    open_channel: Open, line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question that takes long keeps nobody else from being taken in; both are answered in the end (L-04)."""
    talk = await open_channel()
    understand = type(talk.office.handler.service.engine).understand

    def slowly(*given: Any) -> Any:
        time.sleep(1.0)
        return understand(*given)

    monkeypatch.setattr(type(talk.office.handler.service.engine), "understand", slowly)
    await talk.post(line.text(ANNA, "住民票がほしい"))
    for number in range(2, 12):
        assert (await talk.post(line.postback(resident(number), "forged"))).status_code == 200
    assert line.to(ANNA) == []
    monkeypatch.undo()
    await talk.settled()

    assert len(line.outbox) == 11


async def test_the_webhook_answers_while_redis_is_away(open_channel: Open, line: FakeLine) -> None:
    """Nothing listens where Redis should be: events are taken in all the same (L-04)."""
    talk = await open_channel(cache="redis://127.0.0.1:1/0", working=False)

    assert (await talk.post(line.text(ANNA, "住民票がほしい"))).status_code == 200
    assert await stored(talk) == 1


async def test_residents_of_two_cities_never_share_a_conversation(talk: Channel) -> None:
    """The same person has another conversation with each city, and no id leads back to them (P-03)."""
    keys = talk.office.keys

    assert keys.conversation("hoshimi", ANNA) != keys.conversation("anjo", ANNA)
    assert keys.conversation("hoshimi", ANNA) == keys.conversation("hoshimi", ANNA)
    assert ANNA not in keys.conversation("hoshimi", ANNA)


async def test_no_secret_stands_in_a_log_or_an_error(talk: Channel, capsys: pytest.CaptureFixture[str]) -> None:
    """Logs hold kinds and states; no words, no ids, no tokens (L-48)."""
    event = talk.line.text(ANNA, "ひみつのことば")
    await talk.tell(event)
    printed = capsys.readouterr()

    assert "line request" in printed.out
    for secret in (ANNA, "ひみつ", talk.line.secret, talk.line.access_token, event["replyToken"]):
        assert secret not in printed.out + printed.err


async def test_the_address_is_found_by_httpx_too(talk: Channel) -> None:
    """GET is not a webhook."""
    response: httpx.Response = await talk.http.get("/line/hoshimi/webhook")

    assert response.status_code == 405
