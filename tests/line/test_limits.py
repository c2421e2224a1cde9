"""LINE's limits: at each of them and one past it, and in every language's real texts (L-26 to L-31)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.answers import Request, answer
from bot.line_limits import (
    FLEX_LABEL,
    LABEL,
    TEXT,
    URI,
    aggregation_unit,
    cluster_count,
    cut,
    safe_uri,
    shortened,
    split_text,
    text_problems,
    utf16_length,
)
from bot.messages import Block, BlockKind, Choice, Decision, Outcome, Reply
from bot.service import Service
from connectors.line.client import typed
from connectors.line.render import Page, plainest, render
from tests.conftest import TUESDAY
from tests.line.fake.limits import clusters, mistakes, parts_of, units

FAMILY, SELECTED, ASTRAL, APPLE, NEPALI = "👨‍👩‍👧‍👦", "葛󠄀", "𠮷", "🍎", "क्षि"
LANGUAGES = ("ja", "ja-easy", "en", "zh-Hans", "zh-Hant", "ko", "pt-BR", "vi", "tl", "es", "ne", "id")


def page(service: Service, language: str, address: str = "") -> Page:
    """Return what rendering needs, in a language."""
    return Page(request(service, language).say, lambda value: f"{value}|r1|" + "m" * 16, address)


def request(service: Service, language: str, city: str = "hoshimi") -> Request:
    """Return an empty request."""
    return service.greeting(service.release(city), language, TUESDAY)


def reply(text: str, *choices: str, entry: str | None = None, language: str = "ja") -> Reply:
    """Return a reply with this text and choices with these labels."""
    offered = tuple(Choice(label, f"entry:e{number}") for number, label in enumerate(choices))
    return Reply(Decision.ANSWER, Outcome.ANSWERED, language, (Block(text, language),), offered, entry=entry)


@pytest.mark.parametrize("letter", ["a", "あ", APPLE, ASTRAL, FAMILY, SELECTED, NEPALI])
def test_lengths_are_counted_as_line_counts_them(letter: str) -> None:
    """An apple is two units and one character; our counting and the fake's, made apart, agree."""
    assert utf16_length(letter * 7) == units(letter * 7) == 7 * len(letter.encode("utf-16-le")) // 2
    assert cluster_count(letter * 7) == clusters(letter * 7) == 7


@pytest.mark.parametrize("letter", ["a", "あ", APPLE, ASTRAL, FAMILY, SELECTED, NEPALI])
@pytest.mark.parametrize("past", [0, 1])
def test_a_text_at_the_limit_stays_whole_and_one_past_it_is_split_between_characters(letter: str, past: int) -> None:
    """5,000 units in one message, one character more in two; no character is torn (L-27)."""
    whole = letter * (TEXT // units(letter) + past)
    parts = split_text(whole)

    assert len(parts) == 1 + past
    assert "".join(parts) == whole
    assert all(units(part) <= TEXT for part in parts)
    assert all(clusters(part) == units(part) // units(letter) for part in parts)


def test_a_url_is_never_torn() -> None:
    """Wherever the limit falls in it, the address stays in one piece (L-27)."""
    url = "https://hoshimi.example/garbage/district?name=%E6%9C%88&day=1"
    for before in range(30, 110):
        parts = split_text("あ" * before + url + "い" * 80, 120)
        assert any(url in part for part in parts)
        assert "".join(parts) == "あ" * before + url + "い" * 80


def test_a_text_is_split_where_a_reader_pauses() -> None:
    """Between paragraphs before sentences, between sentences before words."""
    assert split_text("一段落目です。続きます。\n\n二段落目です。", 16) == ["一段落目です。続きます。", "二段落目です。"]
    assert split_text("One sentence here. Another one here.", 30) == ["One sentence here.", "Another one here."]


@pytest.mark.parametrize("letter", ["a", "あ", FAMILY, SELECTED, NEPALI])
@pytest.mark.parametrize("past", [0, 1])
def test_a_label_at_the_limit_stays_and_one_past_it_is_shortened(service: Service, letter: str, past: int) -> None:
    """20 characters on the button; a longer title stands whole in the text (L-28)."""
    label = letter * (LABEL + past)
    (message,) = render(reply("どれですか。", label), page(service, "ja"))
    shown = message["quickReply"]["items"][0]["action"]["label"]

    assert mistakes([message]) == []
    assert (shown == label) is (past == 0)
    assert label in message["text"]
    assert clusters(shown) <= LABEL


@pytest.mark.parametrize(("number", "buttons"), [(12, 12), (13, 13), (14, 13), (40, 13)])
def test_more_than_thirteen_choices_are_all_told_and_thirteen_tapped(service: Service, number: int, buttons: int) -> None:
    """Every choice has its number in the text; LINE takes thirteen buttons (L-28)."""
    (message,) = render(reply("どれですか。", *(f"その{n}" for n in range(number))), page(service, "ja"))

    assert len(message["quickReply"]["items"]) == buttons
    assert f"{number}. その{number - 1}" in message["text"]
    assert mistakes([message]) == []


@pytest.mark.parametrize(("messages", "cut_off"), [(4, False), (5, False), (6, True), (9, True)])
def test_what_does_not_fit_into_five_messages_ends_with_where_the_rest_stands(
    service: Service, messages: int, cut_off: bool
) -> None:
    """Never a silent sixth (L-26)."""
    text = "あ" * (TEXT * (messages - 1) + 1)
    rendered = render(reply(text, entry="long"), page(service, "ja", "https://city.example/hoshimi/faq/long"))

    assert mistakes(rendered) == []
    assert len(rendered) == min(messages, 5)
    assert ("https://city.example/hoshimi/faq/long" in rendered[-1]["text"]) is cut_off
    told = render(reply(text, entry="long"), page(service, "ja"))[-1]["text"]
    assert (told == request(service, "ja").say("line.cut")) is cut_off


@pytest.mark.parametrize("length", [URI, URI + 1])
def test_an_address_at_the_limit_is_a_button_and_a_longer_one_a_text(service: Service, length: int) -> None:
    """1,000 characters (L-28)."""
    url = "https://a.example/" + "a" * (length - 18)
    link = Block("出典", "ja", BlockKind.LINK, url)
    found = render(replace(reply("答えです。", entry="e"), blocks=(Block("答え", "ja"), link)), page(service, "ja"))
    uris = [part["action"]["uri"] for part in parts_of(found[0]["contents"]) if part.get("type") == "button"]

    assert uris == ([url] if length == URI else [])
    assert mistakes(found) == []


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://a.example/ごみ の日", "https://a.example/%E3%81%94%E3%81%BF%20%E3%81%AE%E6%97%A5"),
        ("https://a.example/?q=%E3%81%94&b=1", "https://a.example/?q=%E3%81%94&b=1"),
        ("tel:0000000011", "tel:0000000011"),
        *((refused, None) for refused in ("javascript:alert(1)", "data:text/html,x", "", "https://", "http://[", "/relative")),
    ],
)
def test_addresses_are_encoded_and_only_of_kinds_that_line_takes(url: str, sent: str | None) -> None:
    """http, https, line and tel; nothing that runs (L-28, P-13)."""
    assert safe_uri(url) == sent


@pytest.mark.parametrize("past", [0, 1])
def test_a_label_of_a_flex_button_takes_forty(service: Service, past: int) -> None:
    """One more is shortened (L-28)."""
    link = Block("あ" * (FLEX_LABEL + past), "ja", BlockKind.LINK, "https://a.example/")
    (message,) = render(replace(reply("", entry="e"), blocks=(Block("答え", "ja"), link)), page(service, "ja"))

    assert mistakes([message]) == []
    assert clusters(message["contents"]["footer"]["contents"][0]["action"]["label"]) == FLEX_LABEL


def test_a_bubble_that_is_too_large_becomes_text(service: Service) -> None:
    """30 KB: many choices with long titles make it larger, and nothing is lost (L-29)."""
    labels = [f"{number}" + "あ" * 700 for number in range(20)]
    found = render(reply("答え", *labels, entry="e"), page(service, "ja"))

    assert {message["type"] for message in found} == {"text"}
    assert mistakes(found) == []


def every_answer(service: Service, language: str) -> Iterator[Reply]:
    """Yield every entry of every city as it is answered in a language."""
    for city in service.releases:
        asked = request(service, language, city)
        for entry in asked.release.knowledge.entries.values():
            yield answer(asked, entry)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_real_answer_fits_wraps_and_scales_in_every_language(service: Service, language: str) -> None:
    """LINE would take each; every text of a bubble wraps and scales; what a notification shows is the answer (L-29, L-30)."""
    for given in every_answer(service, language):
        found = render(given, page(service, language))
        assert mistakes(found) == [], given.entry
        for message in found:
            texts = [part for part in parts_of(message.get("contents")) if part.get("type") == "text"]
            assert all(part["wrap"] is True and part["scaling"] is True for part in texts)
        if found[0]["type"] == "flex":
            told = " ".join(given.blocks[0].text.split())
            assert found[0]["altText"].startswith(told[:60])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_system_text_and_menu_fits_in_every_language(service: Service, language: str) -> None:
    """Each text as a message, each label as a button, and the menus of every city (L-31)."""
    texts = service.texts.texts[language]
    assert list(text_problems(texts)) == []
    for key, text in texts.items():
        assert mistakes(render(reply(text, text[:200] or "x", language=language), page(service, language))) == [], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_labels_are_not_shortened(service: Service, language: str) -> None:
    """`line.label.…` stand on buttons as they are."""
    labels = [text for key, text in service.texts.texts[language].items() if key.startswith("line.label.")]

    assert labels
    assert all(shortened(label, LABEL) == label for label in labels)


def test_labels_that_are_too_long_are_errors_of_the_content() -> None:
    """At the limit none, one past it one, in characters as readers count them."""
    assert list(text_problems({"line.label.a": FAMILY * 20, "line.menu.b": "あ" * 20, "line.menu.bar": "あ" * 14})) == []
    found = dict(
        text_problems({"line.label.a": FAMILY * 21, "line.menu.b": "あ" * 21, "line.menu.bar": "あ" * 15, "x": "あ" * 5001})
    )
    assert list(found) == ["line.label.a", "line.menu.b", "line.menu.bar", "x"]


def test_messages_become_the_sdks_models_without_losing_a_field(service: Service) -> None:
    """What is rendered comes back from the SDK's models as it was (L-46)."""
    rendered = [
        *render(next(every_answer(service, "ja")), page(service, "ja")),
        *render(reply("どれですか。", "a", "b"), page(service, "ja"), quote_token="q"),  # noqa: S106 - LINE's word
    ]

    assert [model.to_dict() for model in typed(rendered)] == rendered


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plainest_form_of_an_answer_holds_its_beginning(service: Service, language: str) -> None:
    """One text, as long as LINE takes."""
    given = next(every_answer(service, language))
    (message,) = plainest(render(given, page(service, language)))

    assert mistakes([message]) == []
    assert given.blocks[0].text.split()[0] in message["text"]


def test_statistics_have_fixed_names() -> None:
    """Language and kind, in the letters that LINE takes (L-49)."""
    assert aggregation_unit("ja-easy", "answer") == "ja_easy_answer"
    assert aggregation_unit("x" * 40, "answer") == "x" * 30


@pytest.mark.parametrize("past", [0, 1])
def test_cutting_keeps_within_units_and_whole_characters(past: int) -> None:
    """At the limit nothing is cut; one past it ends in an ellipsis."""
    text = APPLE * (200 + past)
    assert (cut(text, 400) == text) is (past == 0)
    assert units(cut(text, 400)) <= 400
    assert cut(text, 400).strip("…").strip(APPLE) == ""
