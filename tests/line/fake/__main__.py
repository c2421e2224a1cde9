"""Runs the fake LINE by hand: `python -m tests.line.fake`, then type as a resident and read the answers.

Prints the file for LINE_CHANNELS and the address for LINE_API_HOST, and posts what is typed to the real webhook.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx
import uvicorn
import yaml

from tests.line.fake.line import FakeLine, resident
from tests.line.fake.server import server


def main() -> None:
    """Serve the fake and play one resident."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--port", type=int, default=8010)
    asked.add_argument("--service", default="http://127.0.0.1:8000", help="where `madoguchi serve` listens")
    asked.add_argument("--city", default="hoshimi")
    given = asked.parse_args()
    line = FakeLine()
    channels = Path(tempfile.mkdtemp(prefix="fake-line-")) / "channels.yaml"
    channels.write_text(yaml.safe_dump({given.city: channel(line)}), encoding="utf-8")
    threading.Thread(
        target=uvicorn.run, args=(server(line),), kwargs={"port": given.port, "log_level": "warning"}, daemon=True
    ).start()
    host = f"http://127.0.0.1:{given.port}"
    print(f"LINE_CHANNELS={channels} LINE_API_HOST={host} LINE_DATA_HOST={host} madoguchi serve\n")
    print("Type as a resident; Ctrl+D ends. `/follow`, `/sticker`, and numbers work too.")
    for words in sys.stdin:
        try:
            say(line, given.service, given.city, words.strip())
        except httpx.TransportError:
            print(f"Nothing listens at {given.service}. Start the service with the line above, or name another: --service URL")


def channel(line: FakeLine) -> dict[str, object]:
    """Return the row of LINE_CHANNELS for this fake."""
    return {"secret": line.secret, "token": line.access_token, "bot_id": line.bot_id, "push": True, "reminders": True}


def say(line: FakeLine, service: str, city: str, words: str) -> None:
    """Post what a resident does to the webhook, and print what comes back."""
    who, before = resident(), len(line.to(resident()))
    events = {"/follow": line.event("follow", who, follow={"isUnblocked": False})}
    sticker = {"type": "sticker", "id": "1", "packageId": "1", "stickerId": "1", "stickerResourceType": "STATIC"}
    events["/sticker"] = line.event("message", who, message=sticker)
    body = line.body(events.get(words) or line.text(who, words))
    response = httpx.post(f"{service}/line/{city}/webhook", content=body, headers={"x-line-signature": line.sign(body)})
    print(f"webhook: {response.status_code}")
    if response.status_code != 200:
        print(f"The service did not take it: {response.text[:300]}\nDoes it run with the line above, with this file of channels?")
        return
    until = time.monotonic() + 10
    while time.monotonic() < until and len(line.to(who)) == before:
        time.sleep(0.05)
    for message in line.to(who)[before:]:
        print(message["text"] if message["type"] == "text" else json.dumps(message, ensure_ascii=False, indent=1))


main()
