"""SQL expressions that recur in the smaller feeds."""

from __future__ import annotations


def yuan(amount: str) -> str:
    """An amount rounded to fen, as contracts have it."""
    return f"cast(round({amount}, 2) as decimal(16, 2))"


def whole(number: str) -> str:
    """A number without its fraction."""
    return f"cast(floor({number}) as integer)"


def padded(number: str, width: int) -> str:
    """A number as text with leading zeros."""
    return f"lpad(cast({number} as varchar), {width}, '0')"
