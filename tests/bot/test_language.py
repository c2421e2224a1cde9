"""Which language a message is in (J-09)."""

import pytest

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
