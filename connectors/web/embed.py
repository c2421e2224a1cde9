"""The widget for a city's website: the loader that pages include, and the page that shows how to include it."""

import base64
import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from bot.handler import Handler
from bot.messages import BotError
from connectors.web.api import Shell, public_address
from connectors.web.pages import asked_by, show_page

SOURCE = Path(__file__).parent / "widget" / "madoguchi.js"
LOADER_TEXTS = ("open", "close", "title", "loading", "away", "full", "unread")
_FOR_EVER, _FOR_AN_HOUR = "public, max-age=31536000, immutable", "public, max-age=3600"
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Loader:
    """The program that pages include, with its texts. A version is never changed: another content has another address."""

    program: bytes

    @property
    def digest(self) -> str:
        """The part of its address that names the version."""
        return hashlib.sha256(self.program).hexdigest()[:16]

    @property
    def integrity(self) -> str:
        """The value of `integrity=`, by which browsers refuse any other program (SRI)."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.program).digest()).decode()


def loader_of(handler: Handler) -> Loader:
    """Return the loader with the texts of all languages in it."""
    texts = handler.service.texts
    tongues = {
        language.code: {
            "html": language.html, "rtl": language.rtl, "aliases": language.aliases,
            **{name: texts.say(f"embed.{name}", language.code, count="{count}") for name in LOADER_TEXTS},
        }
        for language in handler.service.languages
    }  # fmt: skip
    filled = SOURCE.read_text(encoding="utf-8").replace('"@tongues"', json.dumps(tongues, ensure_ascii=False))
    return Loader(filled.encode())


def kept_loader(folder: Path, loader: Loader, digest: str) -> Loader:
    """Return the version of that digest, and keep today's: pages that name an old version go on working.

    Raises BotError for a version that this installation has never given out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    today = folder / f"{loader.digest}.js"
    if not today.exists():
        part = folder / f"{loader.digest}.part"
        part.write_bytes(loader.program)
        part.replace(today)
    wanted = folder / f"{digest}.js"
    if not re.fullmatch("[0-9a-f]{16}", digest) or not wanted.exists():
        raise BotError("unknown_version", f"There is no version {digest!r} of the widget.", "See /{city}/embed for today's.", 404)
    return Loader(wanted.read_bytes())


def _served(loader: Loader, kept: str, request: Request) -> Response:
    """Return a program that pages of any website may include and check (SRI needs CORS), packed where the browser takes that."""
    headers = {
        "Cache-Control": kept, "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin",
        "Vary": "Accept-Encoding",
    }  # fmt: skip
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers |= {"Content-Encoding": "gzip"} if packed else {}
    content = _packed(loader.program) if packed else loader.program
    return Response(content, media_type="text/javascript; charset=utf-8", headers=headers)


@lru_cache(maxsize=8)
def _packed(program: bytes) -> bytes:
    return gzip.compress(program, mtime=0)


@router.get("/embed/v1/madoguchi.js")
async def newest_loader(request: Request, handler: Shell) -> Response:
    """Return the newest loader, at an address that stays."""
    return _served(loader_of(handler), _FOR_AN_HOUR, request)


@router.get("/embed/v1/madoguchi.{digest}.js")
async def loader_version(digest: str, request: Request, handler: Shell) -> Response:
    """Return one version of the loader, for ever the same."""
    folder = request.app.state.settings.var_dir / "widget"
    return _served(kept_loader(folder, loader_of(handler), digest), _FOR_EVER, request)


@router.get("/{city}/embed")
async def embed_page(city: str, request: Request, handler: Shell) -> HTMLResponse:
    """Show those who run a city's website how to put the chat on it."""
    asked, _ = asked_by(city, request, handler)
    loader = loader_of(handler)
    kept_loader(request.app.state.settings.var_dir / "widget", loader, loader.digest)
    settings = ("city", "lang", "colour", "position", "hint", "nonce")
    rows = [("nonce" if name == "nonce" else f"data-{name}", asked.say(f"embed.set-{name}")) for name in settings]
    home = public_address(request)
    return show_page("embed.html", city, request, handler, loader=loader, rows=rows, home=home)
