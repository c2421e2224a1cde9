"""What all workers remember of a talk in progress: kept in the cache for an hour; storage keeps it longer."""

from bot.cache import Cache
from bot.messages import Conversation

TALK_SECONDS = 3600.0


async def remember(cache: Cache, conversation: Conversation) -> None:
    """Keep what is to be known at the next message."""
    kept = {"channel": conversation.channel, "language": conversation.language, "state": conversation.state()}
    await cache.put(f"conversation:{conversation.city}:{conversation.id}", kept, TALK_SECONDS)


async def recall(cache: Cache, city: str, id_: str) -> Conversation | None:
    """Return a talk in progress; None where it is not remembered here."""
    kept = await cache.get(f"conversation:{city}:{id_}")
    if not kept:
        return None
    return Conversation(id_, city, kept.get("channel", "web"), kept["language"]).with_state(kept["state"])


async def forget(cache: Cache, city: str, id_: str) -> None:
    """Forget a talk."""
    await cache.drop(f"conversation:{city}:{id_}")


def talk(city: str, id_: str) -> str:
    """Return the name of a talk, for its lock and for its news."""
    return f"talk:{city}:{id_}"
