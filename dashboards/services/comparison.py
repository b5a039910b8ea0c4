"""Two releases side by side: which figures differ, from what to what, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from dashboards.formats import MINUS, day
from dashboards.i18n import COLUMN_HEADS, FEED_UNITS, known, pick, say
from dashboards.services.records import fetch
from dashboards.services.words import Words
from warehouse.release.changes import REASONS, difference_of
from warehouse.release.pointer import Release
from warehouse.texts import Text

SHOWN = 200
EVERY = "all"


@dataclass(frozen=True)
class Named:
    """The name of an indicator or of a region."""

    code: str
    name: str


@dataclass(frozen=True)
class Difference:
    """One figure that differs; values in the unit of the database, not rounded."""

    metric: str
    metric_key: str
    variant: str
    region: str
    scheme: str
    scope: str
    origin: str
    period: str
    old_value: str
    new_value: str
    statuses: str
    deliveries: str
    reason: str


@dataclass(frozen=True)
class Comparison:
    """The differences between two releases, in the file that the visitor may see."""

    old: str
    new: str
    table: pa.Table

    @property
    def counts(self) -> Mapping[str, int]:
        """How many figures differ for each reason, in the order of ``REASONS``."""
        found = {row["values"]: row["counts"] for row in pc.value_counts(self.table["reason"]).to_pylist()}
        return {reason: found[reason] for reason in REASONS if reason in found}

    def of(self, reason: str) -> pa.Table:
        """The rows with a reason, or every row."""
        return self.table if reason == EVERY else self.table.filter(pc.equal(self.table["reason"], reason))

    def export(self, reason: str, lang: str) -> pa.Table:
        """The rows with column heads in ``lang`` and the reasons in words."""
        rows = self.of(reason)
        words = pa.array([reason_name(each, lang) for each in rows["reason"].to_pylist()], pa.string())
        rows = rows.set_column(rows.column_names.index("reason"), "reason", words)
        heads = [
            pick(COLUMN_HEADS[name], lang) if name in COLUMN_HEADS else name for name in rows.column_names
        ]
        return rows.rename_columns(heads)

    def title(self, lang: str) -> str:
        """How many figures differ and why, in one line."""
        if not self.table.num_rows:
            return say("releases.title_same", lang, old=self.old, new=self.new)
        words = [f"{reason_name(reason, lang)} {count:,}" for reason, count in self.counts.items()]
        parts = ("; " + ", ".join(words)) if lang == "en" else "，" + "、".join(words)
        count = f"{self.table.num_rows:,}"
        return say("releases.title", lang, old=self.old, new=self.new, count=count, parts=parts)


@lru_cache(maxsize=4)
def compare(old: Release, new: Release, scope: str) -> Comparison:
    """The differences in the file of ``scope``; raises ``Refused`` when a release has none."""
    return Comparison(old.release_id, new.release_id, difference_of(old, new, scope))


def differences(
    found: pa.Table, connection: duckdb.DuckDBPyConnection, words: Words, lang: str
) -> list[Difference]:
    """The first rows in words."""
    names = {each.code: each.name for each in fetch(connection, "metric_name", Named, lang)}
    regions = {each.code: each.name for each in fetch(connection, "region_names", Named, lang)}
    return [
        Difference(
            metric=names.get(row["metric_key"], row["metric_key"]),
            metric_key=row["metric_key"],
            variant=row["variant"],
            region=regions.get(row["region_code"], row["region_code"]),
            scheme=words.of("scheme", row["scheme_code"]),
            scope=words.of("fund_scope", row["fund_scope"]),
            origin=words.of("data_origin", row["data_origin"]),
            period=f"{words.of('period_basis', row['period_basis'])} {row['period_end']}",
            old_value=_value(row["old_value"], row["unit"], lang),
            new_value=_value(row["new_value"], row["unit"], lang),
            statuses=_statuses(words, row["old_status"], row["new_status"]),
            deliveries=_deliveries(row["old_known_on"], row["new_known_on"]),
            reason=row["reason"],
        )
        for row in found.slice(0, SHOWN).to_pylist()
    ]


def reason_name(reason: str, lang: str) -> str:
    """The words for a reason, or for all of them."""
    if reason == EVERY:
        return say("planner.all", lang)
    return pick(Text(*REASONS[reason]), lang) if reason in REASONS else reason


def _value(value: Decimal | None, unit: str, lang: str) -> str:
    if value is None:
        return "—"
    text = f"{abs(value.normalize()):,f}"
    return f"{MINUS if value < 0 else ''}{text} {known(FEED_UNITS, unit, lang)}"


def _statuses(words: Words, old: str | None, new: str | None) -> str:
    return " → ".join(words.of("report_status", each) if each else "—" for each in (old, new))


def _deliveries(old: date | None, new: date | None) -> str:
    return " → ".join(day(each) if each else "—" for each in (old, new))
