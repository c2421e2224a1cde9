"""The LINE work in a process of its own: it wakes, dies, comes back, and never outlives whom it works for."""

import os
import signal
import subprocess
from collections import Counter
from pathlib import Path

import httpx
import pytest

from bot.messages import BotError
from bot.settings import Settings
from connectors.line.beside import COMMAND, where_to_work
from tests.conftest import ROOT, wait_for
from tests.line.conftest import Open, environment
from tests.line.fake.line import FakeLine, resident
from tests.line.serving import Service, post

WORDS = ("住民票がほしい", "スプレー缶", "フライパン", "メニュー")


def children(process: int) -> list[int]:
    """Return the processes that a process began (Linux)."""
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def lives(process: int) -> bool:
    """Say whether a process is there, and is no mere entry of one that ended."""
    state = Path(f"/proc/{process}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.services
def test_whoever_is_killed_each_event_is_answered_once(line: FakeLine, tmp_path: Path, redis_url: str) -> None:
    """kill -9 of the work, then of the server: the work comes back, none is left over, each event ends once (L-08)."""
    line.token_seconds = 600
    service = Service(line, tmp_path, CACHE_URL=redis_url)
    service.start()
    events = [line.text(resident(n % 20), WORDS[n % 4]) for n in range(200)]
    with httpx.Client(timeout=10) as client:
        for number, event in enumerate(events):
            if number == 80:
                wait_for(lambda: len(line.outbox) > 5, 30, "the first answers")
                (worker,) = children(service.process.pid)
                os.kill(worker, signal.SIGKILL)
                wait_for(lambda: children(service.process.pid) not in ([], [worker]), 30, "the work")  # noqa: B023 - called here
            if number == 140:
                (orphan,) = children(service.process.pid)
                service.kill()
                wait_for(lambda: not lives(orphan), 30, "the end of the work whose server died")  # noqa: B023 - called here
                service.start()
            while not post(client, service, event):  # LINE sends again what was not acknowledged
                pass
    wait_for(lambda: service.open_events() == 0, 120, "the end of all events")
    (worker,) = children(service.process.pid)
    service.stop()
    states, sent = service.endings(), Counter(sent.answers for sent in line.outbox)

    assert not lives(worker)
    assert len(states) == 200
    assert max(sent.values()) == 1
    assert all(states[event["webhookEventId"]] == "undelivered" for event in events if event["webhookEventId"] not in sent)
    assert list(states.values()).count("undelivered") <= 24  # at most what was in the air when it was killed


def test_while_it_still_opens_it_ends_with_whom_it_works_for(line: FakeLine, tmp_path: Path) -> None:
    """Opening takes seconds, building the index half a minute: nobody waits for that before the end is heard."""
    (tmp_path / "line.key").write_text("k" * 48)
    environ = environment(line, tmp_path, VAR_DIR=str(tmp_path / "new"), CACHE_URL="redis://127.0.0.1:1/0")
    process = subprocess.Popen([*COMMAND, "--city", "hoshimi"], env=environ, cwd=ROOT, stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.close()

    assert process.wait(60) == 0
    assert not list((tmp_path / "new").rglob("*.safetensors"))


@pytest.mark.parametrize(
    ("cache", "asked", "where"),
    [
        ("memory://", "", "within"),
        ("redis://localhost/0", "", "beside"),
        ("redis://localhost/0", "within", "within"),
        ("redis://localhost/0", "elsewhere", "elsewhere"),
    ],
)
def test_it_works_beside_wherever_the_cache_can_be_shared(cache: str, asked: str, where: str) -> None:
    """Unless the setting says otherwise."""
    assert where_to_work(Settings(cache_url=cache, line_work=asked)) == where


@pytest.mark.parametrize("asked", ["beside", "elsewhere"])
def test_another_process_cannot_share_a_cache_in_memory(asked: str) -> None:
    """It would not know how a talk stands: refused at the start, with what to set."""
    with pytest.raises(BotError, match="LINE_WORK") as caught:
        where_to_work(Settings(cache_url="memory://", line_work=asked))
    assert "redis://" in caught.value.hint


async def test_after_a_stall_the_database_is_trusted_again(open_channel: Open, line: FakeLine) -> None:
    """While a write hangs all goes to the disk at once; as soon as one comes through, events go to the database again."""
    talk = await open_channel(working=False)
    with talk.office.database.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        for number in range(5):
            assert (await talk.post(line.text(resident(number), "住民票がほしい"))).status_code == 200
        assert len(talk.office.spool.waiting()) == 5
        hanging = talk.office.doubted
        connection.rollback()
    assert hanging is not None
    await hanging
    assert talk.office.doubted is None
    assert (await talk.post(line.text(resident(9), "住民票がほしい"))).status_code == 200
    assert len(talk.office.spool.waiting()) == 5
