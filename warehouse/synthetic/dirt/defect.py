"""What one planted defect is, and the table the answers stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

# what the loader must make of a planted row, or of a file
Expected = Literal[
    "accepted",
    "repaired",
    "duplicate",
    "reject",
    "wait",
    "blank",
    "warn",
    "total",
    "set_aside",
    "file_accepted",
    "file_refused",
    "known",
]
# changed: a row of the file is written otherwise; new: a further row with a key of its own;
# again: a further row with the key of a row that stays; pair: two further rows sharing one new key;
# line: a further line that is no record of the feed
Kind = Literal["changed", "new", "again", "pair", "line"]

ANSWER_DDL = """
create or replace table dirt.answer (
    file varchar not null,
    feed varchar not null,
    record bigint,
    code varchar not null,
    "column" varchar,
    kind varchar not null,
    expected varchar not null,
    rule varchar,
    note varchar
)
"""


@dataclass(frozen=True)
class Defect:
    """Rows of one feed to be spoiled in one way.

    ``change`` maps columns to SQL for their new text, over the typed columns of the row; ``where`` says
    which rows may be taken. ``column`` and ``rule`` are what the loader should name. A row that is refused
    is always a further row, so that what is accepted stays what a clean delivery would have given.
    ``share_limit`` is the share of a file's rows from which a rule of the whole batch would refuse it.
    """

    code: str
    feed: str
    column: str
    change: Mapping[str, str]
    expected: Expected
    note: str
    rule: str = ""
    where: str = "true"
    rows: int = 2
    kind: Kind = "changed"
    share_limit: float = 0.01


def repaired(
    feed: str, code: str, column: str, text: str, note: str, where: str = "true", rows: int = 2
) -> Defect:
    """A value that stays and is only written in another way."""
    return Defect(code, feed, column, {column: text}, "repaired", note, where=where, rows=rows)


def accepted(
    feed: str, code: str, column: str, text: str, note: str, where: str = "true", rows: int = 2
) -> Defect:
    """An unusual value that has to be taken as it is."""
    return Defect(code, feed, column, {column: text}, "accepted", note, where=where, rows=rows)


def warned(
    feed: str, code: str, column: str, rule: str, text: str, note: str, where: str = "true", rows: int = 2
) -> Defect:
    """A value that is taken and reported."""
    return Defect(code, feed, column, {column: text}, "warn", note, rule, where, rows)


def refused(
    feed: str,
    code: str,
    column: str,
    rule: str,
    change: Mapping[str, str],
    note: str,
    where: str = "true",
    rows: int = 2,
) -> Defect:
    """A further row that has to be kept out for one reason."""
    return Defect(code, feed, column, change, "reject", note, rule, where, rows, "new")
