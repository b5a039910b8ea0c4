"""Nobody's question takes the machine: each ends within its limits, and a neighbour's goes on beside it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from bombs import bombs
from break_in import EVERY, tried

from warehouse.query.run import query
from warehouse.query.turns import Turns
from warehouse.release.pointer import served
from warehouse.settings import PROJECT_ROOT, QueryLimits, load_settings
from warehouse.texts import Busy, Refused, Text

BOMBS = bombs()
LIMITS = QueryLimits(seconds=3, memory_mb=256, rows=100_000, result_mb=64)
MOST_SECONDS = 3 * LIMITS.seconds  # grace and the start of a process on a busy machine
NEIGHBOUR = "select region_code, count(*), sum(value) from indicator.value group by all order by all"


@pytest.fixture(scope="module")
def database(released_home: Path) -> Path:
    return served(load_settings(released_home)).database


def test_there_are_enough_of_them() -> None:
    assert len(set(BOMBS)) == len(BOMBS) >= 100


@pytest.mark.parametrize("number", tried(range(len(BOMBS)), 3))
def test_a_bomb_ends_within_its_limits(database: Path, number: int) -> None:
    before = database.read_bytes()
    started = time.monotonic()
    with suppress(Refused):
        answer = query(database, BOMBS[number], LIMITS)
        assert answer.table.num_rows <= LIMITS.rows
        assert answer.table.nbytes <= LIMITS.result_mb << 20
    assert time.monotonic() - started < MOST_SECONDS
    assert database.read_bytes() == before


def test_a_large_result_is_cut_and_takes_no_memory_of_the_pages(database: Path) -> None:
    before = _private_bytes()
    answer = query(database, "select i, md5(i::varchar) as text from range(100000000) as t (i)", LIMITS)
    assert answer.table.num_rows == LIMITS.rows
    assert answer.cut is not None
    assert "100,000" in answer.cut.en
    assert answer.table["i"][99_999].as_py() == 99_999
    bytes_cut = query(
        database,
        "select repeat('x', 10000) as text from range(100000)",
        QueryLimits(seconds=20, memory_mb=512, result_mb=64),
    )
    assert bytes_cut.cut is not None
    assert 0 < bytes_cut.table.nbytes <= 64 << 20
    assert _private_bytes() - before < 48 << 20


def _private_bytes() -> int:
    """The memory of this process that is its own, and not a file's that it reads."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


def test_an_account_has_one_query_at_a_time() -> None:
    turns = Turns(at_once=2, patience=0.2)
    with turns.taken("a"):
        with pytest.raises(Busy, match="另一条"), turns.taken("a"):
            pytest.fail("a second query of the same account began")
        with turns.taken("b"):
            told: list[Text] = []
            with pytest.raises(Busy, match="2 条查询"), turns.taken("c", told.append):
                pytest.fail("a third query began")
            assert len(told) == 1
    with turns.taken("a"), turns.taken("c"):
        pass


def test_who_waits_comes_next() -> None:
    turns = Turns(at_once=1, patience=10)
    order: list[str] = []

    def wait() -> None:
        with turns.taken("b", lambda _: order.append("told")):
            order.append("b")

    with turns.taken("a"):
        waiting = threading.Thread(target=wait)
        waiting.start()
        while not order:
            time.sleep(0.01)
        order.append("a ends")
    waiting.join(10)
    assert order == ["told", "a ends", "b"]


@contextmanager
def _bombed(database: Path, bomb: str) -> Iterator[None]:
    """A bomb that goes off again and again beside what is done here."""
    is_over = threading.Event()

    def throw() -> None:
        while not is_over.is_set():
            try:
                query(database, bomb, LIMITS)
            except Refused:
                continue

    thrower = threading.Thread(target=throw)
    thrower.start()
    try:
        yield
    finally:
        is_over.set()
        thrower.join()


def _seconds(database: Path) -> float:
    started = time.perf_counter()
    query(database, NEIGHBOUR, QueryLimits())
    return time.perf_counter() - started


@pytest.mark.skipif(not EVERY, reason="a measurement: make break-in")
@pytest.mark.parametrize(
    "bomb", [BOMBS[0], BOMBS[15], "select list(md5(i::varchar)) from range(1000000000) as t (i)"]
)
def test_a_neighbour_keeps_its_time(database: Path, bomb: str) -> None:
    """Measured in turns, alone and beside a bomb of another account that has the machine's both processors."""
    alone, beside = [], []
    for _ in range(3):
        alone += [_seconds(database) for _ in range(4)]
        with _bombed(database, bomb):
            time.sleep(LIMITS.seconds / 2)
            beside += [_seconds(database) for _ in range(4)]
    print(
        f"alone {statistics.median(alone):.2f} s, beside {statistics.median(beside):.2f} s, {os.cpu_count()} cpus"
    )
    assert statistics.median(beside) <= 1.5 * statistics.median(alone)


def test_a_less_urgent_process_stays_less_urgent(database: Path) -> None:
    """Pages that were started with ``nice`` answer too: nobody but root may become more urgent again."""
    program = (
        "import os, sys; os.nice(15)\n"
        "from pathlib import Path\n"
        "from warehouse.query import run\n"
        "from warehouse.settings import QueryLimits\n"
        "told, said = [], run._said\n"
        "run._said = lambda words: told.append(words) or said(words)\n"
        "sql = 'select sleep_ms(1500) is null as slept'\n"
        "print(run.query(Path(sys.argv[1]), sql, QueryLimits(seconds=20)).table.num_rows, told)\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program, str(database)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(PROJECT_ROOT)},
        check=False,
    )
    assert finished.stdout == "1 [b'{}\\n']\n", finished.stderr
