"""Texts of the city on pages without a script: lists are lists, addresses are links, nothing is lost."""

import pytest

from connectors.web.passages import passages


def test_lines_with_a_hyphen_are_a_list() -> None:
    """The lines around them stay running text, empty lines go."""
    found = passages("持ち物：\n- 本人確認書類\n- 印鑑\n\nくわしくは窓口へ")

    assert [(one.listed, len(one.lines)) for one in found] == [(False, 1), (True, 2), (False, 1)]
    assert found[1].lines[0][0].text == "本人確認書類"


@pytest.mark.parametrize(
    ("line", "link"),
    [
        ("くわしいページ：https://hoshimi.example/a/（日本語）", "https://hoshimi.example/a/"),
        ("https://hoshimi.example/?a=1&b=2、ほか", "https://hoshimi.example/?a=1&b=2"),
        ("see https://hoshimi.example/#top", "https://hoshimi.example/#top"),
    ],
)
def test_an_address_ends_where_the_sentence_goes_on(line: str, link: str) -> None:
    """Japanese brackets and commas are no part of it."""
    pieces = passages(line)[0].lines[0]

    assert [piece.text for piece in pieces if piece.link] == [link]
    assert "".join(piece.text for piece in pieces) == line


def test_only_web_addresses_become_links() -> None:
    """Nothing that a browser would run."""
    assert not any(piece.link for piece in passages("javascript:alert(1) data:text/html,x")[0].lines[0])
