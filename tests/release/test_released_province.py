"""The golden feeds beside the shipped data, built and released: the readers' side of a province that is at work."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from warehouse.query.trace import TracedValue, trace
from warehouse.release.pointer import Release, served
from warehouse.settings import PROJECT_ROOT, load_settings

FEEDS = PROJECT_ROOT / "tests" / "golden" / "feeds"
LEDGER = "fund_ledger_2024@2025-01-10.csv"
IN_THE_FEEDS = ("460100", "460200")
FOUR_MARTS = ("fund.balance", "enrolment.rate", "benefit.payment_ratio", "plan.progress")
QUESTION = re.compile(r"```sql\n(.+?)```\n\n(\|.+?)\n\n", re.S)


@pytest.fixture(scope="module")
def release(province_home: Path) -> Release:
    return served(load_settings(province_home))


def test_every_public_table_that_the_feeds_fill_has_rows(release: Release) -> None:
    tables = release.manifest()["tables"]
    empty = {name for name, table in tables.items() if not table["rows"]}
    assert empty == {"quality.indicator_finding"}  # no share of the golden province is above 1


def test_a_release_says_both_origins(release: Release) -> None:
    assert release.manifest()["data_origin"] == ["platform", "published"]


@pytest.mark.parametrize("table", FOUR_MARTS)
def test_the_named_marts_hold_both_origins(province_db: duckdb.DuckDBPyConnection, table: str) -> None:
    found = province_db.sql(f"select distinct data_origin from {table} order by 1").fetchall()
    assert found == [("platform",), ("published",)]


def test_the_shipped_rows_of_the_named_marts_do_not_change_beside_feeds(
    province_db: duckdb.DuckDBPyConnection, release_db: duckdb.DuckDBPyConnection
) -> None:
    for table in FOUR_MARTS[:3]:
        query = f"select * from {table} where data_origin = 'published' order by all"
        assert province_db.sql(query).fetchall() == release_db.sql(query).fetchall(), table


def test_balances_of_the_feeds_are_the_indicators_and_withheld_with_them(
    province_db: duckdb.DuckDBPyConnection,
) -> None:
    differing = province_db.sql(
        """
        select balance.region_code, balance.period_end
        from fund.balance as balance
        inner join indicator.value as income on balance.income_value_key = income.value_key
        inner join indicator.value as expense on balance.expense_value_key = expense.value_key
        where balance.data_origin = 'platform' and (
            balance.income_yuan is distinct from cast(income.value as decimal(24, 2))
            or balance.expense_yuan is distinct from cast(expense.value as decimal(24, 2))
        )
        """
    ).fetchall()
    assert differing == []


def test_flows_of_the_ledger_are_those_worked_out_by_hand(province_db: duckdb.DuckDBPyConnection) -> None:
    """The employee pool of 2024: 12 × (100 + 60) of income, 12 × (80 + 40) of expenditure (tests/golden/README.md)."""
    found = province_db.sql(
        """
        select metric_key, value from indicator.value_full
        where data_origin = 'platform' and region_code = '460000' and scheme_code = 'employee'
            and fund_scope = 'pool' and period_basis = 'year' and period_end = date '2024-12-31'
            and metric_key in ('fund_income', 'fund_expense', 'fund_current_balance')
            and variant in ('all', 'formula')
        order by metric_key
        """
    ).fetchall()
    assert found == [("fund_current_balance", 480), ("fund_expense", 1440), ("fund_income", 1920)]


def test_a_rate_of_the_feeds_is_the_indicator(province_db: duckdb.DuckDBPyConnection) -> None:
    differing = province_db.sql(
        """
        select rate.region_code, rate.period_end
        from enrolment.rate as rate
        full join indicator.value as value
            on rate.region_code = value.region_code and rate.period_end = value.period_end
            and rate.population_kind = value.variant and rate.data_origin = value.data_origin
        where coalesce(rate.data_origin, value.data_origin) = 'platform'
            and value.metric_key = 'enrol_rate_basic' and rate.enrolment_rate is distinct from value.value
        """
    ).fetchall()
    assert differing == []


def test_plan_rows_take_the_published_figure_before_the_feeds(province_db: duckdb.DuckDBPyConnection) -> None:
    rows = province_db.sql(
        "select row_no, list(data_origin order by data_origin), list(is_best_evidence order by data_origin) "
        "from plan.progress where row_no in (1, 5, 8) group by row_no order by row_no"
    ).fetchall()
    assert rows == [
        (1, ["platform", "published"], [False, True]),  # both have a figure
        (5, ["published"], [True]),  # the feeds' ratio of inpatients is withheld: too few stays
        (8, ["platform", "published"], [True, False]),  # nothing is printed since the base
    ]


def test_each_plan_row_is_judged_once(province_db: duckdb.DuckDBPyConnection) -> None:
    best = province_db.sql(
        "select count(*), count(distinct row_no) from plan.progress where is_best_evidence"
    )
    assert best.fetchall() == [(16, 16)]
    assert province_db.sql("select count(*) from report.planner_board").fetchall() == [(16,)]


def test_a_variant_that_stands_for_a_plan_row_is_computed(province_db: duckdb.DuckDBPyConnection) -> None:
    unknown = province_db.sql(
        """
        select row_no, metric_key, feed_variant from plan.target
        where feed_variant is not null and not exists (
            select 1 from indicator.formula as formula
            where formula.metric_key = target.metric_key and formula.variant = target.feed_variant)
        """
    ).fetchall()
    assert unknown == []


def test_every_value_of_the_feeds_leads_to_a_batch_of_each_of_its_feeds(
    province_db: duckdb.DuckDBPyConnection,
) -> None:
    lost = province_db.sql(
        """
        with part as (
            select distinct
                regexp_replace(value.metric_key, '_growth$', '') as metric_key,
                unnest([formula.numerator_measure, formula.denominator_measure]) as measure_key
            from indicator.value as value
            inner join indicator.formula as formula
                on regexp_replace(value.metric_key, '_growth$', '') = formula.metric_key
            where value.data_origin = 'platform'
        ),
        rested as (
            select part.metric_key, unnest(string_split(measure.feeds, ';')) as feed
            from part inner join indicator.measure as measure on part.measure_key = measure.measure_key
        )
        select rested.metric_key, rested.feed from rested
        left join indicator.feed_batch as feed_batch on rested.feed = feed_batch.feed
        where feed_batch.batch_id is null
        """
    ).fetchall()
    assert lost == []
    unnamed = province_db.sql(
        """
        select distinct metric_key from indicator.value where data_origin = 'platform'
            and regexp_replace(metric_key, '_growth$', '') not in (select metric_key from indicator.formula)
        """
    ).fetchall()
    assert unnamed == []


def ledger_rows(*months: str, until: str = "") -> int:
    with (FEEDS / LEDGER).open(encoding="utf-8", newline="") as stream:
        counted = Counter(row["ym"] for row in csv.DictReader(stream))
    return sum(count for month, count in counted.items() if month in months or month <= until)


WAYS = {
    "a sum": ("fund_income", "2024-06", "month", "all", ledger_rows("202406")),
    "a closing balance": ("fund_cumulative_balance", "2024-06", "point", "all", ledger_rows(until="202406")),
    "a trailing twelve": (
        "fund_expense",
        "2024-06",
        "t12",
        "all",
        ledger_rows(
            *(f"2023{month:02}" for month in range(7, 13)), *(f"2024{month:02}" for month in range(1, 7))
        ),
    ),
    "a growth": ("fund_income_growth", "2024-06", "month", "formula", ledger_rows("202306", "202406")),
    "a growth over a month": (
        "fund_income_growth",
        "2024-06",
        "month",
        "month_on_month",
        ledger_rows("202405", "202406"),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_value_of_the_ledger_leads_back_to_the_rows_of_its_months(
    province_home: Path, province_db: duckdb.DuckDBPyConnection, way: str
) -> None:
    metric, period, basis, variant, rows = WAYS[way]
    found = traced(province_db, metric, period, basis, variant)
    assert [(each.what, each.file_name, each.number) for each in found.origins] == [
        ("fund_ledger", LEDGER, rows)
    ]
    assert found.models[:2] == ("staging.stg_platform__ledger_entry", "intermediate.int_fund__entries")


def test_a_ratio_leads_back_to_the_files_of_both_its_parts(
    province_home: Path, province_db: duckdb.DuckDBPyConnection
) -> None:
    found = traced(province_db, "hospitalisation_rate", "2024-06", "t12", "formula")
    assert {each.file_name for each in found.origins} == {
        "enrolment_2024@2025-01-10.csv",
        "person_2024@2025-01-10.csv",
        "settlement_2023@2024-01-10.csv",
        "settlement_2023@2024-01-20.csv",
        "settlement_2024-03@2024-04-10.csv",
        "settlement_2024@2025-01-10.csv",
    }


def traced(
    connection: duckdb.DuckDBPyConnection, metric: str, period: str, basis: str, variant: str
) -> TracedValue:
    _, values = trace(connection, metric, "460000", period, basis)
    return next(
        each
        for each in values
        if each.data_origin == "platform" and each.scheme_code == "all" and each.variant == variant
    )


def test_starter_questions_name_whole_keys(
    province_db: duckdb.DuckDBPyConnection, release_db: duckdb.DuckDBPyConnection
) -> None:
    """A question about printed figures gives the same answer in a home that holds the feeds as well."""
    text = (PROJECT_ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    questions = QUESTION.findall(text)
    assert len(questions) == 18
    for query, answer in questions:
        beside, alone = province_db.sql(query), release_db.sql(query)
        heads, _, *lines = ([cell.strip() for cell in line[1:-1].split("|")] for line in answer.splitlines())
        assert alone.columns == heads, query
        found = [[written(cell) for cell in row] for row in alone.fetchall()]
        assert found[: len(lines)] == [[written(cell) for cell in line] for line in lines], query
        assert [[written(cell) for cell in row] for row in beside.fetchall()] == found, query


def written(cell: object) -> str:
    """A cell as text, numbers without closing zeros."""
    text = "" if cell is None else str(cell)
    return f"{Decimal(text).normalize():f}" if re.fullmatch(r"-?\d+\.\d+|-?\d+", text) else text


def test_a_county_file_holds_its_county_and_the_province_only(release: Release) -> None:
    files = sorted(release.folder.glob("[0-9]*.duckdb"))
    assert len(files) >= 2
    for file in files:
        county = file.stem
        with duckdb.connect(str(file), read_only=True) as connection:
            tables = connection.sql(
                "select schema_name, table_name from duckdb_columns() where column_name = 'region_code' "
                "and not internal and schema_name <> 'reference'"
            ).fetchall()
            for schema, table in tables:
                regions = connection.sql(
                    f'select distinct region_code from "{schema}"."{table}" '
                    f"where region_code[:2] = '46' and region_code not in ('460000', '{county}')"
                ).fetchall()
                assert regions == [], f"{file.name} {schema}.{table}"
            own = connection.sql(
                f"select count(*) from indicator.value where region_code = '{county}' and data_origin = 'platform'"
            ).fetchall()[0][0]
            assert (own > 0) == (county in IN_THE_FEEDS), file.name


def test_no_person_of_the_feeds_is_in_a_release_file(release: Release) -> None:
    with (FEEDS / "person_2024@2025-01-10.csv").open(encoding="utf-8", newline="") as stream:
        people = [row[column] for row in csv.DictReader(stream) for column in ("psn_no", "certno")]
    for file in release.folder.glob("*.duckdb"):
        content = file.read_bytes()
        found = [number for number in people if number and number.encode() in content]
        assert found == [], file.name


def test_the_manifest_names_each_delivered_file(release: Release) -> None:
    batches = json.dumps(release.manifest()["batches"], ensure_ascii=False)
    assert all(path.stem.split("_")[0] in batches for path in FEEDS.glob("*.csv"))


@pytest.mark.parametrize("scope", ["province", "460100"])
def test_how_many_rows_were_delivered_is_told_to_statisticians_only(release: Release, scope: str) -> None:
    """The rows of a feed and month are its persons or visits: a figure that is withheld would stand there."""
    columns = {
        "indicator.feed_batch": ("rows_touched",),
        "reference.batch": ("rows_read", "rows_accepted", "rows_refused", "rows_duplicate", "size_bytes"),
        "reference.feed": ("rows_read", "rows_accepted", "rows_refused", "rows_duplicate"),
    }
    for table, hidden in columns.items():
        counted = ", ".join(f"count({each})" for each in hidden)
        for name, is_empty in ((scope, True), ("statistician", False)):
            with duckdb.connect(str(release.file(name)), read_only=True) as opened:
                rows, *filled = opened.execute(f"select count(*), {counted} from {table}").fetchall()[0]
            assert rows > 0
            assert all((each == 0) == is_empty for each in filled), (table, name)
