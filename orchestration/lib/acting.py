"""Who asked for a run: an operator on Dagster's page, whose name the run carries, or the clock and the sensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from warehouse.control.actor import Actor, acting_as

ACTOR_TAG = "yibao/actor"
OWN_TAGS = "yibao/"
CHANNEL = "dagster"


@contextmanager
def acting_for(tags: Mapping[str, str]) -> Iterator[None]:
    """Decisions within are those of the operator who asked for the run; without one, the process's own.

    The webserver alone writes this tag, over whatever a client sends (``orchestration.webserver``).
    """
    name = tags.get(ACTOR_TAG)
    if name is None:
        yield
    else:
        with acting_as(Actor(name, CHANNEL)):
            yield
