"""Rich menus and settings of the fake LINE server: as strict as LINE about sizes, labels, pictures and aliases."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import regex
from fastapi import APIRouter, Request
from PIL import Image
from starlette.responses import JSONResponse, Response

SIZES = {(2500, 1686), (2500, 843)}
ALIAS = re.compile(r"^[a-z0-9_-]{1,32}$")


@dataclass
class RichMenus:
    """What a channel has of menus and settings. `writes` counts what changed something; the batch is done at once."""

    bot_id: str = "U" + "0" * 32
    menus: dict[str, dict[str, Any]] = field(default_factory=dict)
    images: dict[str, bytes] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    default: str | None = None
    linked: dict[str, str] = field(default_factory=dict)
    webhook: dict[str, Any] | None = None
    chat_mode: str = "bot"
    writes: int = 0
    batches: int = 0
    slow_batch: int = 0
    refused_image: bool = False

    def menu_of(self, resident: str) -> str | None:
        """Return the menu that a resident sees: their own, else the default."""
        return self.linked.get(resident) or self.default


def _error(status: int, message: str) -> JSONResponse:
    return JSONResponse({"message": message}, status_code=status)


def clusters(text: str) -> int:
    """Return how many characters a reader sees."""
    return len(regex.findall(r"\X", text))


def mistake(menu: Mapping[str, Any]) -> str:
    """Return what LINE would refuse of a menu, empty for nothing."""
    size = menu.get("size", {})
    if (size.get("width"), size.get("height")) not in SIZES:
        return "invalid size"
    if not 1 <= clusters(menu.get("chatBarText", "")) <= 14:
        return "chatBarText must be 1 to 14 characters"
    if not 0 < len(menu.get("name", "")) <= 300 or not 1 <= len(menu.get("areas", [])) <= 20:
        return "name or areas out of range"
    for area in menu["areas"]:
        bounds, action = area["bounds"], area["action"]
        if bounds["x"] + bounds["width"] > size["width"] or bounds["y"] + bounds["height"] > size["height"]:
            return "area out of bounds"
        if clusters(action.get("label", "")) > 20 or not 1 <= len(action.get("text", "x")) <= 300:
            return "label or text out of range"
    return ""


def router(of: RichMenus) -> APIRouter:
    """Return LINE's endpoints over these menus."""
    routes = APIRouter()
    _add_menus(routes, of)
    _add_links(routes, of)
    _add_aliases(routes, of)
    _add_settings(routes, of)
    return routes


def _add_menus(routes: APIRouter, of: RichMenus) -> None:
    @routes.get("/v2/bot/richmenu/list")
    async def listed() -> Any:
        return {"richmenus": [{"richMenuId": id_, **menu} for id_, menu in of.menus.items()]}

    @routes.post("/v2/bot/richmenu/validate")
    async def validate(request: Request) -> Any:
        found = mistake(await request.json())
        return _error(400, found) if found else {}

    @routes.post("/v2/bot/richmenu")
    async def create(request: Request) -> Any:
        menu = await request.json()
        if found := mistake(menu):
            return _error(400, found)
        of.writes += 1
        id_ = f"richmenu-{of.writes:032x}"
        of.menus[id_] = menu
        return {"richMenuId": id_}

    @routes.post("/v2/bot/richmenu/{id_}/content")
    async def upload(id_: str, request: Request) -> Any:
        body = await request.body()
        if of.refused_image:
            return _error(500, "Internal error")
        if request.headers.get("content-type") not in ("image/png", "image/jpeg"):
            return _error(415, "Unsupported media type")
        if id_ not in of.menus or len(body) > 1_000_000 or id_ in of.images:
            return _error(400, "An image has already been uploaded, is too large, or the menu is not there")
        size = of.menus[id_]["size"]
        if Image.open(io.BytesIO(body)).size != (size["width"], size["height"]):
            return _error(400, "The image size does not fit the menu")
        of.images[id_] = body
        of.writes += 1
        return {}

    @routes.get("/v2/bot/richmenu/{id_}/content")
    async def picture(id_: str) -> Response:
        return Response(of.images[id_], media_type="image/png") if id_ in of.images else _error(404, "not found")

    @routes.delete("/v2/bot/richmenu/{id_}")
    async def delete(id_: str) -> Any:
        if of.menus.pop(id_, None) is None:
            return _error(404, "richmenu not found")
        of.images.pop(id_, None)
        of.writes += 1
        of.linked = {resident: menu for resident, menu in of.linked.items() if menu != id_}
        return {}


def _add_links(routes: APIRouter, of: RichMenus) -> None:
    @routes.get("/v2/bot/user/all/richmenu")
    async def default() -> Any:
        return {"richMenuId": of.default} if of.default else _error(404, "no default richmenu")

    @routes.post("/v2/bot/user/all/richmenu/{id_}")
    async def set_default(id_: str) -> Any:
        if id_ not in of.images:
            return _error(400, "must upload richmenu image before applying it to user")
        of.default, of.writes = id_, of.writes + 1
        return {}

    @routes.post("/v2/bot/user/{resident}/richmenu/{id_}")
    async def link(resident: str, id_: str) -> Any:
        if id_ not in of.images:
            return _error(404, "richmenu not found")
        of.linked[resident] = id_
        return {}

    @routes.post("/v2/bot/richmenu/bulk/link")
    async def bulk(request: Request) -> Any:
        body = await request.json()
        if not 1 <= len(body["userIds"]) <= 500:
            return _error(400, "userIds must be 1 to 500")
        of.linked |= dict.fromkeys(body["userIds"], body["richMenuId"])
        return JSONResponse({}, status_code=202)

    @routes.post("/v2/bot/richmenu/batch")
    async def batch(request: Request) -> Any:
        if of.batches >= 3:
            return _error(429, "The API rate limit has been exceeded. Try again later.")
        of.batches += 1
        moved = {row["from"]: row["to"] for row in (await request.json())["operations"]}
        of.linked = {resident: moved.get(menu, menu) for resident, menu in of.linked.items()}
        return JSONResponse({}, status_code=202, headers={"x-line-request-id": f"batch-{of.batches}"})

    @routes.get("/v2/bot/richmenu/progress/batch")
    async def progress(requestId: str) -> Any:  # noqa: N803 - LINE's name
        of.slow_batch -= 1
        phase = "ongoing" if of.slow_batch >= 0 else "succeeded"
        return {"phase": phase, "acceptedTime": "2026-11-21T10:00:00.000Z"}


def _add_aliases(routes: APIRouter, of: RichMenus) -> None:
    @routes.get("/v2/bot/richmenu/alias/list")
    async def listed() -> Any:
        return {"aliases": [{"richMenuAliasId": name, "richMenuId": id_} for name, id_ in of.aliases.items()]}

    @routes.get("/v2/bot/richmenu/alias/{name}")
    async def one(name: str) -> Any:
        found = of.aliases.get(name)
        return {"richMenuAliasId": name, "richMenuId": found} if found else _error(404, "richmenu alias not found")

    @routes.post("/v2/bot/richmenu/alias")
    async def create(request: Request) -> Any:
        body = await request.json()
        if not ALIAS.match(body["richMenuAliasId"]) or body["richMenuAliasId"] in of.aliases:
            return _error(400, "conflict or invalid alias")
        return _pointed(body["richMenuAliasId"], body["richMenuId"])

    @routes.post("/v2/bot/richmenu/alias/{name}")
    async def update(name: str, request: Request) -> Any:
        return _pointed(name, (await request.json())["richMenuId"])

    def _pointed(name: str, id_: str) -> Any:
        if id_ not in of.images:
            return _error(400, "richmenu not found or without image")
        of.aliases[name] = id_
        of.writes += 1
        return {}


def _add_settings(routes: APIRouter, of: RichMenus) -> None:
    @routes.get("/v2/bot/info")
    async def info() -> Any:
        read = "auto" if of.chat_mode == "bot" else "manual"
        return {
            "userId": of.bot_id, "basicId": "@000fake", "displayName": "見本", "chatMode": of.chat_mode, "markAsReadMode": read,
        }  # fmt: skip

    @routes.get("/v2/bot/channel/webhook/endpoint")
    async def webhook() -> Any:
        return of.webhook or _error(404, "webhook endpoint is not set")

    @routes.put("/v2/bot/channel/webhook/endpoint")
    async def set_webhook(request: Request) -> Any:
        of.webhook = {"endpoint": (await request.json())["endpoint"], "active": True}
        of.writes += 1
        return {}

    @routes.post("/v2/bot/channel/webhook/test")
    async def test() -> Any:
        address = of.webhook["endpoint"] if of.webhook else ""
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                status = (await client.post(address, content=b"{}")).status_code
        except httpx.HTTPError:
            status = 0
        reason = "OK" if status == 200 else "ERROR_STATUS_CODE"
        return {
            "success": status == 200, "timestamp": "2026-11-21T10:00:00.000Z", "statusCode": status, "reason": reason,
            "detail": str(status),
        }  # fmt: skip
