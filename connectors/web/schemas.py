"""What strangers send to the API and what they get, as the OpenAPI description tells it."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

# An id that strangers send: ours, or one that a client made up. Databases refuse some of the other characters.
Id = Annotated[str, StringConstraints(pattern=r"^[!-~]*$", max_length=64)]
# PostgreSQL cannot hold the character NUL, and nobody means it.
Text = Annotated[str, AfterValidator(lambda text: text.replace("\0", " "))]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MessageIn(_Body):
    """A resident's message. `text` is what was typed, or the `value` of a choice that was tapped."""

    text: Text = Field(max_length=20_000, description="The question, or the `value` of a choice", examples=["住民票がほしい"])
    conversation: Id | None = Field(None, description="From the first reply; leave out to begin")
    language: str | None = Field(None, max_length=16, description="The resident's own choice; outranks detection")
    client_id: Id | None = Field(None, min_length=8, description="Makes sending the same message twice harmless")


class FeedbackIn(_Body):
    """Whether an answer solved the problem."""

    turn: Id
    solved: bool
    reason: Text = Field("", max_length=500)


class BlockOut(BaseModel):
    """One part of a reply: `text`, `notice`, `warning` or `link` (with `url`)."""

    kind: str
    text: str
    language: str
    url: str | None = None


class ChoiceOut(BaseModel):
    """Something to tap; send its `value` as the next `text`."""

    label: str
    value: str


class ContactOut(BaseModel):
    """Whom to ask."""

    department: str
    phone: str
    hours: str = ""


class ReplyOut(BaseModel):
    """A reply. `decision` is answer, clarify, decline, act, handoff or emergency; `author` is bot or staff.

    `handoff` (waiting, staff, closed) and `ticket` are there while staff are asked or hold the conversation.
    """

    decision: str
    outcome: str
    language: str
    blocks: list[BlockOut]
    choices: list[ChoiceOut] = []
    entry: str | None = None
    version: str | None = None
    source: str | None = None
    contact: ContactOut | None = None
    confirmed_on: str | None = None
    probability: float | None = None
    author: str = "bot"
    handoff: str | None = None
    ticket: str | None = None


class TurnOut(BaseModel):
    """A stored turn: ids to go on with, when it was (JST), what was asked as it is kept (masked), and the reply.

    `text` is empty where staff wrote by themselves; `client_id` is the one that the message came with.
    """

    conversation: str
    turn: str
    at: str
    text: str
    client_id: str | None = None
    reply: ReplyOut


class EntryOut(BaseModel):
    """A published entry in one language; `state` tells whether a person has checked the translation."""

    entry: str
    language: str
    question: str
    answer: str
    state: str


class FuriganaIn(_Body):
    """Japanese texts to be read, such as the blocks of a reply."""

    texts: list[Annotated[Text, Field(max_length=4000)]] = Field(max_length=40, examples=[["住民票がほしい"]])


class EmailIn(_Body):
    """Where to send news of a reply."""

    email: str = Field(max_length=200, examples=["hoshi@example.jp"])


class HandoffOut(BaseModel):
    """How a hand-off stands. `state` is waiting or staff, none while the bot answers; `before` how many wait longer.

    `promised_at` is the time of the promised first reply (ISO 8601, Asia/Tokyo); `email` whether an address is left.
    """

    state: str | None = None
    ticket: str | None = None
    department: str | None = None
    promised_at: str | None = None
    before: int = 0
    email: bool = False


class ReturnLinkOut(BaseModel):
    """A link that leads back once, within so many hours."""

    url: str
    hours: int


class ReturnOut(BaseModel):
    """The conversation that a link led back to."""

    conversation: str


class SuggestionOut(BaseModel):
    """A published question that begins like what is being typed."""

    label: str
    value: str


class ErrorDetail(BaseModel):
    """What was wrong and what to do."""

    code: str
    message: str
    hint: str = ""


class ErrorOut(BaseModel):
    """The one shape of every error."""

    error: ErrorDetail
