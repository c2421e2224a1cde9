"""The registry of languages served: their names, scripts and where to look when a text is missing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from pydantic import TypeAdapter

from faq.data_files import DataFiles
from faq.yaml_file import Row, read_yaml

JAPANESE = "ja"
EASY_JAPANESE = "ja-easy"
Script = Literal["japanese", "han", "hangul", "latin", "devanagari"]
T = TypeVar("T")


class _LanguageRow(Row):
    name: str
    script: Script
    fallback: tuple[str, ...]
    rtl: bool
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Language:
    """One language served. `code` is ours; `aliases` mean the same in corpora, browsers and LINE profiles.

    `called` holds its names in all languages.
    """

    code: str
    name: str
    script: Script
    fallback: tuple[str, ...]
    rtl: bool
    aliases: tuple[str, ...]
    called: tuple[str, ...] = ()

    @property
    def html(self) -> str:
        """The value of an HTML `lang` attribute (やさしい日本語 is Japanese to a screen reader)."""
        return JAPANESE if self.code == EASY_JAPANESE else self.code

    @property
    def search_group(self) -> str:
        """The index that its words live in: both Japanese share one, both Chinese scripts share one."""
        return {"japanese": JAPANESE, "han": "zh"}.get(self.script, self.code)


@dataclass(frozen=True)
class Languages:
    """All languages served, in the order in which choosers list them."""

    rows: Mapping[str, Language]
    _aliases: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        aliases = {alias.lower(): row.code for row in self for alias in (row.code, *row.aliases)}
        object.__setattr__(self, "_aliases", aliases)

    def __iter__(self) -> Iterator[Language]:
        return iter(self.rows.values())

    def __getitem__(self, code: str) -> Language:
        return self.rows[code]

    def __contains__(self, code: object) -> bool:
        return code in self.rows

    def resolve(self, tag: str | None) -> str | None:
        """Return our code for a language tag of the outside (`pt`, `zh-TW`, `en-US`), or None where we do not speak it."""
        if not tag:
            return None
        lowered = tag.strip().replace("_", "-").lower()
        return self._aliases.get(lowered) or self._aliases.get(lowered.split("-")[0])

    def nearest(self, code: str) -> tuple[str, ...]:
        """Return the language and its fallbacks, nearest first; Japanese always ends the line."""
        line = (code, *self.rows[code].fallback) if code in self.rows else (code,)
        return line if JAPANESE in line else (*line, JAPANESE)

    def choose(self, texts: Mapping[str, T], code: str) -> tuple[str, T] | None:
        """Return the text in the nearest language there is, with that language; None where there is no text at all."""
        for candidate in (*self.nearest(code), *texts):
            if candidate in texts:
                return candidate, texts[candidate]
        return None

    def in_group(self, group: str) -> Iterable[str]:
        """Return the codes whose words live in one search index."""
        return [row.code for row in self if row.search_group == group]


def load_languages(files: DataFiles) -> Languages:
    """Read `nlu_data/languages.yaml` and `language_names.yaml`. Raises ContentError where one is wrong."""
    rows = read_yaml(files.nlu_data / "languages.yaml", TypeAdapter(dict[str, _LanguageRow]))
    called = read_yaml(files.nlu_data / "language_names.yaml", TypeAdapter(dict[str, tuple[str, ...]]))
    found = {code: Language(code=code, called=called.get(code, ()), **row.model_dump()) for code, row in rows.items()}
    return Languages(found)
