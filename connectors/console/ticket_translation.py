"""Machine translation as officers meet it (S-24): which messages may be translated, and what goes out below a reply."""

from dataclasses import dataclass

from fastapi import Request

from bot.desk import checked
from bot.handoff import Ticket
from bot.messages import BotError
from bot.translation import Translator, open_translator
from connectors.console.ticket_talk import Talk


@dataclass(frozen=True)
class Below:
    """What is to stand below a reply: whether the officer `asked` for a translation, and the `text` that came, if any."""

    asked: bool = False
    text: str = ""

    @property
    def is_missing(self) -> bool:
        """Whether a translation was asked for and none came."""
        return self.asked and not self.text


def translator_for(request: Request, ticket: Ticket) -> Translator | None:
    """Return what translates a ticket; None where the service has no server, or the resident reads Japanese."""
    return None if ticket.language.startswith("ja") else open_translator(request.app.state.settings.translation_url)


async def in_japanese(request: Request, ticket: Ticket, talk: Talk, turn: str) -> str:
    """Return what a resident wrote (masked, as it is stored) in Japanese; empty where there is no translation to be had."""
    translator = translator_for(request, ticket)
    said = next((one for one in talk.said if one.turn == turn and one.is_question), None)
    if translator is None or said is None:
        return ""
    return await translator.translate(said.blocks[0].text, said.blocks[0].language, "ja") or ""


async def below_reply(request: Request, ticket: Ticket, text: str, language: str, *, ticked: bool) -> Below:
    """Return what stands below a reply of this `language`. The machine sees nothing that the desk would not send."""
    translator = translator_for(request, ticket) if ticked else None
    if translator is None or language != "ja":
        return Below(ticked)
    try:
        text = checked(text)
    except BotError:  # the desk says so where the reply is sent
        return Below(asked=True)
    return Below(asked=True, text=await translator.translate(text, "ja", ticket.language) or "")
