"""The rich menus: within LINE's limits, readable, and meaning in every language what they say."""

import io
from collections.abc import Callable

import pytest
import regex
from PIL import Image, ImageFont

from bot.line_limits import LABEL, MENU_BAR
from bot.messages import BotError, Conversation, Message, Outcome
from bot.service import Service
from bot.settings import Settings
from connectors.line import menu_fonts
from connectors.line.menu_image import MOST_BYTES, draw, fitted
from connectors.line.menus import ALIAS, Menu, alias, definition, label, load_menu, name, values
from faq.errors import ContentError
from faq.text import fold
from tests.conftest import TUESDAY
from tests.line.fake.menus import mistake

LANGUAGES = ("ja", "ja-easy", "en", "zh-Hans", "zh-Hant", "ko", "pt-BR", "vi", "tl", "es", "ne", "id")


@pytest.fixture(scope="module")
def menu(settings: Settings) -> Menu:
    """The menu as it is shipped."""
    return load_menu(settings.nlu_data_dir / "line_menu.yaml")


def clusters(text: str) -> int:
    """Return how many characters a reader sees."""
    return len(regex.findall(r"\X", text))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reminders", [True, False])
def test_every_label_and_bar_is_within_the_limits_of_line(menu: Menu, service: Service, language: str, reminders: bool) -> None:
    """At most 20 clusters a label, 14 the bar, 20 areas; the fake server, as strict as LINE, takes it."""
    defined = definition(menu, service.texts, language, reminders=reminders)
    assert clusters(defined["chatBarText"]) <= MENU_BAR
    assert all(1 <= clusters(area["action"]["label"]) <= LABEL for area in defined["areas"])
    assert mistake({**defined, "name": name("hoshimi", language, defined, b"")}) == ""


def test_the_areas_cover_the_whole_picture_and_none_lies_over_another(menu: Menu) -> None:
    """There is no spot where a tap does nothing, and none where it does two things."""
    covered = sum(width * height for _, _, width, height in (area.at for area in menu.areas))
    assert covered == menu.size[0] * menu.size[1]
    pixels = {(x, y) for area in menu.areas for x in _steps(area.at[0], area.at[2]) for y in _steps(area.at[1], area.at[3])}
    assert len(pixels) == sum(len(_steps(*area.at[::2])) * len(_steps(*area.at[1::2])) for area in menu.areas)


def _steps(start: int, length: int) -> list[int]:
    return list(range(start, start + length, 50))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_is_one_that_line_takes(menu: Menu, service: Service, language: str) -> None:
    """A PNG of the size of the definition and below 1 MB; drawn twice it is the same, to the byte."""
    picture = draw(menu, service.texts, language, reminders=True)
    assert len(picture) < MOST_BYTES
    assert Image.open(io.BytesIO(picture)).size == menu.size
    assert draw(menu, service.texts, language, reminders=True) == picture


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_is_drawn_large_in_a_font_that_has_its_letters(menu: Menu, service: Service, language: str) -> None:
    """60 pixels at least, in at most two lines, and no letter comes out as the box of a missing one."""
    for area in menu.shown(reminders=True):
        lines, written = fitted(label(service.texts, area, language), service.texts, language, 741)
        assert written.size >= 60
        assert len(lines) <= 2
        assert not [letter for letter in "".join(lines) if letter.strip() and _is_missing(written, letter)]


def _is_missing(written: ImageFont.FreeTypeFont, letter: str) -> bool:
    return bytes(written.getmask(letter)) == bytes(written.getmask("\U0010fffd")) != b""


def test_texts_stand_out_from_what_is_behind_them(menu: Menu) -> None:
    """Contrast of 4.5 at least for ink on cards and strip, and of icons on their tiles."""
    colours = menu.colours
    pairs = [("ink", "card"), ("strip_ink", "strip"), *(("card", area.colour) for area in menu.areas if area.colour != "strip")]
    assert not [pair for pair in pairs if _contrast(colours[pair[0]], colours[pair[1]]) < 4.5]


def _contrast(first: str, second: str) -> float:
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


WANTED = {
    "today": {Outcome.CLARIFIED}, "tomorrow": {Outcome.CLARIFIED}, "sorting": {Outcome.CLARIFIED, Outcome.SORTED},
    "procedures": {Outcome.MENU}, "person": {Outcome.PERSON_WANTED, Outcome.HANDED_OFF}, "help": {Outcome.CONVERSED},
    "language": {Outcome.LANGUAGE_CHANGED},
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("area", WANTED)
def test_a_label_tapped_or_typed_leads_where_it_says(menu: Menu, service: Service, language: str, area: str) -> None:
    """In every language, and also by hand, since the desktop program shows no menu (L-32)."""
    said = service.texts.say(f"line.menu.{area}", language)
    meant = values(menu, service.texts).get(fold(said), said)
    reply = service.respond(Message("hoshimi", meant), Conversation("test", "hoshimi", language=language), TUESDAY).reply
    assert reply.outcome in WANTED[area]
    assert reply.language == language


def test_no_label_means_two_things(menu: Menu, service: Service) -> None:
    """A label that two areas share in some languages has one value."""
    found: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for area in menu.areas:
            found.setdefault(fold(label(service.texts, area, language)), set()).add(area.id)
    assert not [said for said, areas in found.items() if len(areas) > 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_aliases_are_as_line_wants_them(language: str) -> None:
    """Small letters, digits, hyphens, at most 32."""
    assert ALIAS.match(alias(language))


def test_a_city_without_reminders_offers_tomorrow_in_their_place(menu: Menu) -> None:
    """Nothing is offered that the city does not do."""
    assert "reminders" not in [area.id for area in menu.shown(reminders=False)]
    assert "tomorrow" in [area.id for area in menu.shown(reminders=False)]


def test_the_name_changes_with_anything_that_a_resident_sees(menu: Menu, service: Service) -> None:
    """A new picture or a new text makes a new name, so that a change is found without looking at pictures."""
    defined = definition(menu, service.texts, "ja", reminders=True)
    assert name("hoshimi", "ja", defined, b"1") != name("hoshimi", "ja", defined, b"2")
    assert name("hoshimi", "ja", defined, b"1") != name("hoshimi", "ja", {**defined, "chatBarText": "x"}, b"1")


def test_a_missing_font_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Staff read which file is missing, where it was looked for, and the package that has it."""
    monkeypatch.setattr(menu_fonts, "_FOLDERS", ())
    menu_fonts._found.cache_clear()
    with pytest.raises(BotError, match=r"NotoSansCJK-Bold\.ttc") as raised:
        menu_fonts.font("ja", "japanese", 60)
    assert "fonts-noto-cjk" in raised.value.hint
    menu_fonts._found.cache_clear()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace("[0, 0, 833, 690]", "[0, 0, 2833, 690]"), "reaches beyond the picture"),
        (lambda text: text.replace("[2500, 1686]", "[2500, 1000]"), "2500×1686 or 2500×843"),
        (lambda text: text.replace("colour: teal", "colour: pink"), "pink"),
    ],
)
def test_a_wrong_definition_is_told_with_its_mistake(
    settings: Settings, change: Callable[[str], str], told: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What LINE would refuse is found before LINE is asked."""
    path = tmp_path_factory.mktemp("menu") / "line_menu.yaml"
    path.write_text(change((settings.nlu_data_dir / "line_menu.yaml").read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ContentError, match=told):
        load_menu(path)
