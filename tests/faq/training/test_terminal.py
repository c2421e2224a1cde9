"""The terminal shows each phase of a run with its count and note."""

from io import StringIO

from rich.console import Console

from faq.training.terminal import TerminalProgress


def test_every_phase_has_a_bar_with_its_count_and_note() -> None:
    """Finished phases stay visible."""
    screen = StringIO()

    with TerminalProgress(Console(file=screen, width=120, force_terminal=True)) as progress:
        progress.start("read public data", 2)
        progress.advance(2, "tanaka")
        progress.finish()

    assert "read public data" in screen.getvalue()
    assert "2/2" in screen.getvalue()
    assert "tanaka" in screen.getvalue()
