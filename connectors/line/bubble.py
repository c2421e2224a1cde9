"""An answer as a flex bubble: every text wraps and scales, buttons open the source and the telephone (L-29, L-30)."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from bot.line_limits import ALT_TEXT, BUBBLE_BYTES, FLEX_LABEL, cut, safe_uri, shortened
from bot.messages import Block, BlockKind, Reply

Part = dict[str, Any]
_STYLES: dict[BlockKind, Part] = {
    BlockKind.TEXT: {"size": "md", "color": "#111111"},
    BlockKind.NOTICE: {"size": "sm", "color": "#555555"},
    BlockKind.WARNING: {"size": "md", "color": "#B00020", "weight": "bold"},
    BlockKind.LINK: {"size": "sm", "color": "#555555"},
}


def bubble(reply: Reply, say: Callable[..., str], facts: Sequence[str], numbered: str) -> Part | None:
    """Return the reply as a flex message, None where it is larger than LINE takes. `facts` stand below
    the answer (whom to ask), `numbered` are its choices as text.
    """
    body = [_text(block.text, block.kind) for block in reply.blocks if not _is_button(block)]
    body += [_text(line, BlockKind.NOTICE) for line in facts]
    if numbered:
        body += [{"type": "separator", "margin": "lg"}, _text(numbered, BlockKind.TEXT)]
    contents: Part = {"type": "bubble", "body": {"type": "box", "layout": "vertical", "spacing": "md", "contents": body}}
    if buttons := _buttons(reply, say):
        contents["footer"] = {"type": "box", "layout": "vertical", "spacing": "sm", "contents": buttons}
    if len(json.dumps(contents, ensure_ascii=False).encode()) > BUBBLE_BYTES:
        return None
    return {"type": "flex", "altText": _meaning(reply), "contents": contents}


def _meaning(reply: Reply) -> str:
    """Return what a notification and a screen reader tell: the answer itself, without notices and links (L-29)."""
    told = [block.text for block in reply.blocks if block.kind in (BlockKind.TEXT, BlockKind.WARNING)]
    return cut(" ".join(" ".join(told).split()) or reply.text, ALT_TEXT)


def _is_button(block: Block) -> bool:
    return block.kind is BlockKind.LINK and safe_uri(block.url) is not None


def _buttons(reply: Reply, say: Callable[..., str]) -> list[Part]:
    buttons = [_button(block.text, safe_uri(block.url) or "") for block in reply.blocks if _is_button(block)]
    if reply.contact and (number := re.sub("[^0-9+]", "", reply.contact.phone)):
        buttons.append(_button(say("line.label.call"), f"tel:{number}"))
    return buttons


def _button(label: str, uri: str) -> Part:
    action = {"type": "uri", "label": shortened(label, FLEX_LABEL), "uri": uri}
    return {"type": "button", "style": "link", "height": "sm", "scaling": True, "action": action}


def _text(text: str, kind: BlockKind) -> Part:
    return {"type": "text", "text": text, "wrap": True, "scaling": True, **_STYLES[kind]}
