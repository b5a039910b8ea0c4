"""What the served release tells: signals of indicators, warned checks, broken reconciliations, changed figures.

Only the province's file and the manifest are read. Both hold aggregates whose small cells are hidden: a
hidden figure has no value and therefore no signal, so no alert can tell it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from warehouse.alerts.episodes import Finding
from warehouse.alerts.rules import EVERY, AlertRule, Words, rules_of
from warehouse.connections import CLOSED_WORLD
from warehouse.months.checklist import warned_tests
from warehouse.release.files import quoted
from warehouse.release.pointer import PROVINCE, Release
from warehouse.settings import SEEDS
from warehouse.texts import Text

SIGNALLED = """
    select
        kpi.metric_key,
        kpi.variant,
        kpi.region_code,
        kpi.scheme_code,
        kpi.fund_scope,
        kpi.data_origin,
        kpi.period_basis,
        kpi.period_end,
        kpi.signal,
        kpi.signal_zh,
        coalesce(kpi.signal_en, kpi.signal_zh) as signal_en,
        kpi.shown_value,
        kpi.decimals,
        kpi.unit_zh,
        kpi.unit_en,
        kpi.metric_zh,
        kpi.metric_en,
        kpi.variant_zh,
        kpi.variant_en,
        region.region_name as region_zh,
        region.name_en as region_en,
        scheme.name_zh as scheme_zh,
        scheme.name_en as scheme_en
    from served.report.leader_kpi as kpi
    inner join served.reference.region as region on kpi.region_code = region.region_code
    inner join served.reference.code as scheme
        on kpi.scheme_code = scheme.code and scheme.code_set = 'scheme'
    where kpi.signal is not null and kpi.shown_value is not null and kpi.qualifier is null
    order by all
"""
UNMET = """
    select check_code, count(*) as unmet
    from served.quality.reconciliation
    where not is_met and severity = 'error'
    group by check_code
    order by check_code
"""
CHECK_FILE = SEEDS / "reference" / "reconciliation_check.csv"
ORIGINS = {
    "published": Text("", ""),
    "platform": Text("〔平台数据〕", "[platform data] "),
    "synthetic": Text("〔模拟数据〕", "[synthetic data] "),
}
FINDING_TABLES = ("quality.finding", "quality.feed_finding", "quality.indicator_finding")
CHANGES = ("restatement", "withdrawn", "definition")


@dataclass(frozen=True)
class Served:
    """The release that is looked at, its manifest, and the one that was served before it, if it is there."""

    release: Release
    manifest: dict[str, Any]
    before: dict[str, Any] | None


def signals(rules: list[AlertRule], served: Served) -> Iterator[Finding]:
    """Indicators whose newest value lies in a band: judged by dbt, as the leader's page shows it."""
    wanted = rules_of(rules, "threshold")
    for row in _rows(served.release, SIGNALLED):
        for rule in wanted:
            if rule.metric_key in (EVERY, row["metric_key"]) and rule.subject == row["signal"]:
                yield _signal(rule, row)


def warnings(rules: list[AlertRule], served: Served) -> Iterator[Finding]:
    """Tests that warned in the build of the release, by name."""
    for rule in rules_of(rules, "check", "warned_test"):
        for name in warned_tests(served.manifest):
            yield rule.finding(name, "warn", {"name": name})


def reconciliations(rules: list[AlertRule], served: Served) -> Iterator[Finding]:
    """Reconciliations that must hold and do not, by the kind of check."""
    unmet = _rows(served.release, UNMET)
    names = _check_names()
    for rule in rules_of(rules, "check", "reconciliation"):
        for row in unmet:
            if row["unmet"] > rule.limit_value:
                code = str(row["check_code"])
                words: Words = {"name": names.get(code, Text(code, code)), "count": str(row["unmet"])}
                yield rule.finding(code, str(row["unmet"]), words)


def changed_figures(rules: list[AlertRule], served: Served) -> Iterator[Finding]:
    """Published figures that the release changed: an event of that release, said once."""
    for reason in CHANGES:
        count = served.manifest["changes"].get(reason, 0)
        for rule in rules_of(rules, "check", reason):
            if count > rule.limit_value:
                name = served.release.release_id
                yield rule.finding(name, str(count), {"release": name, "count": str(count)}, is_event=True)


def more_findings(rules: list[AlertRule], served: Served) -> Iterator[Finding]:
    """Tables of findings that grew by more than a rule allows since the release before."""
    if served.before is None:
        return
    for rule in rules_of(rules, "quality", "finding_count"):
        for table in FINDING_TABLES:
            count = served.manifest["tables"].get(table, {}).get("rows", 0)
            former = served.before["tables"].get(table, {}).get("rows", 0)
            if count - former >= rule.least_count and count > former * rule.factor:
                words: Words = {"name": table, "count": str(count), "former": str(former)}
                yield rule.finding(table, f"{former} → {count}", words)


def _check_names() -> dict[str, Text]:
    with CHECK_FILE.open(encoding="utf-8", newline="") as stream:
        return {row["check_code"]: Text(row["name_zh"], row["name_en"]) for row in csv.DictReader(stream)}


def _signal(rule: AlertRule, row: dict[str, Any]) -> Finding:
    origin = ORIGINS[row["data_origin"]]
    number = f"{row['shown_value']:,.{row['decimals']}f}"
    words: Words = {
        "region": Text(origin.zh + row["region_zh"], origin.en + (row["region_en"] or row["region_zh"])),
        "metric": Text(row["metric_zh"], row["metric_en"]),
        "scheme": Text(row["scheme_zh"], row["scheme_en"]),
        "variant": Text(row["variant_zh"] or row["variant"], row["variant_en"] or row["variant"]),
        "period": _period(row["period_basis"], row["period_end"]),
        "value": Text(number + row["unit_zh"], f"{number} {row['unit_en']}"),
        "meaning": Text(row["signal_zh"], row["signal_en"]),
    }
    key = ("metric_key", "variant", "region_code", "scheme_code", "fund_scope", "data_origin")
    return rule.finding("|".join(row[name] for name in key), number + row["unit_zh"], words)


def _period(basis: str, end: date) -> Text:
    if basis == "year":
        return Text(f"{end:%Y} 年", f"{end:%Y}")
    if basis == "month":
        return Text(f"{end:%Y-%m}", f"{end:%Y-%m}")
    return Text(f"截至 {end}", f"to {end}")


def _rows(release: Release, query: str) -> list[dict[str, Any]]:
    """Rows of the province's file. It is attached, so a page of this process may have it open as well."""
    config: dict[str, str | bool | int | float | list[str]] = {
        **CLOSED_WORLD,
        "threads": "1",
        "memory_limit": "512MB",
        "temp_directory": "",
    }
    with duckdb.connect(config=config) as connection:
        connection.execute(f"attach '{quoted(release.file(PROVINCE))}' as served (read_only)")
        connection.execute("set enable_external_access = false")
        found = connection.execute(query)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
