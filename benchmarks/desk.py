"""The desk under load: 200 residents who wait and 20 officers; how soon a message reaches the other side; what a restart loses.

One server process and this one share the machine's cores. A message counts as arrived when the other side has read it: the
resident by the event stream, the officer by the news and the page that is asked for after it.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import secrets
import statistics
import string
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from rich.console import Console

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bot.handler import now_in_japan  # noqa: E402
from bot.storage import open_database  # noqa: E402
from bot.storage.staff import Assignment, Staff, add_staff  # noqa: E402
from connectors.console.passwords import hash_password  # noqa: E402
from tests.conftest import free_port, listens, wait_for  # noqa: E402

# As the open page does: the list is asked for again at most so often, and less often while answers take long.
LIST_PAUSE = 2.0
out = Console(highlight=False)


@dataclass
class Hall:
    """The server, in a process of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        """Where it is."""
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        """Serve."""
        places = {"DATABASE_URL": f"sqlite:///{self.folder}/desk.sqlite3", "VAR_DIR": str(self.folder)}
        if (index := ROOT / "var" / "tests" / "index").exists() and not (self.folder / "index").exists():
            (self.folder / "index").symlink_to(index)
        command = [sys.executable, "-m", "bot", "serve", "--port", str(self.port), "--city", "hoshimi"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, env={**os.environ, **places}, cwd=ROOT, stdout=log, stderr=log)
        wait_for(lambda: listens(self.port), 90)

    def kill(self) -> None:
        """Stop it as a power cut does."""
        if self.process:
            self.process.kill()
            self.process.wait()


@dataclass
class Officer:
    """An officer's browser: signed in, with the inbox and one ticket open."""

    http: httpx.AsyncClient
    base: str
    csrf: str = ""
    numbers: list[str] = field(default_factory=list)

    async def sign_in(self, login: str, password: str) -> None:
        """Sign in."""
        page = (await self.http.get(f"{self.base}/console/sign-in")).text
        form = {"login": login, "password": password, "csrf": _token(page)}
        await self.http.post(f"{self.base}/console/sign-in", data=form, headers={"origin": self.base})
        self.csrf = _token((await self.http.get(f"{self.base}/console/account")).text)

    async def step(self, number: str, name: str, **form: str) -> int:
        """Do a step on a ticket."""
        address = f"{self.base}/console/hoshimi/tickets/{number}/{name}"
        sent = await self.http.post(address, data={"csrf": self.csrf, **form}, headers={"origin": self.base})
        return sent.status_code

    async def version(self, number: str) -> str:
        """Return the version of a ticket that the page shows."""
        page = (await self.http.get(f"{self.base}/console/hoshimi/tickets/{number}/live")).text
        return re.findall(r'data-version="(\d+)"', page)[0]


async def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=200)
    parser.add_argument("--officers", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=30, help="how long messages go to and fro")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        hall, password = Hall(Path(folder), free_port()), secrets.token_urlsafe(18)
        hall.start()
        try:
            figures = await _measure(hall, password, arguments.residents, arguments.officers, arguments.seconds)
        finally:
            hall.kill()
    for name, value in figures.items():
        out.print(f"{name:48} {value}")


async def _measure(hall: Hall, password: str, residents: int, officers: int, seconds: int) -> dict[str, object]:
    _hire(hall, password, officers)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with contextlib.AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(limits=limits, timeout=60))
        talks = [await _hand_off(http, hall.base) for _ in range(residents)]
        staff = []
        for number in range(officers):
            officer = Officer(await stack.enter_async_context(httpx.AsyncClient(limits=limits, timeout=60)), hall.base)
            await officer.sign_in(f"officer{number}", password)
            staff.append(officer)
        to_staff, to_resident = await _to_and_fro(http, hall, talks, staff, seconds)
        lost = await _restart(http, hall, talks)
    return {
        "residents waiting, officers": f"{residents}, {officers}",
        "messages to staff": len(to_staff), "to staff p50 / p95 / max (s)": _spread(to_staff),
        "messages to residents": len(to_resident), "to residents p50 / p95 / max (s)": _spread(to_resident),
        "turns lost by killing the server": lost,
    }  # fmt: skip


def _hire(hall: Hall, password: str, officers: int) -> None:
    database, stored, now = open_database(f"sqlite:///{hall.folder}/desk.sqlite3"), hash_password(password), now_in_japan()
    for number in range(officers):
        roles = (Assignment(f"role{number}", "officer", "hoshimi"),)
        person = Staff(f"id{number}", f"officer{number}", f"職員{number}", password=stored, assignments=roles)
        database.write_now(lambda connection, person=person: add_staff(connection, person, now))
    database.close()


async def _say(http: httpx.AsyncClient, base: str, text: str, conversation: str | None = None) -> dict[str, object]:
    body = {"text": text, "language": "ja"} | ({"conversation": conversation} if conversation else {})
    answer = await http.post(f"{base}/api/v1/hoshimi/messages", json=body)
    answer.raise_for_status()
    found: dict[str, object] = answer.json()
    return found


async def _hand_off(http: httpx.AsyncClient, base: str) -> tuple[str, str]:
    turn = await _say(http, base, "住民票がほしい")
    conversation = str(turn["conversation"])
    await _say(http, base, "say:person", conversation)
    turn = await _say(http, base, "desk:residents", conversation)
    return conversation, str(turn["reply"]["ticket"])  # type: ignore[index]


async def _to_and_fro(
    http: httpx.AsyncClient, hall: Hall, talks: list[tuple[str, str]], staff: list[Officer], seconds: int
) -> tuple[list[float], list[float]]:
    """Let each officer take a ticket; every inbox and every waiting resident keeps their stream open all the while."""
    to_staff, to_resident = list[float](), list[float]()
    idle = [asyncio.ensure_future(_listen(http, f"{hall.base}/api/v1/hoshimi/conversations/{talk}/events")) for talk, _ in talks]
    idle += [asyncio.ensure_future(_inbox(officer)) for officer in staff]
    until = time.monotonic() + seconds
    try:
        await asyncio.gather(
            *(_work(http, officer, *talk, until, to_staff, to_resident) for officer, talk in zip(staff, talks, strict=False))
        )
    finally:
        for one in idle:
            one.cancel()
        await asyncio.gather(*idle, return_exceptions=True)
    return to_staff, to_resident


async def _work(
    http: httpx.AsyncClient, officer: Officer, conversation: str, number: str, until: float,
    to_staff: list[float], to_resident: list[float],
) -> None:  # fmt: skip
    """Take a ticket; then the resident writes, the officer reads and replies, the resident reads; each second or so."""
    base = officer.base
    await officer.step(number, "take", version="1")
    heard, read = asyncio.Event(), asyncio.Queue[str]()
    news = asyncio.ensure_future(_listen(officer.http, f"{base}/console/hoshimi/inbox/events?ticket={number}", heard))
    stream = asyncio.ensure_future(_listen(http, f"{base}/api/v1/hoshimi/conversations/{conversation}/events", lines=read))
    await asyncio.sleep(1)
    try:
        while time.monotonic() < until:
            words = _words()
            sent = time.perf_counter()
            asking = asyncio.ensure_future(_say(http, base, words, conversation))
            await _until_page(officer, number, words, heard)
            to_staff.append(time.perf_counter() - sent)
            await asking
            words, version = _words(), await officer.version(number)
            sent = time.perf_counter()
            replying = asyncio.ensure_future(officer.step(number, "reply", version=version, text=words, step="send"))
            while words not in await asyncio.wait_for(read.get(), 30):
                pass
            to_resident.append(time.perf_counter() - sent)
            await replying
            await asyncio.sleep(1)
    finally:
        for one in (news, stream):
            one.cancel()
        await asyncio.gather(news, stream, return_exceptions=True)


async def _until_page(officer: Officer, number: str, words: str, heard: asyncio.Event) -> None:
    """Do as the open page does: wait for news, ask for the page, until the words stand in it."""
    while True:
        await asyncio.wait_for(heard.wait(), 30)
        heard.clear()
        page = await officer.http.get(f"{officer.base}/console/hoshimi/tickets/{number}/live")
        if words in page.text:
            return


async def _inbox(officer: Officer) -> None:
    """Keep an inbox open, and ask for the list after news, as the page does."""
    heard = asyncio.Event()
    listening = asyncio.ensure_future(_listen(officer.http, f"{officer.base}/console/hoshimi/inbox/events", heard))
    try:
        while True:
            await heard.wait()
            heard.clear()
            began = time.perf_counter()
            await officer.http.get(f"{officer.base}/console/hoshimi/inbox/live")
            await asyncio.sleep(max(LIST_PAUSE, 4 * (time.perf_counter() - began)))
    finally:
        listening.cancel()


async def _listen(
    http: httpx.AsyncClient, url: str, heard: asyncio.Event | None = None, lines: "asyncio.Queue[str] | None" = None
) -> None:
    """Read a stream of events, again and again."""
    last = ""
    while True:
        async with http.stream("GET", url, headers={"last-event-id": last} if last else {}, timeout=None) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("id: "):
                    last = line[4:]
                if heard and line == "event: change":
                    heard.set()
                if lines and line.startswith("data: "):
                    lines.put_nowait(line)


async def _restart(http: httpx.AsyncClient, hall: Hall, talks: list[tuple[str, str]]) -> int:
    """Kill the server, start it again, and count what was told as stored and is not there."""
    told = {str((await _say(http, hall.base, f"最後の{n}", talk))["turn"]): talk for n, (talk, _) in enumerate(talks)}
    await asyncio.to_thread(hall.kill)
    await asyncio.to_thread(hall.start)
    async with httpx.AsyncClient(timeout=60) as again:
        lost = 0
        for turn, talk in told.items():
            turns = json.loads((await again.get(f"{hall.base}/api/v1/hoshimi/conversations/{talk}/turns")).text)
            lost += turn not in {row["turn"] for row in turns}
    return lost


def _spread(seconds: list[float]) -> str:
    if len(seconds) < 2:
        return "too few"
    return f"{statistics.median(seconds):.3f} / {statistics.quantiles(seconds, n=20)[-1]:.3f} / {max(seconds):.3f}"


def _words() -> str:
    """Return words that are never masked: no digits."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(12))


def _token(page: str) -> str:
    return page.partition('name="csrf" value="')[2].partition('"')[0]


if __name__ == "__main__":
    asyncio.run(main())
