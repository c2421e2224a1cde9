"""The API of the web channel keeps its contract (design §4)."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from bot.storage import Database
from bot.storage.tables import feedback, turns

API = "/api/v1/hoshimi"


async def send(client: httpx.AsyncClient, text: str, **fields: Any) -> dict[str, Any]:
    """Send a message and return the turn."""
    response = await client.post(f"{API}/messages", json={"text": text, **fields})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def database_of(app: FastAPI) -> Database:
    """Return the application's database, to see what really lies in it."""
    database: Database = app.state.handler.database
    return database


async def test_an_answer_carries_all_that_is_needed_to_check_it(client: httpx.AsyncClient) -> None:
    """Conversation, turn, decision, text with its language, entry, version, source, department, date."""
    turn = await send(client, "entry:moving-in", language="ja")
    reply = turn["reply"]

    assert set(turn) == {"conversation", "turn", "at", "text", "reply"}
    assert reply.items() >= {"decision": "answer", "outcome": "answered", "language": "ja", "entry": "moving-in"}.items()
    assert reply["version"].startswith("r")
    assert reply["source"].startswith("https://")
    assert set(reply["contact"]) == {"department", "phone", "hours"}
    assert len(reply["confirmed_on"]) == len("2026-11-21")
    assert all({"text", "language", "kind"} <= set(block) for block in reply["blocks"])
    assert all(set(choice) == {"label", "value"} for choice in reply["choices"])


async def test_a_typed_question_is_answered_with_its_probability(client: httpx.AsyncClient) -> None:
    """What was searched for says how sure the search was."""
    reply = (await send(client, "住民票がほしい"))["reply"]

    assert reply["decision"] in ("answer", "clarify")
    assert 0 < reply["probability"] <= 1


async def test_a_talk_goes_on_with_its_id(client: httpx.AsyncClient) -> None:
    """The second message of a conversation is another turn of the same one."""
    first = await send(client, "say:collection", language="en")
    second = await send(client, first["reply"]["choices"][0]["label"], conversation=first["conversation"])

    assert second["conversation"] == first["conversation"]
    assert second["turn"] > first["turn"]
    assert second["reply"]["outcome"] == "calendar"


async def test_a_message_with_a_client_id_may_be_sent_again(client: httpx.AsyncClient) -> None:
    """The same id gives the same turn, word for word."""
    first = await send(client, "say:menu", client_id="client-id-of-test-api")

    assert await send(client, "say:menu", client_id="client-id-of-test-api") == first


@pytest.mark.parametrize(
    ("text", "outcomes"),
    [
        ("", {"unreadable"}),
        ("   　\n\t ", {"unreadable"}),
        ("🗑️👍🏽🇯🇵", {"unreadable"}),
        ("\x01\x02\x1b\x7f\u200b\u202e\ufeff", {"unreadable"}),
        ("？", {"unreadable"}),
        ("あ" * 10_000, {"unreadable"}),
        ("ごみ " * 3_000, {"unreadable"}),
        ("district:atlantis", {"clarified"}),
        ("アトランティス地区の燃えるごみはいつ？", {"clarified", "declined", "answered"}),
        ("entry:never-was", {"declined"}),
        ("'; DROP TABLE turns; --", {"declined", "clarified", "unreadable"}),
        ("{city} {0} %s ${jndi:ldap://a}", {"declined", "clarified", "unreadable"}),
    ],
)
@pytest.mark.parametrize("language", ["ja", "en", "xx-not-a-language"])
async def test_every_text_gets_a_polite_reply(client: httpx.AsyncClient, text: str, outcomes: set[str], language: str) -> None:
    """Nothing that a resident can write is an error, and what is unreadable is told how to ask."""
    reply = (await send(client, text, language=language[:16]))["reply"]

    assert reply["outcome"] in outcomes
    assert reply["blocks"][0]["text"].strip()
    assert "Traceback" not in str(reply)


async def test_a_nul_in_a_text_comes_into_no_database(client: httpx.AsyncClient, app: FastAPI) -> None:
    """PostgreSQL would refuse the whole turn for it."""
    turn = await send(client, "住民\0票")
    query = select(turns.c.text).where(turns.c.id == turn["turn"])

    assert await database_of(app).read(lambda connection: connection.scalar(query)) == "住民 票"


async def test_suggestions_are_published_questions_of_the_language(client: httpx.AsyncClient, app: FastAPI) -> None:
    """Each label is an entry's own question, its value leads there, and nothing typed is stored."""
    entries = app.state.handler.service.release("hoshimi").knowledge.entries
    before = await stored_turns(app)
    for language, typed in (("ja", "ひっこし"), ("en", "certif"), ("vi", "rác")):
        found = (await client.get(f"{API}/suggest", params={"q": typed, "language": language})).json()
        assert 1 <= len(found) <= 5
        for row in found:
            assert row["label"] == entries[row["value"].removeprefix("entry:")].texts[language].question

    assert (await client.get(f"{API}/suggest", params={"q": "あ"})).json() == []
    assert await stored_turns(app) == before


async def stored_turns(app: FastAPI) -> int:
    """Return how many turns are stored."""
    return await database_of(app).read(lambda connection: int(connection.scalar(select(func.count()).select_from(turns)) or 0))


async def test_turns_can_be_polled_from_where_a_reader_stopped(client: httpx.AsyncClient) -> None:
    """The polling twin of the stream gives all turns, then only the later ones."""
    first = await send(client, "say:menu")
    second = await send(client, "say:collection", conversation=first["conversation"])
    path = f"{API}/conversations/{first['conversation']}/turns"

    assert [turn["turn"] for turn in (await client.get(path)).json()] == [first["turn"], second["turn"]]
    assert [turn["turn"] for turn in (await client.get(path, params={"after": first["turn"]})).json()] == [second["turn"]]


async def test_a_conversation_that_is_ended_is_erased(client: httpx.AsyncClient, app: FastAPI) -> None:
    """No turn and no feedback is left, the id leads nowhere, and ending it again is no error."""
    turn = await send(client, "entry:moving-in")
    path = f"{API}/conversations/{turn['conversation']}"
    await client.post(f"{API}/feedback", json={"turn": turn["turn"], "solved": True})

    assert (await client.delete(path)).status_code == 204
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(f"{path}/turns")).status_code == 404
    again = await client.post(f"{API}/messages", json={"text": "say:menu", "conversation": turn["conversation"]})
    assert again.json()["error"]["code"] == "unknown_conversation"
    query = select(func.count()).select_from(feedback).where(feedback.c.turn == turn["turn"])
    assert await database_of(app).read(lambda connection: connection.scalar(query)) == 0


async def test_feedback_is_kept_with_its_reason_masked(client: httpx.AsyncClient, app: FastAPI) -> None:
    """A resident may say why, and a telephone number in it is not written."""
    turn = await send(client, "entry:moving-in")
    body = {"turn": turn["turn"], "solved": False, "reason": "連絡ください 090-1234-5678"}
    response = await client.post(f"{API}/feedback", json=body)
    query = select(feedback.c.solved, feedback.c.reason).where(feedback.c.turn == turn["turn"])

    assert response.status_code == 204
    rows = await database_of(app).read(lambda connection: connection.execute(query).all())
    assert rows == [(0, "連絡ください [phone]")]


async def test_the_service_says_that_it_lives_and_that_it_is_ready(client: httpx.AsyncClient, app: FastAPI) -> None:
    """Probes of life and readiness, the second with the release that each city answers from."""
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    ready = (await client.get("/readyz")).json()
    releases = app.state.handler.service.releases
    assert ready == {"status": "ready", "away": [], "cities": {city: release.number for city, release in releases.items()}}


async def test_metrics_count_by_route_and_name_no_conversation(client: httpx.AsyncClient) -> None:
    """Prometheus sees how often and how long, never who."""
    turn = await send(client, "say:menu")
    await client.get(f"{API}/conversations/{turn['conversation']}/turns")
    metrics = (await client.get("/metrics")).text

    assert 'madoguchi_requests_total{route="/api/v1/{city}/messages",status="200"}' in metrics
    assert "madoguchi_request_seconds_bucket" in metrics
    assert turn["conversation"] not in metrics


async def test_openapi_tells_of_every_route_and_its_errors(client: httpx.AsyncClient, app: FastAPI) -> None:
    """Each route has a description, and each that takes something says which shape its errors have."""
    described = (await client.get("/openapi.json")).json()
    operations = {(verb, path): operation for path, verbs in described["paths"].items() for verb, operation in verbs.items()}

    wanted = {"messages", "feedback", "suggest", "conversations/{conversation}/events", "conversations/{conversation}/turns"}
    assert {f"/api/v1/{{city}}/{name}" for name in wanted} < set(described["paths"])
    for (verb, path), operation in operations.items():
        assert operation.get("description"), f"{verb} {path} has no description"
        if "{city}" in path:
            errors = {code: response for code, response in operation["responses"].items() if code.startswith(("4", "5"))}
            shapes = {response["content"]["application/json"]["schema"]["$ref"] for response in errors.values()}
            assert {"404", "422"} <= set(errors), f"{verb} {path} tells of no errors"
            assert shapes == {"#/components/schemas/ErrorOut"}, f"{verb} {path}"
    assert (await client.get("/api/docs")).status_code == 200
