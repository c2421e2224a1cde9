"""All that the chat page needs to know before the first message, as JSON: its words, the languages, the first choices."""

import json
from collections.abc import Sequence

from actions import ACTIONS
from bot.answers import Request as Asked
from bot.answers import contact
from bot.messages import Choice

KEYS = (
    "title", "placeholder", "send", "resident", "bot", "language", "log", "thinking", "still", "offline", "retry", "solved",
    "not-solved", "helpful", "department", "phone", "confirmed-on", "restart", "erased", "menu", "faq", "personal-data",
    "staff", "staff-of", "waiting", "with-staff", "gone", "not-erased", "reconnecting", "no-storage", "kept", "to-choices",
    "more-choices", "original", "display", "size", "furigana", "more", "copy", "copied", "save", "print", "close", "leave",
    "remove-number", "read", "read-pause", "read-go-on", "read-stop", "dictate", "dictate-warning", "dictate-start",
    "dictate-cancel", "dictate-stop", "reason-ask", "reason-unclear", "reason-other-question", "reason-outdated", "reason-other",
    "reason-words", "reason-send", "reason-thanks",
)  # fmt: skip
# What the page fills in itself stays as it stands in the text.
_LATER = {"department": "{department}", "ticket": "{ticket}", "count": "{count}"}


def chat_setup(asked: Asked) -> str:
    """Return {texts, tongues, names, start} as JSON, safe to stand inside a page."""
    languages = asked.release.languages
    setup = {
        "texts": _texts(asked),
        "tongues": {row.code: row.html for row in languages},
        "names": {row.code: {"name": row.name, "html": row.html} for row in languages},
        "start": [{"label": choice.label, "value": choice.value} for choice in _first_choices(asked)],
    }
    return json.dumps(setup, ensure_ascii=False).replace("<", "\\u003c")


def _texts(asked: Asked) -> dict[str, str]:
    city, who = asked.release.knowledge.city, contact(asked, "general")
    texts = {name: asked.say(f"chat.{name}", **_LATER) for name in KEYS}
    texts["welcome"] = asked.say("welcome")
    if city.fictional:
        texts["welcome"] += "\n" + asked.say("welcome.fictional")
    if not city.phone:
        texts["offline"] = asked.say("chat.offline-no-phone")
    else:
        texts["offline"] = f"{asked.say('chat.offline', phone=who.phone)} {who.hours}".rstrip()
    texts["notice"] = asked.say("notice.privacy")
    texts["about"] = asked.say("notice.title")
    texts["person"] = asked.say("choice.person")
    texts["cancel"] = asked.say("choice.cancel-handoff")
    return texts


def _first_choices(asked: Asked) -> Sequence[Choice]:
    """Return the groups of the menu: three taps from here to any answer."""
    return ACTIONS["menu"](asked, "").choices
