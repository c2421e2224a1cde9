"""The key over LINE ids: conversations are named by a keyed hash, and what must be kept of an id is sealed (P-03)."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from bot.keys import kept_key
from bot.messages import BotError

_LEAST_BYTES = 32


@dataclass(frozen=True)
class Keys:
    """Keys for one purpose each, all from one secret."""

    names: bytes
    marks: bytes
    box: Fernet

    def conversation(self, city: str, resident: str) -> str:
        """Return the conversation of a resident with a city: the same each time, and nobody gets back from it to the id."""
        return _text(hmac.digest(self.names, f"{city}\0{resident}".encode(), "sha256"))

    def mark(self, text: str) -> str:
        """Return a short mark (96 bits) that only we can make over a text."""
        return _text(hmac.digest(self.marks, text.encode(), "sha256")[:12])

    def seal(self, text: str) -> str:
        """Return a text that only we can open."""
        return self.box.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """Return a sealed text, None where it was sealed with another key."""
        try:
            return self.box.decrypt(sealed).decode()
        except InvalidToken:
            return None


def load_keys(file: str, var_dir: Path) -> Keys:
    """Return the keys of this file, or of one made once in `var_dir`. Raises BotError where it cannot be read or is short."""
    path = Path(file) if file else var_dir / "keys" / "line.key"
    if file and not path.exists():
        raise _wrong(path, "ありません (not there)")
    secret = kept_key(path)
    if len(secret) < _LEAST_BYTES:
        raise _wrong(path, f"{len(secret)} bytes")
    derived = {name: hmac.digest(secret, name.encode(), "sha256") for name in ("names", "marks", "box")}
    return Keys(derived["names"], derived["marks"], Fernet(base64.urlsafe_b64encode(derived["box"])))


def signature(secret: str, body: bytes) -> str:
    """Return LINE's signature over the raw bytes of a request (L-01)."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _wrong(path: Path, found: str) -> BotError:
    hint = f"32バイト以上の鍵をおいてください (put a key of at least {_LEAST_BYTES} bytes there)。 LINE_KEY_FILE, docs/line.md"
    return BotError("line_key", f"LINEの鍵 {path}: {found}", hint, 500)
