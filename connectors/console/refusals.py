"""What the console says no with. Each becomes a page (or JSON for a script) with a status, a reason and a way on."""

from connectors.console.permissions import Permission, Where


class Refusal(Exception):  # noqa: N818 - it is not always an error
    """A page instead of the one asked for. Texts are `error.<key>.title` and `error.<key>.text` with the values."""

    def __init__(self, status: int, key: str, **values: str) -> None:
        super().__init__(key)
        self.status, self.key, self.values = status, key, values


class SignInNeeded(Refusal):
    """Nobody is signed in, or the session has ended: a browser is sent to the door."""

    def __init__(self) -> None:
        super().__init__(401, "sign-in")


class CodeNeeded(Refusal):
    """An account that must have one-time codes has none yet: a browser is sent to set them up."""

    def __init__(self) -> None:
        super().__init__(403, "code-needed")


class Denied(Refusal):
    """Somebody who is known may not do this. It is written into the audit log."""

    def __init__(self, permission: Permission, where: Where | None = None) -> None:
        super().__init__(403, "denied")
        self.permission, self.where = permission, where
