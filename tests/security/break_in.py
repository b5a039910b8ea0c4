"""Which attacks a run tries: all of them in ``make break-in``, a few of each kind in the suite."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

EVERY = os.environ.get("YIBAO_BREAK_IN") == "every"  # make break-in

Attack = TypeVar("Attack")


def tried(attacks: Sequence[Attack], few: int) -> list[Attack]:
    """All attacks in ``make break-in``; else ``few`` of them, spread evenly over the list."""
    if EVERY or len(attacks) <= few:
        return list(attacks)
    return [attacks[position * len(attacks) // few] for position in range(few)]
