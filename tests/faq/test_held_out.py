"""Questions that figures are measured on name real entries, and nothing that is searched or trained on repeats the fresh ones."""

import pytest

from bot.nlu.vocabulary import load_broad_questions, load_out_of_scope
from faq.data_files import DataFiles
from faq.held_out import FRESH, TESTS, read_held_out
from faq.languages import load_languages
from faq.loader import load_knowledge
from faq.text import fold

FILES = DataFiles()
LANGUAGES = load_languages(FILES)


@pytest.mark.parametrize("name", [TESTS, FRESH])
def test_every_language_has_questions_in_and_out_of_scope(name: str) -> None:
    """Each file has at least 29 questions about entries and 15 that nothing answers."""
    found = read_held_out(FILES, LANGUAGES, name)
    for language in LANGUAGES:
        assert sum(question.language == language.code for question in found.entries) >= 29
        assert sum(question.language == language.code for question in found.outside) >= 15


@pytest.mark.parametrize("name", [TESTS, FRESH])
def test_held_out_questions_name_entries_that_are_there(name: str) -> None:
    """A renamed entry would count as a miss for ever."""
    knowledge = load_knowledge(FILES, ["hoshimi"])
    known = {f"entry:{id_}" for id_ in (*knowledge.nationwide, *knowledge.cities["hoshimi"].entries)}
    asked = read_held_out(FILES, LANGUAGES, name).entries
    assert [(question.id, key) for question in asked for key in question.relevant if key.split("@")[0] not in known] == []


def test_fresh_questions_are_nowhere_in_the_content() -> None:
    """A question that is a phrasing or a text out of scope to the letter would be known by heart."""
    fresh = read_held_out(FILES, LANGUAGES, FRESH)
    asked = {fold(text) for entry in load_knowledge(FILES, []).nationwide.values() for _, text in entry.asked()}
    outside = {fold(text) for texts in load_out_of_scope(FILES, LANGUAGES).values() for text in texts}
    topics = load_broad_questions(FILES, LANGUAGES).values()
    broad = {fold(text) for by_language in topics for texts in by_language.values() for text in texts}
    assert [question.text for question in fresh.entries if fold(question.text) in asked | broad] == []
    assert [question.text for question in fresh.outside if fold(question.text) in outside] == []
