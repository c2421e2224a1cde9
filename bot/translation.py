"""Machine translation between staff and residents (S-24): off unless the city runs a translation server of its own."""

from dataclasses import dataclass
from typing import Protocol

import structlog

_log = structlog.get_logger("madoguchi.translation")
_SECONDS = 5.0
# No honest translation of the longest reply is longer; what is, is not taken.
_LONGEST = 16_000
# Our codes where LibreTranslate has others of its own.
_CODES = {"ja-easy": "ja", "zh-Hans": "zh", "zh-Hant": "zt", "pt-BR": "pb"}


class Translator(Protocol):
    """Whatever translates by machine."""

    async def translate(self, text: str, source: str, target: str) -> str | None:
        """Return a text in another language (our codes); None where no translation is to be had now."""


@dataclass(frozen=True)
class TranslationServer:
    """A server that speaks as LibreTranslate does. Nothing is asked but its one `url`: no proxy, no redirect is followed."""

    url: str

    async def translate(self, text: str, source: str, target: str) -> str | None:
        """Return a text in another language; None after five seconds, or where the server does not have the pair."""
        wish = {"q": text, "source": _CODES.get(source, source), "target": _CODES.get(target, target), "format": "text"}
        import httpx  # loaded where a city translates by machine

        try:
            async with httpx.AsyncClient(timeout=_SECONDS, follow_redirects=False, trust_env=False) as client:
                response = await client.post(f"{self.url.rstrip('/')}/translate", json=wish)
            return _text_of(response.raise_for_status().json())
        except (httpx.HTTPError, ValueError) as error:  # a body that is no JSON is a ValueError
            _log.warning("not translated", kind=type(error).__name__, source=source, target=target)
            return None


def _text_of(answer: object) -> str | None:
    text = answer.get("translatedText") if isinstance(answer, dict) else None
    return text.strip() or None if isinstance(text, str) and len(text) <= _LONGEST else None


def open_translator(url: str) -> Translator | None:
    """Return the translator of the configured server; None where there is none, which is the default."""
    return TranslationServer(url) if url else None
