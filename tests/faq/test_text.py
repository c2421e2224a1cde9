"""Text in its normal forms (J-01 to J-05, J-08)."""

import pytest

from faq.japanese import analyse_japanese, kana_of_romaji
from faq.text import fold, kana_skeleton, normalise


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("1995〜2001年", "1995~2001年"),
        ("8:30～17:15", "8:30~17:15"),
        ("03－1234‐5678", "03-1234-5678"),
        ("03−1234–5678", "03-1234-5678"),
        ("ｶﾞｽ", "ガス"),
        ("か゛", "が"),
        ("か ゛", "が"),
        ("①㈱", "1(株)"),
        ("㋿8年", "令和8年"),
        ("髙﨑さん", "高崎さん"),
        ("邉\U000e0101", "辺"),
        ("塚神", "塚神"),
        ("ご\u200bみ", "ごみ"),
        ("コンピュ-タ", "コンピュータ"),
        ("ａｂｃ　１２３", "abc 123"),
        ("えーーーーーー", "えーーー"),
        ("a\x00b", "a b"),
    ],
)
def test_texts_that_mean_the_same_get_one_normal_form(written: str, normal: str) -> None:
    """Width, dashes, waves, voicing marks, old kanji and invisible characters do not make a difference."""
    assert normalise(written) == normal


@pytest.mark.parametrize("one_of_them", ["ゴミ", "ごみ", "ｺﾞﾐ", "ご・み", "GOMI ".lower().replace("gomi", "ごみ")])
def test_names_are_the_same_name_whatever_the_kana(one_of_them: str) -> None:
    """Hiragana, katakana and half width fold to one name."""
    assert fold(one_of_them).replace(" ", "") == "ごみ"


@pytest.mark.parametrize("reading", ["じゅうみんひょう", "ジュウミンヒョー", "じゅみんひょ"])
def test_long_vowels_and_small_kana_do_not_matter_to_the_sound(reading: str) -> None:
    """All ways to write a sound share a skeleton."""
    assert kana_skeleton(reading) == "じゆみんひよ"


@pytest.mark.parametrize("romaji", ["juminhyo", "juuminhyou", "jyuminhyo", "jūminhyō", "JUMINHYO"])
def test_romaji_of_every_school_sounds_like_the_word(romaji: str) -> None:
    """Hepburn, Kunrei, wāpuro, macrons or none."""
    assert kana_skeleton(kana_of_romaji(romaji) or "") == "じゆみんひよ"


@pytest.mark.parametrize("english", ["spray can", "how do I throw away", "xyz"])
def test_words_that_cannot_be_romaji_are_left_alone(english: str) -> None:
    """A word with a syllable that Japanese lacks is not converted."""
    assert kana_of_romaji(english) is None


def test_a_wrong_conversion_sounds_right() -> None:
    """住民表 and 住民票 share their sound, so that the typo finds the entry."""
    assert analyse_japanese("住民表").sound == analyse_japanese("住民票").sound == "じゆみんひよ"


def test_okurigana_does_not_matter() -> None:
    """引越し, 引っ越し and 引越 are one word."""
    assert analyse_japanese("引越し").words == analyse_japanese("引っ越し").words


def test_ten_thousand_characters_are_read_without_trouble() -> None:
    """Length is bounded, nothing raises."""
    assert analyse_japanese("あ" * 20_000).words is not None
