"""The desk where passwords are checked: how often one address or account may ask, and how many wait at once.

A check takes 64 MB and all processors for a moment. Without a desk of its own a few dozen attempts would occupy
every thread that the pages answer with.
"""

from __future__ import annotations

import asyncio
import math
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

from warehouse.texts import Text

LONGEST_QUEUE = 3
KEPT = 10_000
LATER_SECONDS = 2
NICENESS = 5  # pages go before logins
Outcome = TypeVar("Outcome")

BUSY = Text(
    "登录的人太多，请过几秒再试。",
    "Too many logins at this moment; try again in a few seconds.",
)


class Later(Exception):
    """Nothing was checked; come again after ``seconds``."""

    def __init__(self, seconds: int, text: Text) -> None:
        super().__init__(str(text))
        self.seconds = seconds
        self.text = text


@dataclass
class Throttle:
    """Tokens per key: ``burst`` at once, then one every ``seconds``. The least used keys are forgotten first."""

    burst: int
    seconds: float
    clock: Callable[[], float] = time.monotonic
    _tokens: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, key: str) -> int:
        """Take a token; gives 0, or after how many whole seconds there will be one."""
        with self._lock:
            left = self._left(key)
            if left < 1:
                self._keep(key, left)
                return max(1, math.ceil((1 - left) * self.seconds))
            self._keep(key, left - 1)
            return 0

    def give_back(self, key: str) -> None:
        """What was taken for a good login does not count."""
        with self._lock:
            self._keep(key, min(float(self.burst), self._left(key) + 1))

    def _left(self, key: str) -> float:
        left, at = self._tokens.get(key, (float(self.burst), self.clock()))
        return min(float(self.burst), left + (self.clock() - at) / self.seconds)

    def _keep(self, key: str, left: float) -> None:
        self._tokens[key] = (left, self.clock())
        self._tokens.move_to_end(key)
        while len(self._tokens) > KEPT:
            self._tokens.popitem(last=False)


@dataclass
class Desk:
    """One check at a time, a short queue, and a throttle per address and per account."""

    addresses: Throttle = field(default_factory=lambda: Throttle(20, 3))
    accounts: Throttle = field(default_factory=lambda: Throttle(20, 15))
    _waiting: int = 0
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, "desk", initializer=_step_back)
    )

    async def check(self, address: str, account: str, look: Callable[[], Outcome]) -> Outcome:
        """What ``look`` gives; ``Later`` at once when the queue is full or the address or account asks too often.

        A good outcome is not counted against the address, which many share behind a proxy.
        """
        if self._waiting >= LONGEST_QUEUE:
            raise Later(LATER_SECONDS, BUSY)
        for throttle, key in ((self.addresses, address), (self.accounts, account)):
            seconds = throttle.take(key)
            if seconds:
                raise Later(seconds, _too_often(seconds))
        self._waiting += 1
        try:
            outcome = await asyncio.get_running_loop().run_in_executor(self._thread, look)
        finally:
            self._waiting -= 1
        self.addresses.give_back(address)
        return outcome


def _step_back() -> None:
    """Give this thread, and those that the hash starts from it, less of the processors; Linux alone can."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def _too_often(seconds: int) -> Text:
    return Text(
        f"尝试太频繁，请 {seconds} 秒后再试。",
        f"Too many attempts; try again in {seconds} seconds.",
    )
