"""Letters of the desk: notices to staff and "there is a reply" to residents, by SMTP. Never with the text of anybody."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from bot.messages import BotError

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_SECONDS = 20.0


@dataclass(frozen=True)
class Post:
    """The city hall's mail server, as an address such as smtp+starttls://name:password@mail.example:587, and the sender."""

    url: str
    sender: str

    async def send(self, to: str, subject: str, body: str) -> None:
        """Send one letter. Raises OSError or SMTPException where it could not be handed over."""
        import aiosmtplib

        server = urlsplit(self.url)
        if server.scheme not in _PORTS or not server.hostname:
            hint = "Write smtp://host:25, smtp+starttls://name:password@host:587 or smtps://…:465."
            raise BotError("smtp", "SMTP_URL is no address of a mail server.", hint, 500)
        await aiosmtplib.send(
            self.letter(to, subject, body), hostname=server.hostname, port=server.port or _PORTS[server.scheme],
            username=unquote(server.username) if server.username else None,
            password=unquote(server.password) if server.password else None,
            use_tls=server.scheme == "smtps", start_tls=server.scheme == "smtp+starttls", timeout=_SECONDS,
        )  # fmt: skip

    def letter(self, to: str, subject: str, body: str) -> EmailMessage:
        """Return the letter. A line break in an address or subject is refused by the library, so nothing can be smuggled in."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self.sender, to, subject
        letter["Date"], letter["Message-ID"] = formatdate(), make_msgid(domain=self.sender.rpartition("@")[2].strip("> "))
        letter["Auto-Submitted"] = "auto-generated"  # no out-of-office replies to a machine
        letter.set_content(body)
        return letter
