"""What no stored answer can say: one file per action, pure, `(Request, value) -> Reply`. The registry is a literal dict."""

from collections.abc import Callable, Mapping

from actions.ask_item import ask_item
from actions.collection_days import collection_days
from actions.feedback import feedback
from actions.menu import menu
from actions.person import departments, hand_off, held, person
from actions.sort_item import sort_family, sort_item
from actions.unknown_item import unknown_item
from bot.answers import Request
from bot.messages import Reply

Action = Callable[[Request, str], Reply]

ACTIONS: Mapping[str, Action] = {
    "ask-item": ask_item,
    "collection-days": collection_days,
    "departments": departments,
    "feedback": feedback,
    "hand-off": hand_off,
    "held": held,
    "menu": menu,
    "person": person,
    "sort-family": sort_family,
    "sort-item": sort_item,
    "unknown-item": unknown_item,
}
