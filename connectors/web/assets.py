"""The files that pages load: served under the digest of them all, so that whatever they import may be kept for ever too."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from connectors.web.bundle import WHOLE, joined

STATIC = Path(__file__).parent / "static"
_VERSIONED = re.compile(r"(?P<digest>[0-9a-f]{12})/(?P<name>.+)")
_FOR_EVER, _ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"
_TEXT = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@lru_cache
def version() -> str:
    """Return the digest of all static files: a module's relative imports stay within it."""
    digest = hashlib.sha256()
    for path in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        digest.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def asset(name: str) -> str:
    """Return the address of a static file, with the version that makes it cacheable for ever."""
    return f"/static/{version()}/{name}"


@dataclass(frozen=True)
class TextAsset:
    """A script, style or drawing, kept in memory: as it is, and packed for whoever can unpack it."""

    kind: str
    body: bytes

    @cached_property
    def packed(self) -> bytes:
        """The body, packed by gzip."""
        return gzip.compress(self.body, 9, mtime=0)

    @cached_property
    def tag(self) -> str:
        """What a browser that keeps the file asks with."""
        return f'W/"{hashlib.sha256(self.body).hexdigest()[:16]}"'

    def answer(self, headers: Headers) -> Response:
        """Return the response to a request with these headers."""
        told = {"ETag": self.tag, "Vary": "Accept-Encoding"}
        if self.tag in headers.get("if-none-match", ""):
            return Response(status_code=304, headers=told)
        if "gzip" in headers.get("accept-encoding", ""):
            return Response(self.packed, headers={**told, "Content-Encoding": "gzip"}, media_type=self.kind)
        return Response(self.body, headers=told, media_type=self.kind)


@lru_cache(maxsize=256)
def text_asset(name: str) -> TextAsset | None:
    """Return the text file of that name, or the modules of a page as one (`chat.whole.js`); None where it is no such file."""
    whole, path = WHOLE.fullmatch(name), STATIC / name
    if whole and (STATIC / f"{whole['entry']}.js").is_file():
        return TextAsset(_TEXT[".js"], joined(STATIC, f"{whole['entry']}.js").encode())
    if path.suffix not in _TEXT or "/" in name or not path.is_file():
        return None
    return TextAsset(_TEXT[path.suffix], path.read_bytes())


class Assets(StaticFiles):
    """Serves `/static/<version>/<name>`; another version gives today's file, which is then not kept (a page of yesterday)."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, with the time that it may be kept."""
        match = _VERSIONED.fullmatch(path)
        name = match["name"] if match else path
        found = text_asset(name)
        response = found.answer(Headers(scope=scope)) if found else await super().get_response(name, scope)
        current = match is not None and match["digest"] == version()
        response.headers["Cache-Control"] = _FOR_EVER if current else _ASK_AGAIN
        return response
