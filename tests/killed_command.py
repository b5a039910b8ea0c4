"""Commands in a process of their own that kills itself at a named step, or is killed from outside.

The processes are forked from one that has imported everything, so that a start costs no seconds.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce, wraps
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

KILLED = -signal.SIGKILL
IMPORTED_ONCE = [
    "alembic.command",
    "alembic.ddl.sqlite",
    "dbt.adapters.duckdb",
    "dbt.cli.main",
    "duckdb",
    "numpy",
    "opencc",
    "pandas",
    "pyarrow.parquet",
    "sqlalchemy.dialects.sqlite",
    "warehouse.cli",
    "warehouse.home",
    "warehouse.ingest.deliver",
    "warehouse.ingest.reconcile",
    "warehouse.ingest.recover",
]


@dataclass(frozen=True)
class Step:
    """The moment of a kill: before or after call number ``call`` of a function whose arguments hold a text.

    ``function`` is written ``module:name`` or ``module:Class.name``.
    """

    function: str
    moment: str = "before"
    holding: str = ""
    call: int = 1

    def __str__(self) -> str:
        holding = f"({self.holding})" if self.holding else ""
        return f"{self.moment} {self.function.split(':')[1]}{holding} #{self.call}"


@dataclass(frozen=True)
class Finished:
    """How a command ended; ``code`` is ``KILLED`` when it was."""

    code: int
    said: str


def processes() -> ForkServerContext:
    """Where commands are forked from."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED_ONCE)
    return context


def start(home: Path, arguments: list[str], step: Step | None = None) -> ForkServerProcess:
    """``yibao`` with these arguments on a home."""
    _log_of(home).touch()
    process = processes().Process(target=_run, args=(home, arguments, step))
    process.start()
    return process


def finish(process: ForkServerProcess, home: Path) -> Finished:
    """Wait for the end of a command and read what it said."""
    process.join()
    assert process.exitcode is not None
    return Finished(process.exitcode, _log_of(home).read_text(encoding="utf-8"))


def command(home: Path, *arguments: str | Path, step: Step | None = None) -> Finished:
    """Run ``yibao`` with these arguments to its end, however it ends."""
    return finish(start(home, [str(each) for each in arguments], step), home)


def _log_of(home: Path) -> Path:
    return home.with_suffix(".said")


def _run(home: Path, arguments: list[str], step: Step | None) -> None:
    with _log_of(home).open("w") as stream:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)
    os.environ |= {"YIBAO_HOME": str(home), "YIBAO_LANG": "zh"}
    sys.argv = ["yibao", *arguments]
    if step:
        _arm(step)
    from warehouse.cli import main

    main()


def _arm(step: Step) -> None:
    """Replace the function wherever a module of ours holds it."""
    module_name, path = step.function.split(":")
    owner: Any = importlib.import_module(module_name)
    *outer, name = path.split(".")
    owner = reduce(getattr, outer, owner)
    original = getattr(owner, name)
    fatal = _fatal(original, step)
    setattr(owner, name, fatal)
    for module in [each for key, each in sys.modules.items() if key.startswith("warehouse.")]:
        for held, value in list(vars(module).items()):
            if value is original:
                setattr(module, held, fatal)


def _fatal(original: Callable[..., Any], step: Step) -> Callable[..., Any]:
    calls = 0

    @wraps(original)
    def call(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += step.holding in repr((arguments, options))
        is_due = calls == step.call and step.holding in repr((arguments, options))
        if is_due and step.moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **options)
        if is_due:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return call
