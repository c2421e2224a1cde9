"""What `madoguchi check` looks at beyond the schema: missing languages, numbers that differ, duplicates, forbidden wording."""

import re
from collections.abc import Iterator
from pathlib import Path

from bot.line_limits import text_problems
from bot.nlu.vocabulary import BROAD, load_intents, load_vocabulary
from bot.safety import KINDS
from bot.system_texts import load_system_texts, placeholders
from faq.data_files import DataFiles
from faq.easy_japanese import lint
from faq.entry import Entry
from faq.entry_files import line_of_key
from faq.errors import ContentError, Problem
from faq.languages import EASY_JAPANESE, JAPANESE
from faq.loader import Knowledge
from faq.text import fold, normalise

MANY = ("ja", "ja-easy", "en")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LINK = re.compile(r"https?://\S+")
_ASKS_NUMBER = re.compile("(マイナンバー|個人番号|保険証の番号)を(書いて|入力して|教えて)")
# A language writes a day with the month's name or its number, as its readers expect.
_MAY_CHOOSE = {"day": {"day", "month", "month_number", "weekday"}}


def check_all(files: DataFiles, knowledge: Knowledge) -> tuple[list[Problem], list[Problem]]:
    """Return (errors, warnings) over all content that was loaded."""
    errors = list(knowledge.problems)
    warnings: list[Problem] = []
    folders = [(files.nationwide, list(knowledge.nationwide.values()))]
    folders += [
        (files.cities / city, [entry for entry in known.entries.values() if entry.origin == city])
        for city, known in knowledge.cities.items()
    ]
    for folder, entries in folders:
        for entry in entries:
            errors += _entry_errors(folder, entry, knowledge)
            warnings += _entry_warnings(folder, entry, knowledge)
        errors += _duplicates(folder, entries)
    errors += _system_text_errors(files, knowledge)
    errors += _vocabulary_errors(files, knowledge)
    warnings += _system_text_warnings(files, knowledge)
    return sorted(set(errors)), sorted(set(warnings))


def _entry_errors(folder: Path, entry: Entry, knowledge: Knowledge) -> Iterator[Problem]:
    for code in MANY:
        if code not in entry.texts:
            path = folder / code / f"{entry.topic}.yaml"
            yield Problem(path, 1, f"{entry.id} has no {code} text; every entry needs {', '.join(MANY)}")
    japanese = _numbers(entry.texts[JAPANESE].answer)
    for code, text in entry.texts.items():
        path = folder / code / f"{entry.topic}.yaml"
        if _numbers(text.answer) != japanese:
            found, wanted = sorted(_numbers(text.answer)), sorted(japanese)
            message = f"{entry.id}: the numbers {found} differ from the Japanese {wanted}; make the facts agree"
            yield Problem(path, line_of_key(path, entry.id), message)
        if _ASKS_NUMBER.search(text.answer):
            yield Problem(path, line_of_key(path, entry.id), f"{entry.id} asks for a personal number; never do (P-11)")
        needed = 5 if code == JAPANESE else 3
        if len(text.phrasings) < needed:
            message = f"{entry.id} has {len(text.phrasings)} phrasings; write at least {needed}"
            yield Problem(path, line_of_key(path, entry.id), message)
    for id_ in (*entry.confusable, *entry.instead_of, *entry.follow_up):
        if id_ not in knowledge.nationwide and not any(id_ in city.entries for city in knowledge.cities.values()):
            path = folder / "entries" / f"{entry.topic}.yaml"
            yield Problem(path, line_of_key(path, entry.id), f"{entry.id} names {id_}, which is not there")


def _numbers(answer: str) -> set[str]:
    """Return the numbers of an answer without separators of thousands, links left out."""
    found = _NUMBER.findall(normalise(_LINK.sub("", answer)))
    return {re.sub(r"[.,](?=\d{3}(?!\d))", "", number) for number in found}


def _entry_warnings(folder: Path, entry: Entry, knowledge: Knowledge) -> Iterator[Problem]:
    for language in knowledge.languages:
        wanted = entry.most_asked or language.code in ("zh-Hans", "pt-BR", "vi")
        if wanted and language.code not in entry.texts:
            path = folder / language.code / f"{entry.topic}.yaml"
            yield Problem(path, 1, f"{entry.id} has no {language.code} text yet")
    if text := entry.texts.get(EASY_JAPANESE):
        path = folder / EASY_JAPANESE / f"{entry.topic}.yaml"
        yield from _hard_places(path, entry.id, f"{text.question}\n{text.answer}")


def _hard_places(path: Path, key: str, text: str) -> Iterator[Problem]:
    for finding in lint(text):
        yield Problem(path, line_of_key(path, key), f"{key}: “{finding.excerpt}” {finding.message} (W-24)")


def _system_text_warnings(files: DataFiles, knowledge: Knowledge) -> Iterator[Problem]:
    path = files.nlu_data / EASY_JAPANESE / "texts.yaml"
    for key, text in load_system_texts(files, knowledge.languages).texts.get(EASY_JAPANESE, {}).items():
        yield from _hard_places(path, key, text)


def _duplicates(folder: Path, entries: list[Entry]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        for language, asked in entry.asked():
            first = seen.setdefault((language, fold(asked)), entry)
            if first.id != entry.id:
                path = folder / language / f"{entry.topic}.yaml"
                message = f"“{asked}” stands under {entry.id} and under {first.id}; a phrasing fits one entry only"
                yield Problem(path, line_of_key(path, entry.id), message)


def _system_text_errors(files: DataFiles, knowledge: Knowledge) -> Iterator[Problem]:
    texts = load_system_texts(files, knowledge.languages).texts
    for language in knowledge.languages:
        path = files.nlu_data / language.code / "texts.yaml"
        for key in sorted(texts[JAPANESE].keys() - texts[language.code].keys()):
            yield Problem(path, 1, f"{key} is missing; every language needs every system text")
        for key, message in text_problems(texts[language.code]):
            yield Problem(_text_file(files, language.code, key), 1, f"{key} has {message} (L-31)")
        for key, text in texts[language.code].items():
            expected = placeholders(texts[JAPANESE].get(key, text))
            if placeholders(text) != expected and not placeholders(text) < _MAY_CHOOSE.get(key, set()):
                message = f"{key} has the placeholders {sorted(placeholders(text))}, Japanese has {sorted(expected)}"
                yield Problem(path, line_of_key(path, key), message)


def _text_file(files: DataFiles, language: str, key: str) -> Path:
    name = "line.yaml" if key.startswith("line.") else "texts.yaml"
    return files.nlu_data / language / name


def _vocabulary_errors(files: DataFiles, knowledge: Knowledge) -> Iterator[Problem]:
    try:
        vocabulary, intents = load_vocabulary(files, knowledge.languages), load_intents(files)
    except ContentError as error:
        yield from error.problems
        return
    broad = {name.removeprefix(BROAD): texts for name, texts in vocabulary.utterances.items() if name.startswith(BROAD)}
    for language in knowledge.languages:
        code, folder = language.code, files.nlu_data / language.code
        for intent in vocabulary.utterances.keys() - intents.keys() - {f"{BROAD}{topic}" for topic in broad}:
            yield Problem(folder / "utterances.yaml", 1, f"intent {intent} is not in intents.yaml")
        for topic in broad.keys() - knowledge.topics.menu_of.keys():
            yield Problem(folder / "topics.yaml", 1, f"topic {topic} is not in nationwide/topics.yaml")
        for topic in knowledge.topics.menu_of:
            if code not in broad.get(topic, {}):
                yield Problem(folder / "topics.yaml", 1, f"topic {topic} has no broad questions")
        for intent in intents:
            if code not in vocabulary.utterances.get(intent, {}):
                name = "out_of_scope.yaml" if intent == "outside" else "utterances.yaml"
                yield Problem(folder / name, 1, f"intent {intent} has no utterances")
        for name, known in (("garbage", vocabulary.asking), ("dates", vocabulary.dates)):
            if code not in known:
                yield Problem(folder / f"{name}.yaml", 1, "the file is missing")
        for kind in KINDS:
            if kind not in vocabulary.alarms.get(code, {}):
                yield Problem(folder / "emergencies.yaml", 1, f"{kind} has no signs")
