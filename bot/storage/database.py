"""Opens the database, brings its schema up to date, and writes many turns in one transaction (group commit)."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Executable, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, ProgrammingError

from bot.messages import BotError

T = TypeVar("T")
# What it returns is nobody's business: a write is awaited, not asked.
Write = Callable[[Connection], object]
# A statement made once, and the values of one row for it.
Row = tuple[Executable, dict[str, Any]]
SCHEMA = "0004"
# A batch larger than this would make the first writer wait for the last.
_BATCH = 64


@dataclass
class Database:
    """One open database. Reads and writes run on one thread of its own, so that the event loop never waits for a disk."""

    engine: Engine
    _queue: list[tuple[Write | Sequence[Row], asyncio.Future[None]]] = field(default_factory=list)
    _drain: asyncio.Task[None] | None = None
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="database"))

    async def write(self, work: Write | Sequence[Row]) -> None:
        """Do the work in a transaction, together with whatever else waits; return once it is committed.

        Rows of the same statement that wait together are written by one call, which is what makes many small turns cheap.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._queue.append((work, done))
        if self._drain is None or self._drain.done():
            self._drain = loop.create_task(self._drain_queue())
        await done

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Return what the query returns."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.read_now, query)

    def read_now(self, query: Callable[[Connection], T]) -> T:
        """Return what the query returns, on the caller's thread."""
        with self.engine.connect() as connection:
            return query(connection)

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """Run the work in a transaction of its own, on the caller's thread."""
        with self.engine.begin() as connection:
            return work(connection)

    async def _drain_queue(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue:
            batch, self._queue = self._queue[:_BATCH], self._queue[_BATCH:]
            try:
                results = await loop.run_in_executor(self._thread, self._commit, [work for work, _ in batch])
            except RuntimeError as closed:  # the thread has gone: the database is closed
                results = [closed] * len(batch)
            for (_, done), error in zip(batch, results, strict=True):
                if done.cancelled():
                    continue
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(error)

    def _commit(self, batch: Sequence[Write | Sequence[Row]]) -> list[Exception | None]:
        """Commit all in one transaction; if one of them fails, each alone, so that it fails alone."""
        with contextlib.suppress(Exception), self.engine.begin() as connection:
            _do(connection, batch)
            return [None] * len(batch)
        return [self._alone(work) for work in batch]

    def _alone(self, work: Write | Sequence[Row]) -> Exception | None:
        try:
            self.write_now(lambda connection: _do(connection, [work]))
        except Exception as error:  # noqa: BLE001 - handed to whoever awaits this write
            return error
        return None

    def beside(self) -> "Database":
        """Return the same database with a thread of its own, for work that may not wait for ours."""
        return Database(self.engine)

    def stop(self) -> None:
        """Finish what is being written; the engine stays, since others may use it."""
        self._thread.shutdown(wait=True)

    def close(self) -> None:
        """Finish what is being written and close the connections."""
        self.stop()
        self.engine.dispose()


def _do(connection: Connection, batch: Sequence[Write | Sequence[Row]]) -> None:
    """Write the rows of the batch, statement by statement in the order of their first row, and run what is no row."""
    rows: dict[Executable, list[dict[str, Any]]] = {}
    for work in batch:
        if callable(work):
            work(connection)
            continue
        for statement, values in work:
            rows.setdefault(statement, []).append(values)
    for statement, many in rows.items():
        connection.execute(statement, many)


def open_database(url: str) -> Database:
    """Open the database of this URL and bring its schema up to date. Raises BotError where it cannot be reached."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _unopened("the address given", error) from error
    try:
        if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
            Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite", hide_parameters=True)
        if parsed.get_backend_name() == "sqlite":
            event.listen(engine, "connect", _tune_sqlite)
        if _schema_of(engine) != SCHEMA:
            migrate(engine)
    except (OperationalError, ModuleNotFoundError, NoSuchModuleError, OSError) as error:
        raise _unopened(parsed.render_as_string(hide_password=True), error) from error
    return Database(engine)


def _unopened(shown: str, error: Exception) -> BotError:
    message = f"The database at {shown} cannot be opened: {error}"
    return BotError("database", message, "Check DATABASE_URL, and that the server runs.", 503)


def _tune_sqlite(connection: Any, _record: Any) -> None:
    """WAL lets readers read while one writes; NORMAL loses nothing that a crash of the process can lose."""
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _schema_of(engine: Engine) -> str | None:
    try:
        with engine.connect() as connection:
            return str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    except (OperationalError, ProgrammingError):
        with engine.connect():  # tells a server that is away from a schema that is not there yet
            return None


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest version with Alembic (loaded only when there is something to do)."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # workers that start together migrate one after the other
            connection.execute(text("SELECT pg_advisory_xact_lock(7321)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
