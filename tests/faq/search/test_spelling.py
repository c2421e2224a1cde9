"""A Japanese question is searched as the texts of the index would write it (J-02 to J-08)."""

import pytest

from bot.service import Service
from faq.japanese import plain_speech
from faq.search.index import Question, readings
from faq.search.spelling import Speller
from faq.search.spelling_learned import learn_spelling


@pytest.fixture(scope="module")
def speller(service: Service) -> Speller:
    """The speller of everything that the demo city is asked."""
    found = service.release("hoshimi").finder.index.speller
    assert found
    return found


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("じゅうみんひょうがほしい", "住民票がほしい"), ("しやくしょはなんじからですか", "市役所は何時からですか"),
        ("としょかんのかーどをつくりたい", "図書館のカードを作りたい"),
        ("けっこんしたい", "結婚したい"), ("てんこうします", "転校します"), ("なにを しますか", "なにをしますか"),
        ("こにんとどけ", "婚姻届"), ("じゅみんひょ", "住民票"), ("じゅうみnひょう", "住民票"),
    ],
)  # fmt: skip
def test_kana_becomes_what_the_texts_write(speller: Speller, typed: str, written: str) -> None:
    """Kana, romaji without long vowels and a conversion that broke off are read with the words of the index."""
    assert speller.spelled(typed) == written


@pytest.mark.parametrize(
    ("typed", "written"),
    [("国民年菌が払えない", "国民年金が払えない"), ("認知証の相談", "認知症の相談"), ("母子手帖がほしい", "母子手帳がほしい")],
)
def test_a_slip_becomes_the_word_that_was_meant(speller: Speller, typed: str, written: str) -> None:
    """One wrong character in a run of kanji is put right where only one well-known word is meant."""
    assert speller.spelled(typed) == written


@pytest.mark.parametrize(
    "text",
    [
        "保険料払えない", "乾電池", "転入届を出したい", "転出届を出したい", "引っ越してきました", "税金が払えない",
        "Mi casa 2026", "🐝", "",
    ],
)  # fmt: skip
def test_what_is_written_well_stays(speller: Speller, text: str) -> None:
    """Words that the texts hold are not exchanged for others, and what is no Japanese is left as it is."""
    assert speller.spelled(text) == text


def test_a_speller_outlives_its_packing(speller: Speller) -> None:
    """What is stored beside the index spells as what was learned."""
    again = Speller.unpacked(speller.packed())
    assert again.spelled("じどうてあてのしんせい") == speller.spelled("じどうてあてのしんせい") == "児童手当の申請"


def test_nothing_learned_changes_nothing() -> None:
    """A speller without texts returns every question as it is."""
    assert learn_spelling([]).spelled("住民票がほしい") == "住民票がほしい"


@pytest.mark.parametrize(
    ("question", "language", "read"),
    [
        ("nozei kanrinin", "en", "納税"),
        ("perdí el tenshutsu shomeisho", "es", "転出証明書"),
        ("how do I return home", "en", None),
    ],
)
def test_romaji_within_another_language_is_read(service: Service, question: str, language: str, read: str | None) -> None:
    """Long words that sound like well-known Japanese ones are searched as those; real words are not."""
    index = service.release("hoshimi").finder.index
    found = [text for group, text in readings(Question(question, (language,)), {"ja", language}, index.speller) if group == "ja"]
    assert found[:1] == ([read] if read else [])


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("税金払えへん", "税金払えない"), ("犬を登録したいんやけど", "犬を登録したい"), ("保険料なんぼ", "保険料いくら"),
        ("住民票がほしい", "住民票がほしい"),
    ],
)  # fmt: skip
def test_dialect_is_read_as_plain_japanese(said: str, plain: str) -> None:
    """Endings of western and other dialects are taken off or made plain (J-06)."""
    assert plain_speech(said) == plain
