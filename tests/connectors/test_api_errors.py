"""Every error is `{error: {code, message, hint}}`: for all routes, for all mistakes, without a stack trace."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine

from bot.storage import Database
from tests.conftest import free_port

API = "/api/v1/hoshimi"
MESSAGES = f"{API}/messages"
JSON = {"Content-Type": "application/json"}
HEADERS = {
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
}


def check_shape(response: httpx.Response, status: int, code: str) -> None:
    """Assert that a response is the one shape of errors and tells nothing of our code."""
    assert response.status_code == status, response.text
    assert set(response.json()) == {"error"}
    error = response.json()["error"]
    assert set(error) == {"code", "message", "hint"}
    assert error["code"] == code
    assert error["message"].strip()
    for inside in ("Traceback", 'File "', ".py", "sqlalchemy"):
        assert inside not in response.text


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"content": b"", "headers": JSON}, 422, "invalid_request"),
        ({"content": b"", "headers": {}}, 422, "invalid_request"),
        ({"content": b"{text: 1", "headers": JSON}, 422, "invalid_request"),
        ({"content": b"[]", "headers": JSON}, 422, "invalid_request"),
        ({"content": b"null", "headers": JSON}, 422, "invalid_request"),
        ({"content": '{"text": "住民票"}'.encode("cp932"), "headers": JSON}, 400, "http_error"),
        ({"content": b'{"text": "\\ud800"}', "headers": JSON}, 422, "invalid_request"),
        ({"json": {}}, 422, "invalid_request"),
        ({"json": {"text": None}}, 422, "invalid_request"),
        ({"json": {"text": 5}}, 422, "invalid_request"),
        ({"json": {"text": "a" * 20_001}}, 422, "invalid_request"),
        ({"json": {"text": "a", "question": "b"}}, 422, "invalid_request"),
        ({"json": {"text": "a", "client_id": "short"}}, 422, "invalid_request"),
        ({"json": {"text": "a", "language": "x" * 17}}, 422, "invalid_request"),
        ({"json": {"text": "a", "conversation": "never-was"}}, 404, "unknown_conversation"),
        ({"json": {"text": "a", "conversation": "with\0nul"}}, 422, "invalid_request"),
        ({"json": {"text": "a", "client_id": "with\0nul-in-it"}}, 422, "invalid_request"),
    ],
)
async def test_a_wrong_message_is_refused_in_the_one_shape(
    client: httpx.AsyncClient, sent: dict[str, Any], status: int, code: str
) -> None:
    """What was wrong is named, so that whoever writes a client can mend it."""
    check_shape(await client.post(MESSAGES, **sent), status, code)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", f"{API}/suggest", 422, "invalid_request"),
        ("GET", f"{API}/suggest?q={'a' * 101}", 422, "invalid_request"),
        ("GET", "/api/v1/atlantis/suggest?q=moving", 404, "unknown_city"),
        ("GET", f"{API}/conversations/never-was/turns", 404, "unknown_conversation"),
        ("GET", f"{API}/conversations/never-was/events", 404, "unknown_conversation"),
        ("GET", f"{API}/conversations/with%00nul/turns", 422, "invalid_request"),
        ("GET", f"{API}/conversations/never-was/turns?after=%00", 422, "invalid_request"),
        ("GET", f"{API}/conversations/with%00nul/events", 422, "invalid_request"),
        ("DELETE", f"{API}/conversations/with%00nul", 422, "invalid_request"),
        ("GET", "/api/v1/atlantis/conversations/never-was/events", 404, "unknown_city"),
        ("DELETE", "/api/v1/atlantis/conversations/never-was", 404, "unknown_city"),
        ("GET", "/opendata/hoshimi/secrets.csv", 404, "not_found"),
        ("GET", "/opendata/hoshimi/faq.exe", 404, "not_found"),
        ("GET", "/opendata/atlantis/faq.csv", 404, "unknown_city"),
        ("GET", "/atlantis", 404, "unknown_city"),
        ("GET", "/atlantis/chat", 404, "unknown_city"),
        ("GET", "/hoshimi/faq/never-was", 404, "unknown_entry"),
        ("GET", "/hoshimi/a/b/c", 404, "not_found"),
        ("GET", "/static/never-was.js", 404, "not_found"),
        ("GET", "/static/%2e%2e/api.py", 404, "not_found"),
        ("GET", MESSAGES, 405, "http_error"),
        ("DELETE", "/healthz", 405, "http_error"),
    ],
)
async def test_a_wrong_address_is_refused_in_the_one_shape(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    """Unknown cities, talks, files, pages and methods."""
    check_shape(await client.request(method, path), status, code)


async def test_feedback_on_a_turn_that_is_not_there_is_refused(client: httpx.AsyncClient) -> None:
    """Nobody can judge what nobody said."""
    check_shape(await client.post(f"{API}/feedback", json={"turn": "never-was", "solved": True}), 404, "unknown_turn")
    check_shape(await client.post(f"{API}/feedback", json={"turn": "x" * 65, "solved": True}), 422, "invalid_request")


@pytest.fixture
async def broken(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Talks to the application while its database server is away."""
    database = Database(create_engine(f"postgresql+psycopg://app@127.0.0.1:{free_port()}/gone"))
    whole = app.state.handler
    app.state.handler = replace(whole, database=database)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
    app.state.handler = whole
    database.close()


async def test_without_a_database_the_resident_gets_the_telephone_number(broken: httpx.AsyncClient, app: FastAPI) -> None:
    """Nothing is accepted that cannot be stored, and who asked is told in their language whom to call."""
    response = await broken.post(MESSAGES, json={"text": "say:menu", "language": "en"})

    check_shape(response, 503, "unavailable")
    assert app.state.handler.service.release("hoshimi").knowledge.city.phone in response.json()["error"]["message"]
    assert response.json()["error"]["message"].isascii()


async def test_a_service_without_its_database_is_not_ready(broken: httpx.AsyncClient) -> None:
    """A load balancer sends nobody here, while the process still lives and pages without storage still work."""
    response = await broken.get("/readyz")
    assert (response.status_code, response.json()["away"]) == (503, ["database"])
    assert (await broken.get("/healthz")).status_code == 200
    assert (await broken.get("/hoshimi/faq")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/", "/hoshimi", "/hoshimi/chat", "/hoshimi/faq", "/hoshimi/faq/moving-in", "/static/chat.js", "/static/page.css",
        "/api/docs", "/openapi.json", "/healthz", "/readyz", "/metrics", "/opendata/hoshimi/faq.json",
        "/opendata/hoshimi/garbage.csv",
        "/atlantis", MESSAGES, f"{API}/suggest", "/static/never-was.js",
    ],
)  # fmt: skip
async def test_every_response_carries_the_security_headers(client: httpx.AsyncClient, path: str) -> None:
    """Pages, files, data and errors alike."""
    check_headers(await client.get(path))


async def test_reading_a_talk_without_a_database_is_refused_in_the_one_shape(broken: httpx.AsyncClient) -> None:
    """Whoever polls is told to come again, not that something is wrong with the request."""
    check_shape(await broken.get(f"{API}/conversations/some-talk/turns"), 503, "unavailable")


async def test_even_an_unexpected_error_carries_the_security_headers(app: FastAPI, broken: httpx.AsyncClient) -> None:
    """The handler of last resort is no way around them."""
    app.state.handler = None
    response = await broken.get("/readyz")
    check_shape(response, 500, "internal")
    check_headers(response)


def check_headers(response: httpx.Response) -> None:
    """Assert that a response has the security headers, each once."""
    for name, beginning in HEADERS.items():
        values = response.headers.get_list(name)
        assert len(values) == 1, f"{name}: {values}"
        assert values[0].startswith(beginning)
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
