"""The words of each language that the bot itself must know: utterances of intents, asking words of garbage, dates, alarms."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field, TypeAdapter

from faq.data_files import DataFiles
from faq.garbage.finder import AskingWords
from faq.languages import Languages
from faq.search.decision import INTENT, TOPIC
from faq.yaml_file import Row, read_yaml

# Before a topic's id: the intent of a question that only the whole topic answers.
BROAD = TOPIC.removeprefix(INTENT)


class _GarbageWords(Row):
    frames: tuple[str, ...]
    fillers: tuple[str, ...] = ()


class DateWords(Row):
    """How one language names days: today, tomorrow, the weekdays from Monday."""

    today: tuple[str, ...]
    tomorrow: tuple[str, ...]
    day_after_tomorrow: tuple[str, ...] = Field(alias="day-after-tomorrow", default=())
    week: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    weekdays: tuple[tuple[str, ...], ...] = Field(min_length=7, max_length=7)


class AlarmWords(Row):
    """Signs of one kind of emergency, and the phrases that only look like it (P-26)."""

    signs: tuple[str, ...]
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """All of it, by language. `utterances` is by intent, then language."""

    utterances: Mapping[str, Mapping[str, tuple[str, ...]]]
    asking: Mapping[str, AskingWords]
    dates: Mapping[str, DateWords]
    alarms: Mapping[str, Mapping[str, AlarmWords]]


def load_vocabulary(files: DataFiles, languages: Languages) -> Vocabulary:
    """Read the language folders. A file that a language lacks is left out. Raises ContentError where one is wrong."""
    utterances: dict[str, dict[str, tuple[str, ...]]] = {intent: {} for intent in load_intents(files)}
    asking, dates, alarms = {}, {}, {}
    for language in languages:
        folder, code = files.nlu_data / language.code, language.code
        if (path := folder / "utterances.yaml").exists():
            for intent, texts in read_yaml(path, TypeAdapter(dict[str, tuple[str, ...]])).items():
                utterances.setdefault(intent, {})[code] = texts
        if (path := folder / "garbage.yaml").exists():
            words = read_yaml(path, _GarbageWords)
            asking[code] = AskingWords(words.frames, words.fillers)
        if (path := folder / "dates.yaml").exists():
            dates[code] = read_yaml(path, DateWords)
        if (path := folder / "emergencies.yaml").exists():
            alarms[code] = read_yaml(path, TypeAdapter(dict[str, AlarmWords]))
    utterances["outside"] = dict(load_out_of_scope(files, languages))
    utterances |= {f"{BROAD}{topic}": texts for topic, texts in load_broad_questions(files, languages).items()}
    return Vocabulary(utterances, asking, dates, alarms)


class IntentRow(Row):
    """One intent of `nlu_data/intents.yaml`."""

    description: str
    slots: tuple[str, ...] = ()
    example: str = ""


def load_intents(files: DataFiles) -> dict[str, IntentRow]:
    """Read the registry of intents. Raises ContentError where it is wrong."""
    return read_yaml(files.nlu_data / "intents.yaml", TypeAdapter(dict[str, IntentRow]))


def load_broad_questions(files: DataFiles, languages: Languages) -> dict[str, dict[str, tuple[str, ...]]]:
    """Read the questions that only a whole topic answers (引っ越し), by topic, then language: they compete as intents.

    Raises ContentError where a file is wrong.
    """
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for language in languages:
        if (path := files.nlu_data / language.code / "topics.yaml").exists():
            for topic, texts in read_yaml(path, TypeAdapter(dict[str, tuple[str, ...]])).items():
                found.setdefault(topic, {})[language.code] = texts
    return found


def load_out_of_scope(files: DataFiles, languages: Languages) -> dict[str, tuple[str, ...]]:
    """Read the texts that no city answers, by language: they compete as an intent of their own, `outside`.

    Raises ContentError where a file is wrong.
    """
    paths = {language.code: files.nlu_data / language.code / "out_of_scope.yaml" for language in languages}
    return {code: read_yaml(path, TypeAdapter(tuple[str, ...])) for code, path in paths.items() if path.exists()}
