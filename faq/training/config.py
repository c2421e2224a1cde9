"""What a training run is told and what it reports: plain values that the command line and the tests share."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class TrainingConfig:
    """One training run.

    `data` is the folder with one sub-folder per public source (see `sources.SOURCES`), `content` the folder that holds
    `nationwide/` and `nlu_data` the one that holds `glossary/`. `out` receives the model, `work` the prepared arrays and
    the checkpoints that `resume` continues from. One entry in `hold_out`, and one phrasing in `hold_out_phrasings`, is kept from
    training (0: none), for a twin model that the ranker is fitted on. Sizes are in tokens, steps and dimensions.
    """

    data: Path
    out: Path
    work: Path
    content: Path = Path("faq")
    nlu_data: Path = Path("nlu_data")
    vocabulary: int = 56_000
    dim: int = 384
    steps: int = 16_000
    batch: int = 1024
    learning_rate: float = 0.2
    warmup: int = 100
    scale: float = 12.0
    token_dropout: float = 0.1
    seed: int = 13
    device: str = "auto"
    resume: bool = False
    hold_out: int = 0
    hold_out_phrasings: int = 0
    sentences_for_vocabulary: int = 300_000
    own_share: float = 0.4
    checkpoint_every: int = 2_000
    threads: int = 1


@dataclass(frozen=True)
class ModelReport:
    """What a finished run made: where it lies, its size in bytes, and how many pairs each source gave."""

    path: Path
    vocabulary: int
    dim: int
    size: int
    steps: int
    seconds: float
    pairs: dict[str, int] = field(default_factory=dict)


class Progress(Protocol):
    """Told about every phase: `start` names it and its length, `advance` counts, `finish` ends it."""

    def start(self, phase: str, total: int) -> None: ...

    def advance(self, count: int = 1, note: str = "") -> None: ...

    def finish(self) -> None: ...


class Silent:
    """A progress that says nothing, for tests and for callers with no terminal."""

    def start(self, phase: str, total: int) -> None: ...

    def advance(self, count: int = 1, note: str = "") -> None: ...

    def finish(self) -> None: ...


class TrainingError(Exception):
    """Training cannot go on; the message says what was found, where, what was expected and what to do."""
