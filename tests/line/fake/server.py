"""The fake LINE server: tokens work once, limits are kept, keys repeat with 409, faults come as planned (F-01)."""

import asyncio
import secrets
import time
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from tests.line.fake.limits import mistakes
from tests.line.fake.line import TOO_MANY, Delivered, FakeLine, Fault
from tests.line.fake.menus import router


def server(line: FakeLine) -> FastAPI:
    """Return LINE's API over this state."""
    app = FastAPI()
    _add_log(app, line)
    _add_tokens(app, line)
    _add_messages(app, line)
    _add_residents(app, line)
    _add_hands(app, line)
    app.include_router(router(line.menus))
    return app


def _add_log(app: FastAPI, line: FakeLine) -> None:
    @app.middleware("http")
    async def logged(request: Request, answer: Any) -> Response:
        path = request.url.path
        open_to_all = path.startswith(("/_fake", "/oauth2"))
        if not open_to_all and request.headers.get("authorization") not in {
            f"Bearer {t}" for t in (line.access_token, *line.issued)
        }:
            response: Response = error(401, "Authentication failed due to an expired access token")
        else:
            response = await answer(request)
        response.headers["x-line-request-id"] = response.headers.get("x-line-request-id") or secrets.token_hex(16)
        line.requests.append((request.method, path, response.status_code))
        return response


def _add_tokens(app: FastAPI, line: FakeLine) -> None:
    @app.post("/oauth2/v3/token")
    async def issue(request: Request) -> Any:
        form = await request.form()
        if form.get("client_secret") != line.secret:
            return error(400, "invalid_client")
        line.issued.append(secrets.token_hex(24))
        return {"token_type": "Bearer", "access_token": line.issued[-1], "expires_in": 900}


def _add_messages(app: FastAPI, line: FakeLine) -> None:
    @app.post("/v2/bot/message/reply")
    async def reply(request: Request) -> Response:
        body, fault = await request.json(), _planned(line, "reply")
        if request.headers.get("x-line-retry-key"):
            return error(400, "Retry key is not supported")
        if found := mistakes(body.get("messages")):
            return refused(found)
        token = line.tokens.get(body.get("replyToken", ""))
        if fault and not fault.taken:
            return await _failed(fault)
        if token is None or token.used or token.until < time.time():
            return error(400, "Invalid reply token")
        token.used = True
        line.outbox.append(Delivered(token.resident, "reply", body["messages"], token.event))
        return await _failed(fault) if fault else JSONResponse({"sentMessages": [{"id": secrets.token_hex(9)}]})

    @app.post("/v2/bot/message/push")
    async def push(request: Request) -> Response:
        body = await request.json()
        return await _pushed(line, request, body, [body.get("to", "")], "push")

    @app.post("/v2/bot/message/multicast")
    async def multicast(request: Request) -> Response:
        body = await request.json()
        if not 1 <= len(body.get("to", [])) <= 500:
            return error(400, "to: size must be between 1 and 500")
        return await _pushed(line, request, body, body["to"], "multicast")

    @app.post("/v2/bot/message/validate/{kind}")
    async def validate(kind: str, request: Request) -> Response:
        found = mistakes((await request.json()).get("messages"))
        return refused(found) if found else JSONResponse({})

    @app.get("/v2/bot/message/quota")
    async def quota() -> Any:
        return {"type": "none"} if line.limit is None else {"type": "limited", "value": line.limit}

    @app.get("/v2/bot/message/quota/consumption")
    async def consumption() -> Any:
        return {"totalUsage": line.used}


async def _pushed(line: FakeLine, request: Request, body: dict[str, Any], to: list[str], way: str) -> Response:
    key, fault = request.headers.get("x-line-retry-key", ""), _planned(line, way)
    if key in line.keys:
        return error(409, "The retry key is already accepted", {"x-line-accepted-request-id": line.keys[key]})
    if found := mistakes(body.get("messages")):
        return refused(found)
    if fault and not fault.taken:
        return await _failed(fault)
    if line.limit is not None and line.used + len(to) > line.limit:
        return error(429, TOO_MANY["quota"])
    line.used += len(to)
    number = secrets.token_hex(16)
    if key:
        line.keys[key] = number
    line.units += body.get("customAggregationUnits") or []
    line.outbox += [Delivered(one, way, body["messages"]) for one in to if one not in line.blocked]
    return await _failed(fault) if fault else JSONResponse({"sentMessages": []}, headers={"x-line-request-id": number})


def _add_residents(app: FastAPI, line: FakeLine) -> None:
    @app.get("/v2/bot/profile/{resident}")
    async def profile(resident: str) -> Response:
        if fault := _planned(line, "profile"):
            return await _failed(fault)
        known = line.profiles.get(resident, {})
        if known is None:
            return error(404, "Not found")
        return JSONResponse({"displayName": "住民", "userId": resident, **known})

    @app.post("/v2/bot/chat/loading/start")
    async def loading(request: Request) -> Response:
        body = await request.json()
        seconds = body.get("loadingSeconds", 20)
        if seconds % 5 or not 5 <= seconds <= 60 or not str(body.get("chatId", "")).startswith("U"):
            return error(400, "The request body has invalid properties")
        line.loading.append((body["chatId"], seconds))
        return JSONResponse({}, status_code=202)

    @app.post("/v2/bot/chat/markAsRead")
    async def mark_as_read(request: Request) -> Response:
        if fault := _planned(line, "read"):
            return await _failed(fault)
        line.read.append((await request.json())["markAsReadToken"])
        return JSONResponse({})

    @app.post("/v2/bot/{kind}/{id_}/leave")
    async def leave(kind: str, id_: str) -> Response:
        line.left.append(id_)
        return JSONResponse({})

    @app.get("/v2/bot/message/{id_}/content")
    async def content(id_: str) -> Response:
        found = line.content.get(id_)
        return Response(found, media_type="image/jpeg") if found is not None else error(404, "Not found")


def _add_hands(app: FastAPI, line: FakeLine) -> None:
    """What a person, or a page that looks like a chat, needs to play a resident."""

    @app.get("/_fake/outbox/{resident}")
    async def outbox(resident: str, after: int = 0) -> Any:
        return line.to(resident)[after:]

    @app.get("/_fake/requests")
    async def requests() -> Any:
        return line.requests


def _planned(line: FakeLine, endpoint: str) -> Fault | None:
    return line.faults[endpoint].pop(0) if line.faults[endpoint] else None


async def _failed(fault: Fault) -> Response:
    await asyncio.sleep(fault.hang)
    return error(fault.status or 504, fault.message)


def error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """Return an error as LINE does."""
    return JSONResponse({"message": message}, status_code=status, headers=headers)


def refused(found: list[str]) -> Response:
    """Return what LINE says of wrong fields."""
    details = [{"message": one, "property": one.partition(":")[0]} for one in found]
    return JSONResponse({"message": f"The request body has {len(found)} error(s)", "details": details}, status_code=400)
