"""Whole talks on LINE, from the webhook to what the resident reads: `transcripts/<language>/*.yaml`."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.line.conftest import Channel
from tests.line.fake.line import resident

ANNA = resident(1)
TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*/*.yaml"))


async def test_a_question_is_answered_with_its_reply_token(talk: Channel) -> None:
    """The answer is the city's published one, and costs no push."""
    said = await talk.says(ANNA, "住民票がほしい")

    assert "住民票" in said
    assert [sent.way for sent in talk.line.outbox] == ["reply"]
    assert [ending[:2] for ending in (await talk.endings()).values()] == [("answered", "reply")]


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_a_talk_on_line_goes_as_written(path: Path, talk: Channel) -> None:
    """Each kind of L-15 in two languages: what is read, tapped, or met with silence."""
    shown: list[dict[str, Any]] = []
    for number, row in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")), start=1):
        if "profile" in row:
            talk.line.profiles[ANNA] = {"language": row["profile"]}
        answer = await talk.answers(_event(talk, row, shown))
        read = json.dumps(answer, ensure_ascii=False)
        assert bool(answer) is not row.get("silent", False), f"{number}: {row} got {read}"
        for words in row.get("reads", []):
            assert words in read, f"{number}: {row} got {read}"
        if "kind" in row:
            assert answer[0]["type"] == row["kind"], f"{number}: {row} got {read}"
        if "buttons" in row:
            assert len(answer[-1]["quickReply"]["items"]) == row["buttons"]
        shown = answer or shown


def _event(talk: Channel, row: dict[str, Any], shown: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the event of a line of a transcript."""
    if "follow" in row:
        return talk.line.event("follow", ANNA, follow={"isUnblocked": row["follow"] == "again"})
    if "says" in row:
        return talk.line.text(ANNA, row["says"])
    if "sends" in row:
        return talk.line.event("message", ANNA, message={"id": "1", "type": row["sends"]})
    if "posts" in row:
        return talk.line.postback(ANNA, row["posts"])
    if "taps" in row:
        actions = [item["action"] for item in shown[-1]["quickReply"]["items"]]
        return talk.line.postback(ANNA, next(action["data"] for action in actions if action["label"] == row["taps"]))
    return talk.line.event(row["event"], ANNA)
