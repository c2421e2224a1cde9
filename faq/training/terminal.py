"""Shows a training run in the terminal: one bar per phase, with speed, time left and a note."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn


class TerminalProgress:
    """A `config.Progress` that draws; used as a context manager so that the terminal is left in order."""

    def __init__(self, console: Console | None = None) -> None:
        """Draws on the console, or on standard error so that results can be piped."""
        self._bars = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                              TimeRemainingColumn(), TextColumn("{task.fields[note]}"),
                              console=console or Console(stderr=True))
        self._task: TaskID | None = None

    def __enter__(self) -> "TerminalProgress":
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bars.stop()

    def start(self, phase: str, total: int) -> None:
        """Begins a phase of `total` units with a bar of its own."""
        self._task = self._bars.add_task(phase, total=total, note="")

    def advance(self, count: int = 1, note: str = "") -> None:
        """Counts units of the phase and replaces its note."""
        if self._task is not None:
            self._bars.update(self._task, advance=count, note=note)

    def finish(self) -> None:
        """Completes the phase; its bar stays visible."""
        self._task = None
