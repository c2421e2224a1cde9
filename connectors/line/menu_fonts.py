"""Finds the font that can write a language on this machine: Noto, as Debian, Ubuntu and others install it."""

from functools import cache
from pathlib import Path

from PIL import ImageFont, features

from bot.messages import BotError

_FOLDERS = (
    Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/Library/Fonts"), Path.home() / ".local/share/fonts",
    Path.home() / ".fonts", Path.home() / "Library/Fonts",
)  # fmt: skip
_CJK = "NotoSansCJK-Bold.ttc"
# Which file, and which face of it: one code point is written differently in Japan, Korea, China and Taiwan.
_FACES = {"ja": (_CJK, 0), "ja-easy": (_CJK, 0), "ko": (_CJK, 1), "zh-Hans": (_CJK, 2), "zh-Hant": (_CJK, 3)}
_BY_SCRIPT = {"devanagari": ("NotoSansDevanagari-Bold.ttf", 0), "latin": ("NotoSans-Bold.ttf", 0)}


def font(language: str, script: str, size: int) -> ImageFont.FreeTypeFont:
    """Return the bold font of a language at this size in pixels. Raises BotError naming the font that is not installed."""
    name, face = _FACES.get(language) or _BY_SCRIPT.get(script) or (_CJK, 0)
    if script == "devanagari" and not features.check("raqm"):
        hint = "Install libfribidi0 (Debian: apt-get install libfribidi0)."
        raise BotError("fonts", "Pillow cannot join Devanagari letters here: the library raqm or fribidi is missing.", hint, 500)
    return ImageFont.truetype(_found(name), size, index=face)


@cache
def _found(name: str) -> str:
    for folder in _FOLDERS:
        for path in sorted(folder.rglob(name)) if folder.is_dir() else ():
            return str(path)
    looked = ", ".join(map(str, _FOLDERS))
    hint = "Install the Noto fonts (Debian: apt-get install fonts-noto-cjk fonts-noto-core)."
    raise BotError("fonts", f"The font {name} is not on this machine; looked in {looked}.", hint, 500)
