"""Messages that residents took back on LINE: only a tombstone stays, for staff, search and figures alike (L-16)."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, select, update

from bot.messages import Reply
from bot.storage.desk_tables import tickets
from bot.storage.replies import reply_to_json
from bot.storage.tables import conversations, turns
from bot.storage.turns import turn_of_client

TOMBSTONE = "[unsent]"


def bury_message(connection: Connection, city: str, conversation: str, client_ids: Iterable[str]) -> None:
    """Make the turns of these events unreadable: text, derived reply, the copy on a ticket, what is remembered."""
    for client_id in client_ids:
        turn = turn_of_client(connection, city, client_id)
        if turn is not None:
            _bury(connection, city, conversation, turn.id, turn.masked_text, turn.reply)


def _bury(connection: Connection, city: str, conversation: str, id_: str, text: str, reply: Reply) -> None:
    bare = replace(reply, blocks=(), choices=(), entry=None, source=None, contact=None, confirmed_on=None, probability=None)
    values = {"text": TOMBSTONE, "entry": None, "probability": None, "reply": reply_to_json(bare)}
    connection.execute(update(turns).where(turns.c.city == city, turns.c.id == id_).values(**values))
    copied = tickets.c.city == city, tickets.c.conversation == conversation, tickets.c.question == text
    connection.execute(update(tickets).where(*copied).values(question=TOMBSTONE))
    ours = conversations.c.city == city, conversations.c.id == conversation
    state = connection.scalar(select(conversations.c.state).where(*ours))
    if state:
        forgotten = {**state, "choices": [], "recent_entry": None, "recent_at": None}
        connection.execute(update(conversations).where(*ours).values(state=forgotten))
