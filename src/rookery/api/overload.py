"""When a process has more to do than it can: refuse early, writes before reads, and recover by itself."""

import asyncio
import time
from collections import deque
from typing import Final

from rookery.domain.limits import Limits

SAMPLE_S: Final = 0.1
"""How often the event loop's delay is measured."""
_SAMPLES: Final = 3
_READING_METHODS: Final = frozenset(("GET", "HEAD", "OPTIONS"))


class LoopDelay:
    """How long work waits for its turn on the event loop, as long as it goes on waiting.

    One long step is no overload: what counts is the smallest of the last few measurements (the idea of CoDel,
    RFC 8289). Requests to SQLite never wait within themselves, so a queue of them shows here and in no counter.
    """

    def __init__(self) -> None:
        """Start without delay."""
        self.standing_ms = 0.0
        self._last_ms: deque[float] = deque([0.0] * _SAMPLES, maxlen=_SAMPLES)

    async def measure(self) -> None:
        """Measure until cancelled."""
        while True:
            due = time.perf_counter() + SAMPLE_S
            await asyncio.sleep(SAMPLE_S)
            self._last_ms.append(max(0.0, time.perf_counter() - due) * 1000)
            self.standing_ms = min(self._last_ms)


class Admission:
    """Decides whether one more request is let in."""

    def __init__(self, limits: Limits, delay: LoopDelay) -> None:
        """Take the bounds and the measured delay."""
        self._limits = limits
        self._delay = delay

    def is_open(self, method: str, *, in_flight: int) -> bool:
        """Tell whether a request of this method may enter beside those in flight."""
        limits, delay_ms = self._limits, self._delay.standing_ms
        if method in _READING_METHODS:
            return in_flight < limits.requests_in_flight_max and delay_ms < limits.read_delay_ms_max
        return in_flight < limits.requests_in_flight_max // 2 and delay_ms < limits.write_delay_ms_max
