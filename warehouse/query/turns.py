"""Whose query runs: one of an account at a time, and few in all, so that nobody's tabs take the machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from warehouse.texts import Busy, Text

AT_ONCE = 3
PATIENCE_SECONDS = 30.0


class Turns:
    """The queries that run now, by account."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE_SECONDS) -> None:
        self._at_once = at_once
        self._patience = patience
        self._running: set[str] = set()
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, account: str, say: Callable[[Text], None] | None = None) -> Iterator[None]:
        """Run as ``account``'s one query; who must wait for others is told, and ``Busy`` when it takes too long."""
        with self._changed:
            if account in self._running:
                raise Busy(
                    "您的另一条查询还在运行；请等它结束，或在它的页面上看结果。",
                    "Another query of yours is still running; wait for it to end, or see its result on its page.",
                )
            if len(self._running) >= self._at_once:
                self._wait(say)
            if account in self._running:
                raise Busy("您的另一条查询刚刚开始。", "Another query of yours has just begun.")
            self._running.add(account)
        try:
            yield
        finally:
            with self._changed:
                self._running.discard(account)
                self._changed.notify_all()

    def _wait(self, say: Callable[[Text], None] | None) -> None:
        if say:
            say(
                Text(
                    f"有 {self._at_once} 条查询正在运行，排队等候，最多 {self._patience:.0f} 秒…",
                    f"{self._at_once} queries are running; waiting for one to end, {self._patience:.0f} s at most…",
                )
            )
        deadline = time.monotonic() + self._patience
        while len(self._running) >= self._at_once:
            if not self._changed.wait(max(0.0, deadline - time.monotonic())) and time.monotonic() >= deadline:
                raise Busy(
                    f"等了 {self._patience:.0f} 秒，仍有 {self._at_once} 条查询在运行；请稍后再试。",
                    f"{self._at_once} queries are still running after {self._patience:.0f} s; try again later.",
                )
