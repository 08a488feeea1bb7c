"""Whether this process's wall clock keeps step with the time that passes.

Silence counts by the wall clock, and a wall clock can be set. One that ran away from the time since the
process began moves nothing until it is put right or the process starts again; what lies between two
lives of the process is the business of `heartbeat`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.calendar import real_now


def passed() -> float:
    """Seconds that nobody can set; a machine that was suspended counts them too where that is known."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


@dataclass(frozen=True)
class Pace:
    """Measured from when it was made."""

    longest_gap: timedelta
    wall: Callable[[], datetime] = real_now
    steady: Callable[[], float] = passed
    _began: tuple[datetime, float] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_began", (self.wall(), self.steady()))

    def drift(self) -> timedelta:
        """How far the wall clock is ahead of the time that passed; negative when it is behind."""
        began, since = self._began
        return (self.wall() - began) - timedelta(seconds=self.steady() - since)

    def is_kept(self) -> bool:
        return abs(self.drift()) <= self.longest_gap
