"""The LINE work in a process of its own: answers in the making never keep a webhook waiting (L-04).

Its standard input is the bell: a byte says that something was taken in, its end that the serving process is gone.
"""

import asyncio
import os
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

import structlog
from fastapi import FastAPI

from bot.messages import BotError
from bot.settings import Settings
from connectors.line import running
from connectors.line.office import Office

_log = structlog.get_logger("madoguchi.line")
COMMAND: Sequence[str] = (sys.executable, "-m", "bot", "line", "work", "--bell")
# A process that ends is begun again after this, each time later; one that was asked to end has so long for what it does.
PAUSES, LAST_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0), 8.0
# Whoever takes in goes first where both want the same core.
NICE = 5


def where_to_work(settings: Settings) -> str:
    """Return within, beside or elsewhere; unless a setting says it, beside wherever the cache can be shared.

    Raises BotError where other processes are to answer and the cache is in the memory of this one.
    """
    shared = settings.cache_url != "memory://"
    if settings.line_work in ("beside", "elsewhere") and not shared:
        message = f"LINE_WORK={settings.line_work}: CACHE_URL=memory:// は、ほかのプロセスと分け合えません (cannot be shared)"
        raise BotError("line_work", message, "CACHE_URL=redis://… , LINE_WORK=within", 500)
    return settings.line_work or ("beside" if shared else "within")


async def work(app: FastAPI) -> None:
    """Keep a working process running until cancelled, and ring its bell whenever something was taken in."""
    office: Office = app.state.line
    failures = 0
    try:
        while True:
            begun = asyncio.get_running_loop().time()
            await _run_once(office)
            failures = 0 if asyncio.get_running_loop().time() - begun > PAUSES[-1] else failures + 1
            await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
    finally:
        await office.close()


async def _run_once(office: Office) -> None:
    """Run one process to its end; cancelled, have it end."""
    cities = [part for city in sorted(office.channels) for part in ("--city", city)]
    try:  # a session of its own: Ctrl+C is for us, and its end comes through the bell
        process = await asyncio.create_subprocess_exec(*COMMAND, *cities, stdin=PIPE, start_new_session=True)
    except OSError as error:
        _log.error("the LINE work cannot begin", kind=type(error).__name__)
        return
    ringing = asyncio.ensure_future(_ring(office, process))
    try:
        code = await process.wait()
        _log.error("the LINE work ended by itself and begins again", code=code)
    finally:
        ringing.cancel()
        await _ended(process)


async def _ring(office: Office, process: Process) -> None:
    bell = process.stdin
    while bell is not None:
        await office.awake.wait()
        office.awake.clear()
        with suppress(OSError):  # it has just ended: the next one looks by itself
            bell.write(b"!")
            await bell.drain()


async def _ended(process: Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(LAST_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()


class Bell:
    """Standard input, heard from the first moment: what rings there wakes the work, its end means that nobody is served."""

    def __init__(self) -> None:
        """Listen in a thread of its own; until somebody works, the end of the bell ends this process: nothing has begun."""
        self._rung: Callable[[], object] = lambda: None
        self._silent: Callable[[], object] = partial(os._exit, 0)
        threading.Thread(target=self._listen, daemon=True).start()

    def wakes(self, office: Office, working: "asyncio.Future[None]") -> None:
        """Wake this office from now on, and cancel its work when the bell falls silent."""
        loop = asyncio.get_running_loop()
        self._rung = partial(loop.call_soon_threadsafe, office.awake.set)
        self._silent = partial(loop.call_soon_threadsafe, working.cancel)

    def _listen(self) -> None:
        with suppress(RuntimeError):  # the work has ended by itself, and its loop with it
            while os.read(sys.stdin.fileno(), 4096):
                self._rung()
            self._silent()


async def work_alone(app: FastAPI, bell: Bell | None) -> None:
    """Work in this process, which serves nobody, until cancelled; with a `bell`, until that falls silent."""
    working = asyncio.ensure_future(running.work(app))
    if bell:
        bell.wakes(app.state.line, working)
    with suppress(asyncio.CancelledError):
        await working
