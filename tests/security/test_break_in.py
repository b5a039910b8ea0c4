"""The suite tries a few attacks of each list, evenly; the rest wait for ``make break-in``."""

from __future__ import annotations

import break_in
import pytest
from break_in import tried


def test_a_few_attacks_are_spread_over_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(break_in, "EVERY", False)
    assert tried(range(100), 4) == [0, 25, 50, 75]
    assert tried(["one"], 4) == ["one"]
    monkeypatch.setattr(break_in, "EVERY", True)
    assert tried(range(100), 4) == list(range(100))
