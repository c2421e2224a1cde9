"""Furigana is right where it matters: at the counter, in dates, and over kanji only."""

from pathlib import Path

import pytest

from faq.data_files import DataFiles
from faq.errors import ContentError
from faq.furigana import aligned, load_readings, ruby, ruby_html
from faq.loader import load_knowledge


def shown(text: str) -> str:
    """Return the text with its furigana in brackets."""
    return "".join(f"{surface}({reading})" if reading else surface for surface, reading in ruby(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("届け出る", "届(とど)け出(で)る"),
        ("引っ越し", "引(ひ)っ越(こ)し"),
        ("申し込む", "申(もう)し込(こ)む"),
        ("受け付ける", "受(う)け付(つ)ける"),
        ("お金を払う", "お金(かね)を払(はら)う"),
        ("市役所", "市役所(しやくしょ)"),
        ("区役所へ", "区役所(くやくしょ)へ"),
        ("窓口", "窓口(まどぐち)"),
        ("住民票", "住民票(じゅうみんひょう)"),
        ("戸籍", "戸籍(こせき)"),
        ("本籍", "本籍(ほんせき)"),
        ("日本国籍の人", "日本(にほん)国籍(こくせき)の人(ひと)"),
        ("日本籍", "日本(にほん)籍(せき)"),
        ("続柄を書く", "続柄(つづきがら)を書(か)く"),
        ("世帯主", "世帯主(せたいぬし)"),
        ("転出届", "転出届(てんしゅつとどけ)"),
        ("転入届", "転入届(てんにゅうとどけ)"),
        ("印鑑登録", "印鑑登録(いんかんとうろく)"),
        ("旧氏", "旧氏(きゅううじ)"),
        ("明日", "明日(あした)"),
        ("今日は", "今日(きょう)は"),
        ("一人", "一人(ひとり)"),
        ("一人前", "一人前(いちにんまえ)"),
        ("二十歳", "二十歳(はたち)"),
        ("何日ですか", "何日(なんにち)ですか"),
        ("何時ですか", "何時(なんじ)ですか"),
        ("何を 食べる", "何(なに)を 食(た)べる"),
        ("4月1日", "4月(がつ)1日(ついたち)"),
        ("1日に3回", "1日(にち)に3回(かい)"),
        ("2日", "2日(ふつか)"),
        ("10日まで", "10日(とおか)まで"),
        ("11日", "11日(にち)"),
        ("14日以内", "14日(じゅうよっか)以内(いない)"),
        ("２０日", "２０日(はつか)"),
        ("7日間", "7日間(なのかかん)"),
        ("3か月", "3か月(げつ)"),
        ("1人と3人", "1人(ひとり)と3人(にん)"),
        ("午後5時30分", "午後(ごご)5時(じ)30分(ぷん)"),
        ("15分", "15分(ふん)"),
        ("3階", "3階(がい)"),
        ("1,000円", "1,000円(えん)"),
        ("10本", "10本(ぽん)"),
        ("その間に", "その間(あいだ)に"),
        ("間に合います", "間(ま)に合(あ)います"),
        ("東御市", "東御(とうみ)市(し)"),
        ("人々", "人々(ひとびと)"),
        ("ABC と カタカナ 123", "ABC と カタカナ 123"),
        ("", ""),
    ],
)
def test_readings(text: str, expected: str) -> None:
    """Each text is read as people at a counter read it."""
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("surface", "reading", "expected"),
    [
        ("取り扱い", "トリアツカイ", [("取", "と"), ("り", ""), ("扱", "あつか"), ("い", "")]),
        ("ガラス瓶", "ガラスビン", [("ガラス", ""), ("瓶", "びん")]),
        ("今日", "キョウ", [("今日", "きょう")]),
        ("書く", "ヨム", [("書く", "よむ")]),
    ],
)
def test_kana_of_a_word_stay_outside(surface: str, reading: str, expected: list[tuple[str, str]]) -> None:
    """The reading is shared out over the kanji; where it does not fit, it stands over the whole word."""
    assert aligned(surface, reading) == expected


def test_nothing_of_a_text_is_lost() -> None:
    """The surfaces of every answer in やさしい日本語 put together are the answer, and none has kanji without a reading."""
    for entry in list(load_knowledge(DataFiles()).nationwide.values())[::10]:
        answer = entry.texts["ja-easy"].answer
        assert "".join(surface for surface, _ in ruby(answer)) == answer


def test_a_long_text_is_read_to_its_end() -> None:
    """Sudachi takes only so much at once."""
    assert ruby("あ。" * 30_000 + "窓口")[-1] == ("窓口", "まどぐち")


def test_html_has_brackets_for_readers_without_ruby() -> None:
    """<rp> stands around each reading (W-25), and the text is escaped."""
    assert ruby_html("<窓口>") == "&lt;<ruby>窓口<rp>（</rp><rt>まどぐち</rt><rp>）</rp></ruby>&gt;"


def test_a_wrong_file_of_readings_is_told(tmp_path: Path) -> None:
    """An unknown key is a mistake with its line."""
    path = tmp_path / "readings.yaml"
    path.write_text("words: {}\ncounters: {}\nword: {}\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"readings.yaml:3"):
        load_readings(path)
