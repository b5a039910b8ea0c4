"""Which files of a province are spoiled, and with what.

The last year's months carry the dirt, so that a build has years of good data before them. Feeds with few
rows a month are spoiled in the file of a closed year, feeds of states in their first, full file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of
from warehouse.synthetic.dirt import late, settlements, total
from warehouse.synthetic.dirt.contributions import CONTRIBUTIONS
from warehouse.synthetic.dirt.defect import ANSWER_DDL, Defect
from warehouse.synthetic.dirt.money import ACCOUNTS, CLEARINGS, FEES, FUND_LINES, INSTITUTIONS, RENAMINGS
from warehouse.synthetic.dirt.people import ENROLMENTS, PERSONS, ROSTER
from warehouse.synthetic.dirt.period import last_months, period_of
from warehouse.synthetic.dirt.spoil import SPACING, read_rows, spoil
from warehouse.synthetic.dirt.total import with_totals
from warehouse.synthetic.export import FeedFile
from warehouse.synthetic.plan import Plan

# of a file's rows at most one in so many may be planted for refusal: the loader's limit is one in a hundred
ROWS_A_REFUSAL = 125
# a longer file is cut, so that only its beginning is rewritten as text
LONGEST, CUT_AT = 200_000, 50_000

STATES: dict[str, tuple[Defect, ...]] = {
    "person": PERSONS,
    "enrolment": ENROLMENTS,
    "institution": INSTITUTIONS,
}
YEARLY: dict[str, tuple[Defect, ...]] = {
    "assisted_roster": ROSTER,
    "fund_ledger": ACCOUNTS,
    "clearing": CLEARINGS,
    "institution": RENAMINGS,
}
# by place of the month among those of the last year
MONTHLY: dict[str, dict[int, tuple[Defect, ...]]] = {
    "contribution": {0: CONTRIBUTIONS},
    "fee_summary": {0: FEES},
    "settlement": {
        0: settlements.SPELLINGS + settlements.WARNINGS,
        1: (*settlements.REFUSALS, *settlements.ROWS, settlements.LATE_ORIGINAL),
    },
    "settlement_fund_line": {1: FUND_LINES},
}


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Attach ``dirt``, a database in memory that remembers what was planted."""
    connection.execute("attach ':memory:' as dirt")
    connection.execute(ANSWER_DDL)
    connection.execute(
        'create or replace table dirt.spoiled (feed varchar, name varchar, "table" varchar, delivered_on date)'
    )
    late.prepare(connection)
    total.prepare(connection)


def plant(connection: duckdb.DuckDBPyConnection, plan: Plan, files: Sequence[FeedFile]) -> list[FeedFile]:
    """The files to be written instead of ``files``; what was planted goes to ``dirt.answer``."""
    held_back = late.hold_back(connection, plan, files)
    result: list[FeedFile] = []
    for file in held_back:
        defects = _defects_of(plan, file)
        if defects:
            result += _spoiled(connection, plan, file, defects)
        else:
            result += with_totals(connection, plan, file)
    return result


def _defects_of(plan: Plan, file: FeedFile) -> list[Defect]:
    months = last_months(plan)
    wanted: list[Defect] = []
    if period_of(file) == plan.before.name:
        wanted += STATES.get(file.feed, ())
    if period_of(file) == _closed_period(plan):
        wanted += YEARLY.get(file.feed, ())
    for place, defects in MONTHLY.get(file.feed, {}).items():
        if period_of(file) == months[min(place, len(months) - 1)]:
            wanted += defects
    return wanted


def _closed_period(plan: Plan) -> str:
    has_closed_year = len(plan.years) > 1 and not plan.has_monthly_files
    return str(plan.last.year - 1) if has_closed_year else last_months(plan)[0]


def _within_limits(defects: Sequence[Defect], rows: int) -> list[Defect]:
    """No more refusals than the file can bear; where not all fit, each defect is planted once."""
    budget = rows // ROWS_A_REFUSAL
    refusals = [each for each in defects if each.expected in ("reject", "wait")]
    are_few = sum(each.rows for each in refusals) <= budget
    kept = []
    for defect in defects:
        if defect in refusals:
            allowed = int(min(defect.rows if are_few else 1, budget, rows * defect.share_limit))
            if allowed < 1:
                continue
            budget -= allowed * (2 if defect.kind == "pair" else 1)
            defect = replace(defect, rows=allowed)
        kept.append(defect)
    return kept


def _spoiled(
    connection: duckdb.DuckDBPyConnection, plan: Plan, file: FeedFile, defects: Sequence[Defect]
) -> list[FeedFile]:
    rows = read_rows(connection, plan, file, LONGEST + 1)
    if rows <= LONGEST:
        return [spoil(connection, file, _within_limits(defects, rows))]
    # rows of one settlement, person or institution stay in one file: the cut is between two first keys
    key = next(each.name for each in columns_of(FEEDS[file.feed]) if each.is_key)
    stem, suffix = file.name.split(".", 1)
    last = connection.execute(f"select {key} from base where _place = {CUT_AT} * {SPACING}").fetchall()[0][0]
    value = str(last).replace("'", "''")
    connection.execute(f"delete from base where {key} > '{value}'")
    rest = replace(
        file,
        name=f"{stem}_part2.{suffix}",
        query=f"select * from ({file.query}) where {key} > '{value}' order by {_keys(file.feed)}",
    )
    beginning = replace(file, name=f"{stem}_part1.csv")
    return [spoil(connection, beginning, _within_limits(defects, CUT_AT)), rest]


def _keys(feed: str) -> str:
    return ", ".join(each.name for each in columns_of(FEEDS[feed]) if each.is_key)
