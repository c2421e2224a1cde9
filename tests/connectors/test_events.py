"""The event stream of a conversation, read over a real socket: every stored turn, resumable, live."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

Event = dict[str, str]


@pytest.fixture
async def outside(live: str) -> AsyncIterator[httpx.AsyncClient]:
    """Talks to the service over a real socket."""
    async with httpx.AsyncClient(base_url=f"{live}/api/v1/hoshimi", timeout=5) as client:
        yield client


async def send(client: httpx.AsyncClient, text: str, conversation: str | None = None) -> dict[str, Any]:
    """Send a message and return its turn."""
    turn: dict[str, Any] = (await client.post("/messages", json={"text": text, "conversation": conversation})).json()
    return turn


@asynccontextmanager
async def listening(client: httpx.AsyncClient, conversation: str, last: str = "") -> AsyncIterator[AsyncIterator[Event]]:
    """Open the stream as a browser does, after the last event it saw."""
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
    async with client.stream("GET", f"/conversations/{conversation}/events", headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        yield events(response)


async def events(response: httpx.Response) -> AsyncIterator[Event]:
    """Yield each event of a stream with its fields."""
    event: Event = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif event:
            yield event
            event = {}


async def following(stream: AsyncIterator[Event]) -> Event:
    """Return the next turn of a stream, soon; how long to wait before coming back is told before the first."""
    async with asyncio.timeout(3):
        async for event in stream:
            if event.get("event") == "turn":
                return event
    raise AssertionError("the stream ended")


async def test_the_stream_gives_stored_turns_and_then_new_ones_as_they_come(outside: httpx.AsyncClient) -> None:
    """Each event carries the turn's id and all that the API gave."""
    first = await send(outside, "say:menu")
    async with listening(outside, first["conversation"]) as stream:
        old = await following(stream)
        second = await send(outside, "say:collection", first["conversation"])
        new = await following(stream)

    assert (old["id"], json.loads(old["data"])) == (first["turn"], first)
    assert (new["id"], json.loads(new["data"])) == (second["turn"], second)


async def test_the_stream_resumes_after_the_last_event_that_was_seen(outside: httpx.AsyncClient) -> None:
    """A reader who lost the connection gets what it missed, once."""
    first = await send(outside, "say:menu")
    missed = [await send(outside, text, first["conversation"]) for text in ("say:collection", "say:person")]
    async with listening(outside, first["conversation"], first["turn"]) as stream:
        got = [await following(stream), await following(stream)]

    assert [event["id"] for event in got] == [turn["turn"] for turn in missed]


async def test_the_stream_tells_when_to_come_back(outside: httpx.AsyncClient) -> None:
    """The browser waits a few seconds before it connects again."""
    turn = await send(outside, "say:menu")
    async with listening(outside, turn["conversation"]) as stream:
        assert int((await anext(stream))["retry"]) >= 1000


async def test_a_reader_who_leaves_does_not_disturb_the_others(outside: httpx.AsyncClient) -> None:
    """Two tabs show one talk; one is closed, the other goes on."""
    turn = await send(outside, "say:menu")
    async with listening(outside, turn["conversation"], turn["turn"]) as staying:
        async with listening(outside, turn["conversation"]) as leaving:
            await following(leaving)
        later = await send(outside, "say:person", turn["conversation"])

        assert (await following(staying))["id"] == later["turn"]


async def test_the_stream_of_an_erased_talk_is_not_there(outside: httpx.AsyncClient) -> None:
    """After "end and erase" nobody can listen any more."""
    turn = await send(outside, "say:menu")
    await outside.delete(f"/conversations/{turn['conversation']}")
    response = await outside.get(f"/conversations/{turn['conversation']}/events")

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "unknown_conversation"
