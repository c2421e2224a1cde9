"""The lint of やさしい日本語 finds what is hard and leaves what is easy."""

import pytest

from faq.easy_japanese import lint


def rules(text: str) -> list[str]:
    """Return the rules that a text breaks."""
    return [finding.rule for finding in lint(text)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("転入届を 出す人は 住んでいる 町の 市役所に 前の 町の 紙を 持って 家族と いっしょに 行きます。", "length"),
        ("ご確認ください。", "honorific"),
        ("紙を ご 持参ください。", "honorific"),
        ("お書きください。", "honorific"),
        ("市長が お話しになります。", "honorific"),
        ("こちらで 待っていただきます。", "honorific"),
        ("窓口が ございます。", "honorific"),
        ("お待ちくださいませ。", "honorific"),
        ("市が お送りいたします。", "honorific"),
        ("紙を 出さなければ なりません。", "double-negative"),
        ("紙を 出さないと いけません。", "double-negative"),
        ("紙が ないと できません。", "double-negative"),
        ("できない わけでは ありません。", "double-negative"),
        ("17時までです。", "clock"),
        ("午後 17:15までです。", "clock"),
        ("午前 9:30からです。", "clock"),
        ("9時から です。", "clock"),
        ("１５時に 来てください。", "clock"),
        ("令和8年4月からです。", "era"),
        ("昭和60年に 生まれた人です。", "era"),
        ("R8年の 税金です。", "era"),
        ("仕事を やめさせられた人です。", "passive"),
        ("紙が 送られて、名前が 書かれた 人に わたされます。", "passive"),
        ("住所及び 名前を 書きます。", "office-word"),
    ],
)
def test_what_is_hard_is_found(text: str, rule: str) -> None:
    """Each rule has its finding, and only its own."""
    assert set(rules(text)) == {rule}


@pytest.mark.parametrize(
    "text",
    [
        "市役所に 来てください。\n午前9時から 午後5時まで 開いています。",
        "転入届（前の 町から 引っ越してきたことを、新しい 町の 市役所に 知らせるための 大切な 紙）を 出してください。",
        "くわしくは 見てください。 https://www.example.lg.jp/very/long/address/that/does/not/count.html",
        "2026年4月1日から 500,000円までです。",
        "ごみは 水曜日に 出します。お金は いりません。ご飯の 残りも 同じです。",
        "24時間 いつでも 電話できます。3時間 かかります。",
        "ありがとうございます。",
        "子どもが 生まれたら 14日までに 出してください。",
        "ここは 市役所では ありません。",
        "午前9時から 11時までです。",
        "",
    ],
)
def test_what_is_easy_passes(text: str) -> None:
    """No finding where there is nothing to better."""
    assert lint(text) == []


def test_a_line_of_a_list_may_be_longer() -> None:
    """Up to 48 characters in a list, 35 elsewhere."""
    line = "あ" * 40
    assert rules(f"- {line}") == []
    assert rules(line) == ["length"]
    assert rules(f"- {'あ' * 49}") == ["length"]


def test_a_finding_helps_in_japanese_and_english() -> None:
    """The message says what to write instead."""
    finding = lint("17時に 来てください。")[0]
    assert finding.excerpt == "17時"
    assert "午後5時" in finding.message
    assert "12-hour" in finding.message
