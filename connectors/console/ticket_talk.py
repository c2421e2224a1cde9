"""A talk as staff read it: every message with who wrote it and when, and what the bot tried with which certainty (pure)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.dialogue import CHOICE_VALUE
from bot.messages import Author, Block, BlockKind, Choice, Decision, Turn

_ENTRY = "entry:"
# Decisions by which the bot tried to answer by itself.
_TRIED = (Decision.ANSWER, Decision.CLARIFY, Decision.DECLINE)


@dataclass(frozen=True)
class Tried:
    """What the bot chose to do with a message: decision, outcome, entry, how sure (0–1), and the entries that it offered."""

    asked: str
    at: datetime
    decision: str
    outcome: str
    entry: str
    title: str
    probability: float | None
    version: str
    offered: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """One message of a talk. `who` is resident, bot, staff or news (what the bot told of the hand-off).

    `tapped` says that a resident chose the words instead of writing them.
    """

    turn: str
    who: str
    name: str
    at: datetime
    blocks: tuple[Block, ...]
    choices: tuple[Choice, ...] = ()
    tried: Tried | None = None
    tapped: bool = False

    @property
    def is_question(self) -> bool:
        """Whether these are a resident's own words."""
        return self.who == "resident" and not self.tapped


@dataclass(frozen=True)
class Talk:
    """All that was said, and what the bot tried."""

    said: tuple[Said, ...]
    tried: tuple[Tried, ...]

    @property
    def last_question(self) -> str:
        """The resident's last own words."""
        return next((one.blocks[0].text for one in reversed(self.said) if one.is_question), "")

    @property
    def last_staff(self) -> Said | None:
        """The last reply of staff."""
        return next((one for one in reversed(self.said) if one.who == "staff"), None)

    def question_before(self, turn: str) -> str:
        """Return what the resident had said before a turn: their words since the reply of staff before it."""
        words: list[str] = []
        for one in self.said:
            if one.turn == turn and one.who == "staff":
                break
            if one.who == "staff":
                words = []
            elif one.is_question:
                words.append(one.blocks[0].text)
        return words[-1] if words else ""


def talk_of(turns: Sequence[Turn], language: str, names: Mapping[datetime, str], title: Callable[[str], str]) -> Talk:
    """Return the talk in a resident's language. `names` tells who of staff wrote at a moment, `title` an entry's question."""
    said, tried = list[Said](), list[Tried]()
    offered: dict[str, str] = {}
    for turn in turns:
        words = _words(turn.masked_text, offered)
        offered |= {choice.value: choice.label for choice in turn.reply.choices}
        if words:
            own = turn.reply.language if turn.reply.author is Author.BOT else language
            said.append(Said(turn.id, "resident", "", turn.at, (Block(words, own),), tapped=_is_tap(turn.masked_text)))
        found = _tried(turn, words, title)
        tried += [found] if found else []
        if turn.reply.blocks:
            said.append(_reply(turn, names, found))
    return Talk(tuple(said), tuple(tried))


def _words(masked: str, offered: Mapping[str, str]) -> str:
    """Return what a resident wrote, or the label of what they tapped."""
    return offered.get(masked, masked) if _is_tap(masked) else masked


def _is_tap(masked: str) -> bool:
    return CHOICE_VALUE.match(masked) is not None


def _reply(turn: Turn, names: Mapping[datetime, str], tried: Tried | None) -> Said:
    reply = turn.reply
    if reply.author is Author.STAFF:
        return Said(turn.id, "staff", names.get(turn.at, ""), turn.at, reply.blocks)
    return Said(turn.id, "news" if reply.decision is Decision.HANDOFF else "bot", "", turn.at, reply.blocks, reply.choices, tried)


def _tried(turn: Turn, words: str, title: Callable[[str], str]) -> Tried | None:
    reply = turn.reply
    if reply.author is Author.STAFF or reply.decision not in _TRIED:
        return None
    entry = reply.entry or ""
    return Tried(
        words, turn.at, reply.decision.value, reply.outcome.value, entry, title(entry) if entry else "", reply.probability,
        reply.version or "", tuple(choice.label for choice in reply.choices if choice.value.startswith(_ENTRY)),
    )  # fmt: skip


def plain(blocks: Sequence[Block]) -> str:
    """Return the text of a published answer as an officer sends it, with the address of its source."""
    return "\n\n".join(_plain(blocks))


def _plain(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        if block.text:
            yield f"{block.text}\n{block.url}" if block.kind is BlockKind.LINK and block.url else block.text


def language_written(text: str, resident: str) -> str:
    """Return the language of what an officer wrote to a resident of this language: kana are Japanese, whoever reads them."""
    japanese = any("぀" <= letter <= "ヿ" for letter in text)
    return "ja" if japanese and not resident.startswith("ja") else resident
