"""Where LINE's events wait on the disk while the database is slow: a file for each webhook, written before it is acknowledged."""

import json
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.storage.line_events import StoredEvent


@dataclass(frozen=True)
class Spool:
    """A folder of files that hold sealed events. Several processes may share it."""

    folder: Path

    def keep(self, events: Sequence[StoredEvent]) -> None:
        """Write the events so that a crash right after loses nothing. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        hidden, shown = self.folder / f".{name}", self.folder / f"{name}.json"
        with open(os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 - mode
            json.dump([asdict(event) for event in events], file)
            file.flush()
            os.fsync(file.fileno())
        hidden.rename(shown)
        self._sync()

    def waiting(self, most: int = 100) -> list[Path]:
        """Return the files to be taken in, oldest first."""
        return sorted(self.folder.glob("*.json"))[:most] if self.folder.exists() else []

    def count(self) -> int:
        """Return how many files wait."""
        return sum(1 for _ in self.folder.glob("*.json")) if self.folder.exists() else 0

    def read(self, path: Path) -> list[StoredEvent]:
        """Return the events of a file; none where another process was faster."""
        try:
            return [StoredEvent(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return []

    def drop(self, path: Path) -> None:
        """Forget a file whose events are stored."""
        path.unlink(missing_ok=True)

    def _sync(self) -> None:
        """Make the new name itself durable."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def spool_in(var_dir: Path) -> Spool:
    """Return the spool of a service."""
    return Spool(var_dir / "line" / "spool")
