"""Draws the picture of a rich menu from its definition: one PNG per language, below LINE's 1 MB."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from bot.messages import BotError
from bot.system_texts import SystemTexts
from connectors.line.menu_fonts import font
from connectors.line.menu_icons import icon
from connectors.line.menus import Area, Menu, label

MOST_BYTES = 1_000_000
_GAP, _ROUND, _TILE = 18, 44, 250
_SIZES = range(100, 47, -4)  # pixels; on a phone of 375 points 60 pixels are 9 points
_BETWEEN = 48  # pixels between two names in the strip


def draw(menu: Menu, texts: SystemTexts, language: str, *, reminders: bool) -> bytes:
    """Return the picture as PNG. Raises BotError where a font is missing or the picture is too heavy for LINE."""
    image = Image.new("RGB", menu.size, menu.colours["paper"])
    for area in menu.shown(reminders=reminders):
        text = label(texts, area, language)
        draw_area = _strip if area.colour == "strip" else _card
        draw_area(image, menu, area, text, texts, language)
    return _png(image)


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.quantize(128, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    if len(out.getvalue()) > MOST_BYTES:
        raise BotError("menu_image", f"The picture has {len(out.getvalue())} bytes; LINE takes 1 MB.", "Use fewer colours.", 500)
    return out.getvalue()


def _card(image: Image.Image, menu: Menu, area: Area, text: str, texts: SystemTexts, language: str) -> None:
    """Draw a white card: the icon on its coloured tile, the label below."""
    left, top, width, height = area.at
    pen, colours = ImageDraw.Draw(image), menu.colours
    inner = (left + _GAP, top + _GAP, left + width - _GAP, top + height - _GAP)
    pen.rounded_rectangle(inner, _ROUND, colours["card"], colours["line"], 4)
    x, y = left + (width - _TILE) // 2, top + 90
    pen.rounded_rectangle((x, y, x + _TILE, y + _TILE), 56, colours[area.colour])
    image.paste(icon(area.icon, _TILE - 80, colours["card"], colours[area.colour]), (x + 40, y + 40))
    lines, written = fitted(text, texts, language, width - 4 * _GAP - 20)
    middle = (y + _TILE + top + height - _GAP) / 2
    _write(pen, lines, written, (left + width / 2, middle), colours["ink"])


def fitted(text: str, texts: SystemTexts, language: str, width: int) -> tuple[list[str], ImageFont.FreeTypeFont]:
    """Return the text in one or two lines, and the largest font in which they fit into so many pixels."""
    script = texts.languages[language].script
    for size in _SIZES:
        written = font(language, script, size)
        for lines in ([text], *_halves(text)):
            if max(written.getlength(line) for line in lines) <= width:
                return lines, written
    raise BotError("menu_image", f"The label {text!r} ({language}) is too long to be drawn.", "Shorten line.menu.… of it.", 500)


def _halves(text: str) -> list[list[str]]:
    """Return the text in two lines, broken at a space, the most even pair first."""
    words = text.split(" ")
    pairs = [[" ".join(words[:cut]), " ".join(words[cut:])] for cut in range(1, len(words))]
    return sorted(pairs, key=lambda pair: abs(len(pair[0]) - len(pair[1])))[:1]


def _write(
    pen: ImageDraw.ImageDraw, lines: list[str], written: ImageFont.FreeTypeFont, middle: tuple[float, float], ink: str
) -> None:
    step = written.size * 1.28
    first = middle[1] - step * (len(lines) - 1) / 2
    for number, line in enumerate(lines):
        pen.text((middle[0], first + number * step), line, ink, written, anchor="mm")


def _strip(image: Image.Image, menu: Menu, area: Area, text: str, texts: SystemTexts, language: str) -> None:
    """Draw the strip of languages: a globe, the label, and every language's name in its own script."""
    left, top, width, height = area.at
    pen, ink = ImageDraw.Draw(image), menu.colours["strip_ink"]
    pen.rectangle((left, top, left + width, top + height), menu.colours["strip"])
    image.paste(icon(area.icon, 170, ink, menu.colours["strip"]), (left + 70, top + (height - 170) // 2))
    written = font(language, texts.languages[language].script, 76)
    pen.text((left + 300, top + height * 0.34), text, ink, written, anchor="ls")
    rows = _rows(menu, texts, width - 360)
    for number, row in enumerate(rows):
        x = float(left + 300)
        for name, face in row:
            pen.text((x, top + height * (0.62 + 0.26 * number)), name, ink, face, anchor="ls")
            x += face.getlength(name) + _BETWEEN


def _rows(menu: Menu, texts: SystemTexts, width: int) -> list[list[tuple[str, ImageFont.FreeTypeFont]]]:
    """Return the languages' names in two rows with the font of each, as large as fits into so many pixels."""
    half = (len(menu.strip) + 1) // 2
    for size in range(64, 43, -4):
        names = [(name, _face_of(name, texts, size)) for name in menu.strip]
        rows = [names[:half], names[half:]]
        if all(sum(face.getlength(name) + _BETWEEN for name, face in row) <= width for row in rows):
            return rows
    raise BotError("menu_image", "The names of the languages do not fit into the strip.", "Take some out of line_menu.yaml.", 500)


def _face_of(name: str, texts: SystemTexts, size: int) -> ImageFont.FreeTypeFont:
    """Return the font of a language's own name: the strip holds many scripts side by side."""
    found = next((language for language in texts.languages if language.name == name), None)
    return font(found.code if found else "ja", found.script if found else "han", size)
