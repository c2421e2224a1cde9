"""What the service itself says, in every language: system texts and labels from `nlu_data/<language>/`."""

import string
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from faq.data_files import DataFiles
from faq.languages import Languages
from faq.yaml_file import read_yaml

# One file for each room that speaks; a key stands in one of them only.
TEXT_FILES = ("texts.yaml", "labels.yaml", "safety.yaml", "handoff.yaml", "line.yaml", "widget.yaml")
_TEXTS: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])


@dataclass(frozen=True)
class SystemTexts:
    """All system texts by language and key."""

    languages: Languages
    texts: Mapping[str, Mapping[str, str]]

    def say(self, key: str, language: str, /, **values: object) -> str:
        """Return the text of a key in the nearest language, its `{…}` filled. Raises KeyError for an unknown key."""
        for code in self.languages.nearest(language):
            if key in self.texts.get(code, {}):
                return self.texts[code][key].format(**values)
        raise KeyError(key)

    def label(self, kind: str, id_: str, language: str) -> str:
        """Return the label of a topic, menu, department, blank or outcome; its id where nobody wrote one."""
        try:
            return self.say(f"{kind}.{id_}", language)
        except KeyError:
            return id_


def load_system_texts(files: DataFiles, languages: Languages) -> SystemTexts:
    """Read the text files of every language folder. Raises ContentError where one is wrong."""
    texts = {}
    for language in languages:
        folder = files.nlu_data / language.code
        found: dict[str, str] = {}
        for name in TEXT_FILES:
            if (folder / name).exists():
                texts_of_file: dict[str, str] = read_yaml(folder / name, _TEXTS)
                found |= texts_of_file
        texts[language.code] = found
    return SystemTexts(languages, texts)


def placeholders(text: str) -> set[str]:
    """Return the names of the `{…}` in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
