"""LINE's rate limits, kept on our side: requests wait their turn instead of being refused (L-24)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

# Requests and the seconds in which they are allowed, by kind of request.
RATES: Mapping[str, tuple[int, float]] = {
    "general": (2000, 1.0),
    "loading": (100, 1.0),
    "multicast": (200, 1.0),
    "rich-menu": (100, 3600.0),
    "rich-menu-batch": (3, 3600.0),
    "webhook-setting": (1000, 60.0),
    "statistics": (60, 3600.0),
}


@dataclass
class Pace:
    """A bucket for each kind of request: as many at once as a window allows, then at its average rate."""

    rates: Mapping[str, tuple[int, float]] = field(default_factory=lambda: RATES)
    _free: dict[str, tuple[float, float]] = field(default_factory=dict)

    async def wait(self, kind: str) -> None:
        """Return when one more request of this kind may leave."""
        seconds = self.delay(kind, asyncio.get_running_loop().time())
        if seconds > 0:
            await asyncio.sleep(seconds)

    def delay(self, kind: str, now: float) -> float:
        """Count one request and return the seconds to wait before it may leave. `now` is any steady clock."""
        most, window = self.rates[kind]
        left, since = self._free.get(kind, (float(most), now))
        left = min(float(most), left + (now - since) * most / window) - 1
        self._free[kind] = (left, now)
        return max(0.0, -left * window / most)
