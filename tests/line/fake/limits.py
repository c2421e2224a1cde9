"""What LINE refuses of messages, counted on its own (L-26 to L-29): UTF-16 units for texts, grapheme clusters for labels."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import regex

SCHEMES = ("http://", "https://", "line://", "tel:")


def units(text: str) -> int:
    """Return the UTF-16 code units of a text."""
    return sum(2 if ord(letter) > 0xFFFF else 1 for letter in text)


def clusters(text: str) -> int:
    """Return how many characters a reader sees."""
    return len(regex.findall(r"\X", text))


def mistakes(messages: Any) -> list[str]:
    """Return what LINE would refuse, empty for nothing."""
    if not isinstance(messages, list) or not 1 <= len(messages) <= 5:
        return ["messages: size must be between 1 and 5"]
    return [found for number, message in enumerate(messages) for found in _of_message(f"messages[{number}]", message)]


def _of_message(where: str, message: Mapping[str, Any]) -> Iterator[str]:
    kind = message.get("type")
    if kind == "text":
        yield from _between(f"{where}.text", units(message.get("text", "")), 1, 5000)
    elif kind == "flex":
        yield from _between(f"{where}.altText", units(message.get("altText", "")), 1, 1500)
        yield from _flex(f"{where}.contents", message.get("contents", {}))
    elif kind == "template":
        yield from _between(f"{where}.altText", units(message.get("altText", "")), 1, 1500)
        yield from _template(f"{where}.template", message.get("template", {}))
    else:
        yield f"{where}.type: {kind!r} is not one that this fake knows"
    if "quickReply" in message:
        items = message["quickReply"].get("items", [])
        yield from _between(f"{where}.quickReply.items", len(items), 1, 13)
        for number, item in enumerate(items):
            yield from _action(f"{where}.quickReply.items[{number}].action", item.get("action", {}), 20)


def _flex(where: str, contents: Mapping[str, Any]) -> Iterator[str]:
    bubbles = contents.get("contents", []) if contents.get("type") == "carousel" else [contents]
    yield from _between(f"{where}: bubbles", len(bubbles), 1, 12)
    if contents.get("type") == "carousel":
        yield from _between(f"{where}: bytes", len(json.dumps(contents, ensure_ascii=False).encode()), 1, 50_000)
    for bubble in bubbles:
        yield from _between(f"{where}: bytes", len(json.dumps(bubble, ensure_ascii=False).encode()), 1, 30_000)
        for part in parts_of(bubble):
            if part.get("type") == "text" and not part.get("text"):
                yield f"{where}: a text is empty"
            if part.get("type") == "button":
                yield from _action(f"{where}.button", part.get("action", {}), 40)


def parts_of(part: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every component of a flex container."""
    if isinstance(part, dict):
        yield part
        for name in ("header", "body", "footer", "contents"):
            yield from parts_of(part.get(name))
    elif isinstance(part, list):
        for one in part:
            yield from parts_of(one)


def _template(where: str, template: Mapping[str, Any]) -> Iterator[str]:
    columns = template.get("columns", [template])
    most_actions = {"carousel": 3, "confirm": 2}.get(template.get("type", ""), 4)
    yield from _between(f"{where}.columns", len(columns), 1, 10)
    if len({(len(column.get("actions", [])), "title" in column) for column in columns}) > 1:
        yield f"{where}: columns differ in actions or titles"
    for column in columns:
        yield from _between(f"{where}.actions", len(column.get("actions", [])), 1, most_actions)
        yield from _between(f"{where}.title", clusters(column.get("title", "")), 0, 40)
        short = (
            60
            if "title" in column or "thumbnailImageUrl" in column
            else {"carousel": 120, "confirm": 240}.get(template["type"], 160)
        )
        yield from _between(f"{where}.text", clusters(column.get("text", "")), 1, short)
        for action in column.get("actions", []):
            yield from _action(f"{where}.action", action, 20)


def _action(where: str, action: Mapping[str, Any], label: int) -> Iterator[str]:
    yield from _between(f"{where}.label", clusters(action.get("label", "")), 1, label)
    if action.get("type") == "postback":
        yield from _between(f"{where}.data", len(action.get("data", "")), 1, 300)
        yield from _between(f"{where}.displayText", units(action.get("displayText", "")), 0, 300)
    elif action.get("type") == "message":
        yield from _between(f"{where}.text", units(action.get("text", "")), 1, 300)
    elif action.get("type") == "uri":
        uri = action.get("uri", "")
        yield from _between(f"{where}.uri", len(uri), 1, 1000)
        if not uri.startswith(SCHEMES) or not uri.isascii() or " " in uri:
            yield f"{where}.uri: invalid uri"


def _between(where: str, found: int, least: int, most: int) -> Iterator[str]:
    if not least <= found <= most:
        yield f"{where}: length {found} must be between {least} and {most}"
