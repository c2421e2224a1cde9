"""The trial page and what it calls: play a resident, send what LINE lets one send, and see what comes."""

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, Response

from tests.line.demo.board import Board, JsonObject
from tests.line.fake.line import FakeLine

STATIC = Path(__file__).parent / "static"
_FILES = {"/": "page.html", "/page.js": "page.js", "/bubbles.js": "bubbles.js", "/page.css": "page.css"}


class Played(BaseModel):
    """What a resident does on the page: `kind` as in EVENTS, with the words or the data that belong to it."""

    resident: str = Field(pattern="^U[0-9a-f]{32}$")
    language: str = "ja"
    kind: str
    text: str = ""
    data: str = ""


def _message(line: FakeLine, asked: Played, **message: Any) -> JsonObject:
    return line.event("message", asked.resident, message={"id": asked.data or secrets.token_hex(9), **message})


EVENTS: Mapping[str, Callable[[FakeLine, Played], JsonObject]] = {
    "text": lambda line, asked: _message(line, asked, type="text", text=asked.text, quoteToken=secrets.token_hex(8)),
    "sticker": lambda line, asked: _message(
        line, asked, type="sticker", packageId="1", stickerId="1", stickerResourceType="STATIC"
    ),
    "image": lambda line, asked: _message(line, asked, type="image", contentProvider={"type": "line"}),
    "location": lambda line, asked: _message(line, asked, type="location", address="見本", latitude=35.0, longitude=135.0),
    "postback": lambda line, asked: line.postback(asked.resident, asked.data),
    "follow": lambda line, asked: line.event("follow", asked.resident, follow={"isUnblocked": asked.data == "again"}),
    "unfollow": lambda line, asked: line.event("unfollow", asked.resident),
    "unsend": lambda line, asked: line.event("unsend", asked.resident, unsend={"messageId": asked.data}),
}


def demo_app(board: Board) -> FastAPI:
    """Return the page over a board."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for address, file in _FILES.items():
        app.add_api_route(address, _served(STATIC / file), response_class=FileResponse)
    _add_play(app, board)
    _add_sight(app, board)
    return app


def _served(path: Path) -> Callable[[], FileResponse]:
    return lambda: FileResponse(path)


def _add_play(app: FastAPI, board: Board) -> None:
    @app.post("/demo/event")
    async def event(asked: Played) -> JsonObject:
        if asked.kind not in EVENTS:
            raise HTTPException(422, f"kind is {asked.kind!r}; known: {', '.join(EVENTS)}")
        board.line.profiles[asked.resident] = {"language": asked.language}
        if asked.kind in ("follow", "unfollow"):
            change = board.followers.add if asked.kind == "follow" else board.followers.discard
            change(asked.resident)
            block = board.line.blocked.discard if asked.kind == "follow" else board.line.blocked.add
            block(asked.resident)
        shown = {"kind": asked.kind, "text": asked.text, "id": asked.data}
        return {"status": await board.play(asked.resident, EVENTS[asked.kind](board.line, asked), shown)}

    @app.post("/demo/again")
    async def again(asked: Played) -> JsonObject:
        return {"status": await board.again(asked.resident)}


def _add_sight(app: FastAPI, board: Board) -> None:
    @app.get("/demo/state/{resident}")
    async def state(resident: str) -> JsonObject:
        menus = board.line.menus
        menu = menus.menu_of(resident)
        return {
            "lines": board.lines(resident), "follows": resident in board.followers, "counts": board.counts(),
            "log": board.requests(), "menu": {"id": menu, **menus.menus[menu]} if menu in menus.menus else None,
        }  # fmt: skip

    @app.get("/demo/menu/{id_}.png")
    async def picture(id_: str) -> Response:
        if id_ not in board.line.menus.images:
            raise HTTPException(404, "There is no such menu.")
        return Response(board.line.menus.images[id_], media_type="image/png", headers={"Cache-Control": "max-age=3600"})
