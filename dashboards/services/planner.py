"""The planner page: the targets of the plan, their newest figures and verdicts, and the tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from dashboards import formats
from dashboards.i18n import GOALS, say, translated
from dashboards.services.leader import PUBLISHED, SYNTHETIC
from dashboards.services.records import fetch

UNCLEAR = "AMBIGUOUS"


@dataclass(frozen=True)
class PlanCounts:
    """How many targets there are, and how many can be said something about."""

    targets: int
    with_figures: int
    unclear: int
    binding: int


@dataclass(frozen=True)
class VerdictCount:
    """How many targets have one verdict."""

    auto_status: str
    status: str
    targets: int


@dataclass(frozen=True)
class PlanRow:
    """One row of the plan table with its newest figure and verdict."""

    row_no: int
    category: str
    name: str
    attribute: str
    kind: str
    cell_status: str
    baseline: str
    target: str
    raw_text: str | None
    shown_actual: Decimal | None
    actual_qualifier: str | None
    data_origin: str
    actual_basis: str | None
    year_start: date | None
    as_of_date: date | None
    decimals: int | None
    unit: str | None
    elapsed_rate: Decimal | None
    progress_rate: Decimal | None
    auto_status: str
    status: str
    reason: str | None
    goal: str | None
    owner: str | None
    document: str | None
    denominator_spec: str | None
    tolerance_note: str | None
    evidence_note: str | None
    source: str | None
    file_name: str | None
    record_number: int | None

    @property
    def is_of_feeds(self) -> bool:
        """Whether the newest figure is the feeds', because none is published."""
        return self.data_origin != PUBLISHED

    @property
    def is_unclear(self) -> bool:
        """Whether the cell of the plan table cannot be read."""
        return self.cell_status == UNCLEAR

    def actual(self, lang: str) -> str:
        """The newest published value as text, bounds as printed; empty where there is none."""
        if self.as_of_date is None:
            return ""
        return formats.value(
            self.shown_actual, self.actual_qualifier, self.decimals or 0, self.unit or "", lang
        )

    def actual_period(self, lang: str) -> str:
        """The period of the newest published value; empty where there is none."""
        if self.as_of_date is None or self.year_start is None or self.actual_basis is None:
            return ""
        return formats.period(self.actual_basis, self.year_start, self.as_of_date, lang)

    def printed(self, text: str, lang: str) -> str:
        """A base or target as printed; in English, translated where its form is known."""
        return formats.qualifier(translated(GOALS, text, lang), lang)


@dataclass(frozen=True)
class PlanItem:
    """A task, a special column of the plan, or an item of one."""

    item_id: str
    level: str
    parent_id: str | None
    name: str
    kind: str
    due_date: date | None
    indicators: str | None


@dataclass(frozen=True)
class Board:
    """The plan as the page shows it."""

    title: str
    verdicts: tuple[VerdictCount, ...]
    rows: tuple[PlanRow, ...]

    @property
    def has_synthetic(self) -> bool:
        """Whether a figure of the board describes no real place."""
        return any(row.data_origin == SYNTHETIC for row in self.rows)

    def filtered(self, attribute: str, verdict: str) -> tuple[PlanRow, ...]:
        """The rows with this attribute and verdict; ``all`` asks for any."""
        return tuple(
            row
            for row in self.rows
            if attribute in ("all", row.attribute) and verdict in ("all", row.auto_status)
        )


def load_board(connection: duckdb.DuckDBPyConnection, lang: str) -> Board:
    """All targets of the plan, with the title that states the counts."""
    counts = fetch(connection, "planner_count", PlanCounts)[0]
    return Board(
        title=say(
            "planner.title",
            lang,
            targets=counts.targets,
            with_figures=counts.with_figures,
            unclear=counts.unclear,
        ),
        verdicts=tuple(fetch(connection, "planner_status_count", VerdictCount, lang)),
        rows=tuple(fetch(connection, "planner_board", PlanRow, lang)),
    )


def load_items(connection: duckdb.DuckDBPyConnection, lang: str) -> tuple[PlanItem, ...]:
    """The tasks, special columns and items of the plan, in their order."""
    return tuple(fetch(connection, "planner_item", PlanItem, lang))
