"""What makes an answer easier to read: its Japanese original, and furigana for every kanji."""

from functools import lru_cache

from fastapi import APIRouter

from bot.answers import answer
from bot.messages import BotError
from connectors.web.api import ERRORS, Shell
from connectors.web.schemas import EntryOut, FuriganaIn
from faq.furigana import ruby
from faq.languages import JAPANESE

router = APIRouter(prefix="/api/v1/{city}", tags=["web"], responses=ERRORS)
Ruby = list[tuple[str, str]]


@router.get("/entries/{entry}")
async def read_entry(city: str, entry: str, handler: Shell, language: str | None = None) -> EntryOut:
    """Return a published entry in a language, by default Japanese: the original of a translated answer."""
    release = handler.service.release(city)
    found = release.knowledge.entries.get(entry)
    if found is None:
        raise BotError("unknown_entry", f"There is no entry {entry!r}.", "Use `entry` of a reply.", 404)
    wanted = handler.service.languages.resolve(language) or JAPANESE
    tongue, text = release.languages.choose(found.texts, wanted) or (JAPANESE, found.texts[JAPANESE])
    reply = answer(handler.service.greeting(release, tongue, handler.clock()), found)
    return EntryOut(entry=entry, language=tongue, question=text.question, answer=reply.blocks[0].text, state=text.state)


@router.post("/furigana")
async def read_kanji(city: str, body: FuriganaIn, handler: Shell) -> list[Ruby]:
    """Return each text as [[surface, reading], …]; the reading is empty where there is nothing to read. Nothing is stored."""
    handler.service.release(city)
    return [_ruby(text) for text in body.texts]


@lru_cache(maxsize=2000)
def _ruby(text: str) -> Ruby:
    return ruby(text)
