"""Short-lived facts that workers share: claims, rates, talks in progress, news. `memory://` or `redis://`; it may vanish."""

import asyncio
import json
import time
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Protocol

from bot.messages import BotError


class CacheError(Exception):
    """The cache does not answer just now."""


class Cache(Protocol):
    """What both caches can do. Times are in seconds. Where it cannot be reached, each of them raises CacheError."""

    async def get(self, key: str) -> Any:
        """Return what was put, None where it is not there any more."""

    async def put(self, key: str, value: Any, seconds: float) -> None:
        """Keep a JSON value for so long."""

    async def drop(self, key: str) -> None:
        """Forget a value."""

    async def count(self, key: str, seconds: float) -> int:
        """Count one more under the key and return how many within this window."""

    def lock(self, key: str) -> Any:
        """Return an async context in which no other holder of the key runs."""

    async def publish(self, channel: str, news: str) -> None:
        """Tell all subscribers."""

    def subscribe(self, channel: str) -> Any:
        """Return an async context that gives an async iterator over news."""

    async def close(self) -> None:
        """Let go of connections."""


class MemoryCache:
    """The cache of a single process; the least used values go first."""

    def __init__(self, size: int = 50_000) -> None:
        self._values: OrderedDict[str, tuple[float, Any]] = OrderedDict()
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}
        self._listeners: dict[str, set[asyncio.Queue[str]]] = defaultdict(set)
        self._size = size

    async def get(self, key: str) -> Any:
        """Return what was put, None where it is not there any more."""
        until, value = self._values.get(key, (0.0, None))
        if until < time.monotonic():
            self._values.pop(key, None)
            return None
        self._values.move_to_end(key)
        return value

    async def put(self, key: str, value: Any, seconds: float) -> None:
        """Keep a value for so long."""
        self._values[key] = (time.monotonic() + seconds, value)
        self._values.move_to_end(key)
        while len(self._values) > self._size:
            self._values.popitem(last=False)

    async def drop(self, key: str) -> None:
        """Forget a value."""
        self._values.pop(key, None)

    async def count(self, key: str, seconds: float) -> int:
        """Count one more under the key and return how many within this window."""
        window = f"{key}:{int(time.time() // seconds)}"
        count = int(await self.get(window) or 0) + 1
        await self.put(window, count, seconds * 2)
        return count

    @asynccontextmanager
    async def lock(self, key: str) -> AsyncIterator[None]:
        """Return an async context in which no other holder of the key runs."""
        lock, waiting = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._locks[key]
            if waiting == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, waiting - 1)

    async def publish(self, channel: str, news: str) -> None:
        """Tell all subscribers."""
        for listener in self._listeners.get(channel, ()):
            listener.put_nowait(news)

    @asynccontextmanager
    async def subscribe(self, channel: str) -> AsyncIterator[AsyncIterator[str]]:
        """Return an async context that gives an async iterator over news."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._listeners[channel].add(queue)
        try:
            yield _from_queue(queue)
        finally:
            self._listeners[channel].discard(queue)
            if not self._listeners[channel]:
                del self._listeners[channel]

    async def close(self) -> None:
        """Nothing to let go of."""


async def _from_queue(queue: "asyncio.Queue[str]") -> AsyncIterator[str]:
    while True:
        yield await queue.get()


class RedisCache:
    """The cache of many processes, on Redis."""

    def __init__(self, url: str, prefix: str = "madoguchi:") -> None:
        from redis.asyncio import Redis

        self._redis: Any = Redis.from_url(url, decode_responses=True, socket_timeout=5, socket_connect_timeout=2)
        self._prefix = prefix

    async def get(self, key: str) -> Any:
        """Return what was put, None where it is not there any more."""
        with _reached():
            found = await self._redis.get(self._prefix + key)
        return None if found is None else json.loads(found)

    async def put(self, key: str, value: Any, seconds: float) -> None:
        """Keep a JSON value for so long."""
        with _reached():
            await self._redis.set(self._prefix + key, json.dumps(value), px=int(seconds * 1000))

    async def drop(self, key: str) -> None:
        """Forget a value."""
        with _reached():
            await self._redis.delete(self._prefix + key)

    async def count(self, key: str, seconds: float) -> int:
        """Count one more under the key and return how many within this window."""
        window = f"{self._prefix}{key}:{int(time.time() // seconds)}"
        with _reached():
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.incr(window)
                pipe.pexpire(window, int(seconds * 2000))
                counted, _ = await pipe.execute()
        return int(counted)

    @asynccontextmanager
    async def lock(self, key: str) -> AsyncIterator[None]:
        """Return an async context in which no other holder of the key runs."""
        with _reached():
            async with self._redis.lock(f"{self._prefix}lock:{key}", timeout=30, blocking_timeout=30):
                yield

    async def publish(self, channel: str, news: str) -> None:
        """Tell all subscribers."""
        with _reached():
            await self._redis.publish(self._prefix + channel, news)

    @asynccontextmanager
    async def subscribe(self, channel: str) -> AsyncIterator[AsyncIterator[str]]:
        """Return an async context that gives an async iterator over news."""
        listener = self._redis.pubsub()
        with _reached():
            await listener.subscribe(self._prefix + channel)
        try:
            yield _from_redis(listener)
        finally:
            with suppress(OSError):
                await listener.aclose()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()


async def _from_redis(listener: Any) -> AsyncIterator[str]:
    with _reached():
        async for news in listener.listen():
            if news["type"] == "message":
                yield news["data"]


@contextmanager
def _reached() -> Iterator[None]:
    """Raise CacheError in place of the client's own errors: only this room knows whose they are."""
    from redis.exceptions import RedisError  # loaded where the cache is on Redis, and nowhere else

    try:
        yield
    except RedisError as error:
        raise CacheError(f"{type(error).__name__}: {error}") from error


def open_cache(url: str) -> Cache:
    """Open the cache of this URL. Raises BotError for a URL of another kind."""
    if url == "memory://":
        return MemoryCache()
    if url.startswith(("redis://", "rediss://", "unix://")):
        with suppress(ValueError):
            return RedisCache(url)
    raise BotError("cache", f"CACHE_URL is {url!r}.", "Use memory:// or redis://host:port/0.", 500)
