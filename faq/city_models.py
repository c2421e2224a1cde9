"""Keeps what was learned for a city, in numbered folders that are never changed: one is in use, and the one before can return.

`<folder>/<city>/<number>/` holds `labels.jsonl` (the labelled questions), `ranker.json`, `adaptation.safetensors` (what changed
in the embedding model, where it did) and `manifest.json` (what it was made from, figures before and after, the gate);
`<folder>/<city>/current` holds the number in use. A folder is filled under another
name and renamed when it is whole, so a run that is interrupted leaves nothing half-made.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.numpy import save_file

from faq.errors import ContentError, Problem
from faq.evaluation_files import LabelledQuestion, read_questions
from faq.languages import Languages
from faq.search.adaptation import Adaptation
from faq.search.mapped import map_arrays
from faq.search.ranker import Ranker, load_rankers, save_rankers

LABELS, RANKER, MANIFEST, CURRENT, ADAPTATION = (
    "labels.jsonl", "ranker.json", "manifest.json", "current", "adaptation.safetensors",
)  # fmt: skip
_TUNED = "tuned"


@dataclass(frozen=True)
class CityModel:
    """What a city's labelled questions taught, and where it came from. `digest` changes whenever answers may."""

    number: int
    labels: Sequence[LabelledQuestion]
    ranker: Ranker
    manifest: Mapping[str, Any]
    digest: str
    adaptation: Adaptation | None = None


@dataclass(frozen=True)
class CityModels:
    """The numbered models of one city below `folder`."""

    folder: Path
    city: str

    @property
    def _home(self) -> Path:
        return self.folder / self.city

    def numbers(self) -> list[int]:
        """Return the numbers of all models, oldest first."""
        return sorted(int(path.name) for path in self._home.glob("[0-9]*") if path.name.isdecimal())

    def current(self) -> int | None:
        """Return the number in use; None where the city is served with what was shipped."""
        path = self._home / CURRENT
        text = path.read_text(encoding="utf-8").strip() if path.exists() else ""
        return int(text) if text.isdecimal() and int(text) in self.numbers() else None

    def manifest(self, number: int) -> dict[str, Any]:
        """Return the manifest of a model. Raises ContentError where it cannot be read."""
        path = self._home / str(number) / MANIFEST
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            hint = f"train anew, or go back with `madoguchi train city {self.city} --revert`"
            raise ContentError([Problem(path, 1, f"the manifest cannot be read: {error}; {hint}")]) from error
        return found

    def add(
        self, labels: Sequence[LabelledQuestion], ranker: Ranker, manifest: Mapping[str, Any], learned: Adaptation | None = None
    ) -> int:
        """Keep a new model and put it into use; return its number. `learned` is what changed in the embedding model."""
        self._home.mkdir(parents=True, exist_ok=True)
        self._clear_halves()
        number = max(self.numbers(), default=0) + 1
        half = Path(tempfile.mkdtemp(prefix=".half-", dir=self._home))
        (half / LABELS).write_text("".join(_line(label) for label in labels), encoding="utf-8")
        save_rankers(half / RANKER, {_TUNED: ranker})
        if learned:
            save_file({"tokens": learned.tokens, "changes": learned.changes}, half / ADAPTATION)
        content = {"number": number, "before": self.current(), **manifest}
        (half / MANIFEST).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        half.rename(self._home / str(number))
        self._use(number)
        return number

    def revert(self) -> int | None:
        """Go back to the model that was in use before the present one; return its number, None for what was shipped."""
        number = self.current()
        before = self.manifest(number).get("before") if number else None
        self._use(before if before in self.numbers() else None)
        return self.current()

    def load(self, languages: Languages) -> CityModel | None:
        """Return the model in use, None without one. Raises ContentError where it is broken."""
        number = self.current()
        if number is None:
            return None
        home = self._home / str(number)
        manifest = self.manifest(number)
        labels = read_questions(home / LABELS, languages)
        parts = (path.read_bytes() for name in (LABELS, RANKER, ADAPTATION) if (path := home / name).exists())
        digest = hashlib.sha256(b"".join(parts)).hexdigest()
        return CityModel(number, labels, load_rankers(home / RANKER)[_TUNED], manifest, digest, _adaptation(home / ADAPTATION))

    def _use(self, number: int | None) -> None:
        path = self._home / CURRENT
        if number is None:
            path.unlink(missing_ok=True)
            return
        half = path.with_suffix(".half")
        half.write_text(f"{number}\n", encoding="utf-8")
        half.replace(path)

    def _clear_halves(self) -> None:
        for half in self._home.glob(".half-*"):
            shutil.rmtree(half, ignore_errors=True)


def _adaptation(path: Path) -> Adaptation | None:
    if not path.exists():
        return None
    try:
        arrays = map_arrays(path)
        return Adaptation(arrays["tokens"], arrays["changes"])
    except (OSError, KeyError, ValueError) as error:
        raise ContentError(
            [Problem(path, 1, f"what changed in the model cannot be read: {error}; train anew or go back")]
        ) from error


def _line(label: LabelledQuestion) -> str:
    row = {"id": label.id, "query": label.text, "language": label.language, "relevant": dict(label.relevant)}
    return json.dumps(row, ensure_ascii=False) + "\n"
