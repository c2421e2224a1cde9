"""The steps of a ticket, and the words that go with them, with no store around: every language, every step."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot import handoff
from bot.desk import words
from bot.desk.clockwork import is_late, is_silent, is_unread
from bot.handoff import ClosedBy, Officer, Ticket
from bot.messages import BotError, Conversation, Decision, HandoffState, Outcome, Reply
from bot.service import Service
from faq.city import DeskRules
from tests.conftest import TUESDAY

OFFICER = Officer("staff-1", "山田")
TICKET = Ticket("hoshimi", "2026-00001", "talk", "web", "ja", "residents", "転入届は", TUESDAY, TUESDAY)
LATER = TUESDAY + timedelta(hours=1)


def test_a_number_is_readable_and_has_its_year() -> None:
    """Five digits after the year, more when a city needs more."""
    assert handoff.ticket_number(2026, 12) == "2026-00012"
    assert handoff.ticket_number(2026, 123456) == "2026-123456"


def test_a_ticket_goes_from_waiting_to_staff_to_closed_and_back() -> None:
    """Each step changes what it must: who has it, since when, how it ended."""
    taken = handoff.taken(TICKET, OFFICER, LATER)
    replied = handoff.replied(taken, OFFICER, LATER)
    closed = handoff.closed(replied, ClosedBy.STAFF, LATER)
    again = handoff.reopened(closed, OFFICER, LATER)

    assert (taken.state, taken.assignee, taken.taken_at) == (HandoffState.STAFF, OFFICER.id, LATER)
    assert (replied.first_reply_at, closed.closed_by, closed.is_open) == (LATER, ClosedBy.STAFF, False)
    assert (again.state, again.closed_at, again.closed_by) == (HandoffState.STAFF, None, None)


def test_another_department_makes_it_wait_again_and_a_named_officer_does_not() -> None:
    """Without an officer the ticket is in the department's queue."""
    taken = handoff.taken(TICKET, OFFICER, LATER)

    assert handoff.assigned(taken, "tax", None).state is HandoffState.WAITING
    assert handoff.assigned(taken, "tax", None).assignee is None
    assert handoff.assigned(taken, "tax", OFFICER).state is HandoffState.STAFF


def test_a_step_that_makes_no_sense_is_refused_in_japanese() -> None:
    """Closed is closed, erased cannot come back, an open ticket needs no reopening."""
    closed = handoff.closed(TICKET, ClosedBy.RESIDENT, LATER)
    for step in (
        lambda: handoff.taken(closed, OFFICER, LATER), lambda: handoff.closed(closed, ClosedBy.STAFF, LATER),
        lambda: handoff.assigned(closed, "tax", None), lambda: handoff.replied(TICKET, OFFICER, LATER),
        lambda: handoff.reopened(TICKET, OFFICER, LATER),
    ):  # fmt: skip
        with pytest.raises(BotError) as error:
            step()
        assert "2026-00001" in error.value.message
        assert error.value.hint


def test_a_talk_remembers_who_holds_it_until_it_is_closed() -> None:
    """State and number survive storage; the closing reply clears them."""
    held = Conversation("talk", "hoshimi", handoff=HandoffState.STAFF, ticket="2026-00001", told=True)
    again = Conversation("talk", "hoshimi").with_state(held.state())
    reply = Reply(Decision.HANDOFF, Outcome.HANDED_BACK, "ja", (), handoff=HandoffState.CLOSED, ticket="2026-00001")

    assert again == held
    assert held.after(reply, TUESDAY, {}).handoff is None
    assert held.after(reply, TUESDAY, {}).ticket is None


def test_a_talk_stored_before_there_was_a_desk_can_be_read() -> None:
    """Older rows have no word of a hand-off."""
    old = {"choices": [], "recent_entry": None, "recent_at": None, "slots": {}, "declined": 0}

    assert Conversation("talk", "hoshimi").with_state(old) == Conversation("talk", "hoshimi")


CODES = ("ja", "ja-easy", "en", "zh-Hans", "zh-Hant", "ko", "pt-BR", "vi", "tl", "es", "ne", "id")


def test_the_list_of_languages_here_is_whole(service: Service) -> None:
    """A new language gets these promises too."""
    assert {language.code for language in service.languages} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_step_is_told_in_every_language(service: Service, code: str) -> None:
    """Number, promise, department and the way back to the bot, each in the resident's own language."""
    request = service.greeting(service.release("hoshimi"), code, TUESDAY)
    ticket = Ticket("hoshimi", "2026-00007", "talk", "web", code, "residents", "", TUESDAY, TUESDAY)
    promised = handoff.taken(ticket, OFFICER, LATER)
    passed_on = words.news(request, ticket, "handoff.passed-on")
    replies = [
        words.opened(request, _promised(ticket, words.promise(request, "residents", TUESDAY)), 3, passed_on),
        words.news(request, promised, "handoff.taken"), words.news(request, promised, "handoff.assigned"),
        words.news(request, promised, "handoff.reopened"), words.news(request, promised, "handoff.warning", minutes=10),
        *(words.handed_back(request, promised, by) for by in (ClosedBy.STAFF, ClosedBy.SILENCE, ClosedBy.RESIDENT)),
    ]  # fmt: skip

    assert "2026-00007" in replies[0].text
    assert ("午後2時" if code == "ja-easy" else "14:00") in replies[0].text
    assert "3" in replies[0].text
    assert "10" in replies[4].text
    assert len({reply.text for reply in replies}) == len(replies)
    assert all("{" not in reply.text for reply in replies)
    japanese = service.greeting(service.release("hoshimi"), "ja", TUESDAY)
    if code != "ja":
        assert replies[-1].text != words.handed_back(japanese, promised, ClosedBy.RESIDENT).text


def _promised(ticket: Ticket, at: datetime | None) -> Ticket:
    return replace(ticket, promised_at=at)


def test_a_city_without_hours_promises_nothing_and_says_so(service: Service) -> None:
    """No date is made up where no hours are known."""
    request = service.greeting(service.release("anjo"), "ja", TUESDAY)
    ticket = Ticket("anjo", "2026-00001", "talk", "web", "ja", "general", "", TUESDAY, TUESDAY)
    reply = words.opened(request, ticket, 0, words.news(request, ticket, "handoff.passed-on"))

    assert words.promise(request, "general", TUESDAY) is None
    assert "お約束できません" in reply.text
    assert "番です" not in reply.text


@pytest.mark.parametrize("minutes", [19, 20, 21])
def test_silence_counts_from_the_last_word_of_staff(minutes: int) -> None:
    """Only after a reply, only while nothing of the resident is unread, from the given minute on."""
    rules = DeskRules()
    replied = handoff.replied(handoff.taken(TICKET, OFFICER, TUESDAY), OFFICER, TUESDAY)
    now = TUESDAY + timedelta(minutes=minutes)

    assert is_silent(replied, 20, now) is (minutes >= 20)
    assert not is_silent(handoff.taken(TICKET, OFFICER, TUESDAY), 20, now)
    assert not is_unread(replied, rules, now)
    assert not is_late(replied, now + timedelta(days=9))
