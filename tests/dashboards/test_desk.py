"""The desk: how often one may ask, who waits, and who is sent away at once."""

from __future__ import annotations

import asyncio
import threading

import pytest

from dashboards import desk
from dashboards.desk import BUSY, LONGEST_QUEUE, Desk, Later, Throttle


def test_tokens_come_back_one_by_one() -> None:
    now = [0.0]
    throttle = Throttle(2, 10, lambda: now[0])
    assert [throttle.take("a") for _ in range(3)] == [0, 0, 10]
    assert throttle.take("b") == 0
    now[0] = 4.0
    assert throttle.take("a") == 6
    now[0] = 10.0
    assert [throttle.take("a") for _ in range(2)] == [0, 10]
    throttle.give_back("a")
    assert throttle.take("a") == 0


def test_no_more_than_a_number_of_keys_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "KEPT", 5)
    throttle = Throttle(1, 10)
    for position in range(50):
        throttle.take(f"address {position}")
    assert len(throttle._tokens) == 5


def test_who_comes_when_the_queue_is_full_is_sent_away_at_once() -> None:
    free = threading.Event()
    asked = Desk()

    async def ask(position: int) -> str:
        try:
            await asked.check(f"address {position}", f"account {position}", free.wait)
        except Later as later:
            free.set()
            return "later" if later.text == BUSY else "too often"
        return "checked"

    async def all_at_once() -> list[str]:
        return await asyncio.gather(*map(ask, range(10)))

    assert asyncio.run(all_at_once()) == ["checked"] * LONGEST_QUEUE + ["later"] * (10 - LONGEST_QUEUE)


def test_a_good_login_is_not_counted_against_an_address_that_many_share() -> None:
    asked = Desk(Throttle(3, 60), Throttle(100, 60))

    async def log_in(times: int) -> None:
        for position in range(times):
            await asked.check("proxy", f"account {position}", lambda: "token")

    asyncio.run(log_in(20))


def test_failures_of_an_address_are_counted_whatever_the_name() -> None:
    asked = Desk(Throttle(3, 60), Throttle(100, 60))

    def fail() -> None:
        raise ValueError

    async def spray() -> list[type]:
        found = []
        for position in range(5):
            with pytest.raises((ValueError, Later)) as caught:
                await asked.check("one", f"name {position}", fail)
            found.append(caught.type)
        return found

    assert asyncio.run(spray()) == [ValueError] * 3 + [Later] * 2
