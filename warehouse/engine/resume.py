"""A build that goes on where the engine let it down: in a fresh process, the failed nodes without the optimizer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.engine.attempt import Request, attempt
from warehouse.engine.results import Attempt, EngineFault, NodeResult, names_done
from warehouse.settings import Settings
from warehouse.texts import Text

Say = Callable[[Text], None]
SHOWN = 5


@dataclass
class Built:
    """The last result of every node, the faults of the engine, and the nodes that failed without the optimizer too."""

    results: dict[str, NodeResult] = field(default_factory=dict)
    faults: list[EngineFault] = field(default_factory=list)
    hopeless: list[EngineFault] = field(default_factory=list)


def build_despite_the_engine(
    settings: Settings,
    project: tuple[Path, Path],
    select: str,
    warn: Say | None = None,
    count: Callable[[int], None] | None = None,
) -> Built:
    """Build the selection (all if empty); hold the writer's lock around it.

    What a node that was let down had begun is undone: its transaction was never committed. So a table is as
    it was before, and its new build begins from there. Each round runs more nodes without the optimizer, so
    it ends; a node that fails without it is given up.
    """
    built = Built()
    now = attempt(settings, project, Request(select), count)
    built.results |= now.results
    while faults := _mendable(now, built):
        built.faults += faults
        names = sorted({each.node for each in faults})
        if warn:
            warn(_goes_on(faults, names))
        mended = attempt(settings, project, Request(only=names, is_optimised=False), count)
        built.results |= mended.results
        if mended.faults() or mended.broken():
            built.hopeless = mended.faults()
            return built
        done = names_done(built.results.values())
        now = attempt(settings, project, Request(select, done=done), count)
        built.results |= now.results
    built.hopeless = now.faults()
    return built


def _mendable(now: Attempt, built: Built) -> list[EngineFault]:
    """The faults worth another process: not beside a failure of the build's own, and not of a node twice."""
    faults = now.faults()
    known = {each.node for each in built.faults}
    if now.broken() or any(each.node in known for each in faults):
        return []
    return faults


def _goes_on(faults: list[EngineFault], names: list[str]) -> Text:
    more = f" +{len(names) - SHOWN}" if len(names) > SHOWN else ""
    kinds = ", ".join(sorted({each.kind for each in faults}))
    return Text(
        f"警告：数据库引擎出错（{kinds}）：{'、'.join(names[:SHOWN])}{more}。"
        "换一个新进程继续建库，这些节点不用优化器；结果照常检验。",
        f"Warning: the database engine failed ({kinds}) in {', '.join(names[:SHOWN])}{more}. "
        "The build goes on in a fresh process, these nodes without the optimizer; every check still runs.",
    )
