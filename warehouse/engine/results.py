"""What a process that ran dbt tells: how each node ended, and which of them the engine itself let down.

A query that is wrong, a check that does not hold, a full disk and a damaged file are none of the engine's
faults: trying again without its optimizer would not help, and they are left as they are.
"""

from __future__ import annotations

import signal
from collections.abc import Iterable
from dataclasses import dataclass, field

from warehouse.connections import DAMAGE_MARKS, FULL_MARKS

INTERNAL, INVALIDATED = ("INTERNAL Error", "FATAL Error"), "has been invalidated"
CRASHES = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE})
"""How a process ends that the engine brought down; a killed one (no memory, an operator) is not among them."""
DONE = ("success", "pass", "warn")
FAILED = ("error", "fail", "runtime error")


@dataclass(frozen=True)
class NodeResult:
    """How one seed, model or test ended; ``began`` and ``ended`` are the moments of its statements, in seconds."""

    unique_id: str
    name: str
    resource_type: str
    schema: str
    status: str
    message: str = ""
    failures: int = 0
    execution_time: float = 0.0
    began: float = 0.0
    ended: float = 0.0

    @property
    def has_failed(self) -> bool:
        return self.status in FAILED


@dataclass(frozen=True)
class EngineFault:
    """A node that ended in a fault of the engine, and how: its error's kind, or the signal of a crash."""

    node: str
    kind: str


@dataclass
class Attempt:
    """One process: results by unique id, the nodes that were running at its end, and the signal that ended it."""

    results: dict[str, NodeResult] = field(default_factory=dict)
    running: dict[str, str] = field(default_factory=dict)
    crash: str = ""

    def faults(self) -> list[EngineFault]:
        """The nodes that the engine let down; those that met a database already invalidated are not to blame."""
        if self.crash:
            return [EngineFault(name, self.crash) for name in sorted(self.running.values())]
        failed = [each for each in self.results.values() if each.has_failed]
        if any(mark in each.message for each in failed for mark in (*FULL_MARKS, *DAMAGE_MARKS)):
            return []
        told = [each for each in failed if is_engine_error(each.message)]
        first = [each for each in told if INVALIDATED not in each.message] or told
        return [EngineFault(each.name, kind_of(each.message)) for each in first]

    def broken(self) -> list[NodeResult]:
        """Failures that are no fault of the engine."""
        return [
            each for each in self.results.values() if each.has_failed and not is_engine_error(each.message)
        ]


def is_engine_error(message: str) -> bool:
    """Whether an error is one that the engine calls its own."""
    return INVALIDATED in message or any(mark in message for mark in INTERNAL)


def kind_of(message: str) -> str:
    """The kind alone: the rest of the text may quote a value."""
    return next((mark for mark in INTERNAL if mark in message), INTERNAL[1])


def names_done(results: Iterable[NodeResult]) -> list[str]:
    """The nodes that need not run again."""
    return sorted(each.name for each in results if each.status in DONE)
