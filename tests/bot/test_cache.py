"""What workers share for a short while, in memory and in Redis alike: one list of promises, kept by both."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import pytest

from bot.cache import Cache, CacheError, open_cache
from bot.messages import BotError
from tests.conftest import free_port

LONG = 3600.0


@pytest.fixture
async def cache(cache_url: str) -> AsyncIterator[Cache]:
    """A cache, open while the test runs."""
    cache = open_cache(cache_url)
    yield cache
    await cache.close()


@pytest.fixture
def key() -> str:
    """A key that no other test uses."""
    return secrets.token_hex(8)


async def test_a_value_comes_back_as_it_was(cache: Cache, key: str) -> None:
    """Nested values and every script survive; a second value replaces the first; another key has none."""
    value = {"language": "ne", "state": {"choices": [["はい", "entry:a"]], "declined": 2, "recent_at": None}, "text": "𠮷नेपाली"}
    await cache.put(key, "first", LONG)
    await cache.put(key, value, LONG)

    assert await cache.get(key) == value
    assert await cache.get(f"{key}-other") is None


async def test_a_value_vanishes_when_its_time_is_over(cache: Cache, key: str) -> None:
    """What is kept for a moment is gone after it."""
    await cache.put(key, "soon gone", 0.1)
    assert await cache.get(key) == "soon gone"
    await asyncio.sleep(0.2)

    assert await cache.get(key) is None


async def test_a_dropped_value_is_gone(cache: Cache, key: str) -> None:
    """Dropping forgets at once, and dropping what is not there is no error."""
    await cache.put(key, [1], LONG)
    await cache.drop(key)
    await cache.drop(key)

    assert await cache.get(key) is None


async def test_counting_goes_up_within_a_window_and_begins_again_after_it(cache: Cache, key: str) -> None:
    """Each key has its own count."""
    assert [await cache.count(key, LONG) for _ in range(3)] == [1, 2, 3]
    assert await cache.count(f"{key}-other", LONG) == 1

    await cache.count(f"{key}-short", 0.1)
    await asyncio.sleep(0.15)
    assert await cache.count(f"{key}-short", 0.1) == 1


async def test_counting_at_once_loses_no_count(cache: Cache, key: str) -> None:
    """Twenty at the same time are twenty."""
    counted = await asyncio.gather(*(cache.count(key, LONG) for _ in range(20)))

    assert sorted(counted) == list(range(1, 21))


async def test_only_one_holds_a_lock(cache: Cache, key: str) -> None:
    """Whoever comes second waits until the first is done, and everybody gets a turn."""
    inside, most, done = 0, 0, 0

    async def work() -> None:
        nonlocal inside, most, done
        async with cache.lock(key):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1
        done += 1

    await asyncio.gather(*(work() for _ in range(8)))

    assert (most, done) == (1, 8)


async def test_another_lock_does_not_wait(cache: Cache, key: str) -> None:
    """Two talks never hold each other up."""
    async with cache.lock(key), asyncio.timeout(2), cache.lock(f"{key}-other"):
        pass


async def test_a_lock_is_free_after_a_failure(cache: Cache, key: str) -> None:
    """A turn that broke does not shut the resident out."""
    with pytest.raises(ZeroDivisionError):
        async with cache.lock(key):
            raise ZeroDivisionError
    async with asyncio.timeout(2), cache.lock(key):
        pass


async def test_news_reaches_every_subscriber_of_its_channel(cache: Cache, key: str) -> None:
    """Two listeners both hear it, in order; another channel hears nothing."""
    async with cache.subscribe(key) as one, cache.subscribe(key) as two, cache.subscribe(f"{key}-other") as other:
        for news in ("あ", "b"):
            await cache.publish(key, news)

        assert [await heard(one), await heard(one)] == ["あ", "b"]
        assert [await heard(two), await heard(two)] == ["あ", "b"]
        with pytest.raises(TimeoutError):
            await heard(other, seconds=0.2)


async def test_news_that_nobody_hears_is_no_error(cache: Cache, key: str) -> None:
    """Before anybody listens and after they left, publishing does nothing."""
    await cache.publish(key, "too early")
    async with cache.subscribe(key):
        pass
    await cache.publish(key, "too late")
    async with cache.subscribe(key) as news:
        await cache.publish(key, "now")

        assert await heard(news) == "now"


async def test_a_subscriber_hears_news_after_a_long_silence(cache: Cache, cache_url: str, key: str) -> None:
    """A resident who thinks for a while still gets the next reply: quiet is no failure of the connection."""
    silence = 0.1 if cache_url == "memory://" else 6  # longer than the 5 seconds that Redis may take to answer
    async with cache.subscribe(key) as news:
        waiting = asyncio.ensure_future(anext(news))
        await asyncio.sleep(silence)
        await cache.publish(key, "at last")

        assert await asyncio.wait_for(waiting, 2) == "at last"


async def test_a_cache_that_cannot_be_reached_says_so_in_its_own_words(key: str) -> None:
    """Whatever is asked of it, the error is one that callers know without knowing Redis."""
    cache = open_cache(f"redis://127.0.0.1:{free_port()}/0")
    asked = (cache.get(key), cache.put(key, 1, LONG), cache.drop(key), cache.count(key, LONG), cache.publish(key, "news"))
    for one in (*asked, entered(cache.lock(key)), entered(cache.subscribe(key))):
        with pytest.raises(CacheError, match="ConnectionError"):
            await one
    await cache.close()


async def entered(context: AbstractAsyncContextManager[object]) -> None:
    """Enter a context and leave it."""
    async with context:
        pass


@pytest.mark.parametrize("url", ["memcached://127.0.0.1", "", "redis", "redis://127.0.0.1:port/0"])
def test_an_address_that_is_no_cache_says_what_to_do(url: str) -> None:
    """The setting is named, with an example of a right one."""
    with pytest.raises(BotError) as caught:
        open_cache(url)

    assert "CACHE_URL" in caught.value.message
    assert "redis://host:port/0" in caught.value.hint


async def heard(news: AsyncIterator[str], seconds: float = 2) -> str:
    """Return the next news, soon."""
    return await asyncio.wait_for(anext(news), seconds)
