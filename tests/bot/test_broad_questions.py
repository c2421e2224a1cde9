"""A question that no single entry answers leads on: a whole topic shows its questions, garbage as such asks what it is about."""

from datetime import datetime

import pytest

from bot.messages import JST, Conversation, Message, Outcome, Reply
from bot.service import Service

MOVING = [
    ("ja", "引っ越しすることになったんだけど何したらいい？"), ("ja-easy", "ひっこし なにを しますか"), ("en", "moving house"),
    ("zh-Hans", "搬家要办什么手续"), ("zh-Hant", "搬家要辦什麼手續"), ("ko", "이사 절차"), ("pt-BR", "mudança"),
    ("vi", "chuyển nhà cần làm gì"), ("tl", "ano kailangan gawin pag lilipat ng bahay"),
    ("es", "qué tengo que hacer cuando me mudo"),
    ("ne", "घर सर्दा के गर्नु पर्छ"), ("id", "pindah rumah harus apa saja"),
]  # fmt: skip
GARBAGE = [
    ("ja", "引越ししたばかりなんですけど、ゴミの出し方がわからん"), ("ja-easy", "ごみの だしかたが わからないです"),
    ("en", "I just moved here, how does the garbage work?"), ("zh-Hans", "我刚搬来，垃圾怎么扔啊"),
    ("zh-Hant", "請問垃圾要怎麼丟"), ("ko", "쓰레기 어떻게 버려야 하나요"), ("pt-BR", "quais são as regras do lixo daqui?"),
    ("vi", "em mới chuyển tới, đổ rác sao ạ"), ("tl", "bagong lipat kami, pano po ang basura"),
    ("es", "¿cuáles son las reglas para botar la basura?"), ("ne", "म भर्खर सरें, फोहोर कसरी फाल्ने?"),
    ("id", "saya baru pindah, buang sampahnya gimana ya"),
]  # fmt: skip


def reply_to(service: Service, language: str, text: str) -> Reply:
    """Return the reply to a first message on a page in a language."""
    conversation = Conversation("talk", "hoshimi", language=language)
    return service.respond(Message("hoshimi", text), conversation, datetime(2026, 11, 30, 10, tzinfo=JST)).reply


@pytest.mark.parametrize(("language", "text"), MOVING)
def test_a_whole_topic_shows_its_questions(service: Service, language: str, text: str) -> None:
    """Moving in, moving out and moving within the city are three things: who just says "moving" is shown all three."""
    reply = reply_to(service, language, text)
    assert reply.outcome is Outcome.MENU
    assert [choice.value for choice in reply.choices][:3] == ["entry:moving-in", "entry:moving-out", "entry:moving-within"]


@pytest.mark.parametrize(("language", "text"), GARBAGE)
def test_how_garbage_works_is_no_thing_that_nobody_knows(service: Service, language: str, text: str) -> None:
    """A new resident is asked what to throw away, and offered the days, large things and bags."""
    reply = reply_to(service, language, text)
    values = [choice.value for choice in reply.choices]
    assert reply.outcome is Outcome.CLARIFIED
    assert reply.text == service.texts.say("garbage.which-item", language)
    assert {"say:collection", "entry:bulky-garbage-booking", "entry:garbage-bags"} <= set(values)


@pytest.mark.parametrize(
    ("text", "entry"),
    [("転入届を出したい", "moving-in"), ("税金の支払いが遅れそう", "tax-late"), ("マイナンバーカードをなくした", "mynumber-lost"),
     ("国民年金を免除してほしい", "pension-exemption")],
)  # fmt: skip
def test_a_question_of_its_own_is_answered_and_not_sent_to_its_topic(service: Service, text: str, entry: str) -> None:
    """A topic takes nothing from how sure an entry is."""
    assert reply_to(service, "ja", text).entry == entry


def test_a_thing_that_nobody_knows_is_still_told_so(service: Service) -> None:
    """An unknown name beside words of disposal is no question about garbage as such."""
    assert "フラックスキャパシタ" in reply_to(service, "ja", "フラックスキャパシタの捨て方").text


def test_a_thing_by_its_bare_name_is_no_question_about_days(service: Service) -> None:
    """ペットボトルの日 is, ペットボトルのふた is not."""
    assert reply_to(service, "ja", "ペットボトルのふた").outcome is Outcome.SORTED
    assert reply_to(service, "ja", "ペットボトルの日はいつ").outcome is not Outcome.SORTED
    assert reply_to(service, "en", "trash schedule").outcome is not Outcome.SORTED


def test_a_thing_that_may_be_meant_is_offered_before_declining(service: Service) -> None:
    """Whoever asks how to prepare a thing does not always say that it is to be thrown away."""
    assert "item:spray-can" in [choice.value for choice in reply_to(service, "ja", "スプレー缶 穴あける？").choices]


def test_a_long_complaint_is_no_name_of_a_thing(service: Service) -> None:
    """What is left of a sentence without its words of disposal is not read out as if it were an item."""
    reply = reply_to(service, "ja", "隣の家のおじさんがいつも変な時間にゴミを捨てていて困る")
    assert "品目" not in reply.text
