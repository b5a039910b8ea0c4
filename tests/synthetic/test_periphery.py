"""The smaller feeds of the synthetic province agree with each other, with their contracts and their paths."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import BatchRule, RowsRule, Rule, columns_of, raw_table_ddl
from warehouse.settings import SEEDS
from warehouse.synthetic import clearing, generate, settlement
from warehouse.synthetic.collected import BASIC_FUNDS
from warehouse.synthetic.plan import Plan
from warehouse.synthetic.yearly_path import PAID_BY_CASE_SHARE

PLAN = Plan(persons=10_000, first=date(2020, 1, 1), last=date(2022, 12, 31), seed=11)
PERIPHERY = (
    "grouping",
    "clearing",
    "inspection",
    "recovery",
    "procurement_order",
    "procurement_report",
    "tender_catalogue",
    "price_item",
    "cross_province",
    "ecertificate",
    "service_item",
    "service_case",
    "plan_registry",
    "poverty_risk",
    "chronic_certificate",
    "audit_hit",
    "terminal",
    "county_assessment",
)


def build(folder: Path, plan: Plan, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A province that is kept open; feeds of records hold the rows of the last chunk."""
    connection = generate.open_scratch(plan, folder, threads)
    for build_state in generate.STATE:
        build_state(connection, plan)
    for chunk in plan.chunks:
        for build_chunk in generate.RECORDS:
            build_chunk(connection, plan, chunk)
        settlement.close_chunk(connection, plan, chunk)
    for build_closing in generate.CLOSING:
        build_closing(connection, plan)
    return connection


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The province with all its feeds also as ``raw`` tables, as if they had been loaded."""
    with build(tmp_path_factory.mktemp("province"), PLAN) as connection:
        built = {name for (name,) in rows(connection, "select table_name from duckdb_tables()")}
        connection.execute("create schema raw")
        connection.execute(
            "create table raw.batch as "
            "select 'first' as batch_id, date '2023-01-10' as known_on, now() as _ingested_at"
        )
        for name, feed in FEEDS.items():
            connection.execute(raw_table_ddl(feed))
            if name in built:
                connection.execute(
                    f"""
                    insert into raw.{name} by name
                    select *, 'first' as _batch_id, row_number() over () as _row from {name}
                    """
                )
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return connection.execute(query).fetchall()


def number(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    value = rows(connection, query)[0][0]
    assert isinstance(value, int | float | Decimal)
    return float(value)


@pytest.mark.parametrize("feed", PERIPHERY)
def test_every_small_feed_has_rows_that_fit_its_columns(
    province: duckdb.DuckDBPyConnection, feed: str
) -> None:
    assert number(province, f"select count(*) from {feed}") > 0
    for each in columns_of(FEEDS[feed]):
        if each.is_required:
            assert not number(province, f"select count(*) from {feed} where {each.name} is null"), each.name
        if each.length:
            longest = f"select coalesce(max(length({each.name})), 0) from {feed}"
            assert number(province, longest) <= each.length, each.name
        if each.codes:
            listed = ", ".join(f"'{code}'" for code in each.codes)
            assert not rows(
                province, f"select {each.name} from {feed} where {each.name} not in ({listed}) limit 1"
            )


@pytest.mark.parametrize("feed", PERIPHERY)
def test_keys_name_one_row_only(province: duckdb.DuckDBPyConnection, feed: str) -> None:
    key = ", ".join(each.name for each in columns_of(FEEDS[feed]) if each.is_key)
    assert rows(province, f"select {key} from {feed} group by all having count(*) > 1 limit 3") == []


@pytest.mark.parametrize("feed", PERIPHERY)
def test_codes_are_in_their_dictionaries(province: duckdb.DuckDBPyConnection, feed: str) -> None:
    seed = SEEDS / "reference" / "feed_code.csv"
    for each in columns_of(FEEDS[feed]):
        if each.code_set:
            unknown = rows(
                province,
                f"""
                select distinct {each.name} from {feed} where {each.name} not in (
                    select code from read_csv('{seed}', header = true, all_varchar = true)
                    where code_set = '{each.code_set}')
                """,
            )
            assert unknown == [], f"{feed}.{each.name} ({each.code_set})"


@pytest.mark.parametrize("feed", PERIPHERY)
def test_no_row_breaks_a_rule_of_its_contract(province: duckdb.DuckDBPyConnection, feed: str) -> None:
    """Each rule of the contract is put to the rows as the loader does, with nothing of this feed loaded before."""
    province.execute(
        f"""
        create or replace temp table batch as
        select *, row_number() over () as _row, date '2023-01-10' as known_on from {feed}
        """
    )
    own = rows(province, f"select count(*) from raw.{feed}")
    province.execute(f"alter table raw.{feed} rename to set_aside")
    province.execute(raw_table_ddl(FEEDS[feed]))
    try:
        broken = {each.code: _broken(province, each) for each in FEEDS[feed].rules}
    finally:
        province.execute(f"drop table raw.{feed}")
        province.execute(f"alter table raw.set_aside rename to {feed}")
    assert {code for code, count in broken.items() if count} <= PLANTED.get(feed, set())
    assert rows(province, f"select count(*) from raw.{feed}") == own


def _broken(connection: duckdb.DuckDBPyConnection, rule: Rule | RowsRule | BatchRule) -> float:
    if isinstance(rule, Rule):
        return number(connection, f"select count(*) from batch where not ({rule.holds})")
    if isinstance(rule, RowsRule):
        return number(connection, f"select count(distinct _row) from ({rule.breaking})")
    return number(
        connection, f"select count(*) from (select ({rule.measure}) as measure) where not ({rule.holds})"
    )


PLANTED = {"procurement_report": {"reports_missing"}}
"""Rules broken on purpose: warnings about the oddities in ``anomalies.csv``."""

REFERENCES = (
    ("grouping", "setl_id", "settlement", "setl_id"),
    ("grouping", "fixmedins_code", "institution", "fixmedins_code"),
    ("clearing", "fixmedins_code", "institution", "fixmedins_code"),
    ("inspection", "fixmedins_code", "institution", "fixmedins_code"),
    ("recovery", "case_no", "inspection", "case_no"),
    ("procurement_order", "inst_code", "institution", "fixmedins_code"),
    ("procurement_report", "inst_code", "institution", "fixmedins_code"),
    ("cross_province", "setl_id", "settlement", "setl_id"),
    ("ecertificate", "psn_no", "person", "psn_no"),
    ("service_case", "item_code", "service_item", "item_code"),
    ("poverty_risk", "psn_no", "person", "psn_no"),
    ("chronic_certificate", "psn_no", "person", "psn_no"),
    ("audit_hit", "setl_id", "settlement", "setl_id"),
    ("terminal", "inst_code", "institution", "fixmedins_code"),
)


@pytest.mark.parametrize(("feed", "column", "parent", "key"), REFERENCES)
def test_what_a_row_names_exists(
    province: duckdb.DuckDBPyConnection, feed: str, column: str, parent: str, key: str
) -> None:
    orphans = f"select {column} from {feed} where {column} not in (select {key} from {parent}) limit 3"
    assert rows(province, orphans) == []


def test_each_valid_stay_has_one_grouping(province: duckdb.DuckDBPyConnection) -> None:
    stays = """
        select setl_id from settlement where refd_setl_flag = '0' and vali_flag = '1'
            and med_type in ('21', '22', '23', '24', '26', '28', '52')
    """
    assert rows(province, f"({stays}) except (select setl_id from grouping)") == []
    assert rows(province, f"(select setl_id from grouping) except ({stays})") == []


def test_costs_paid_by_case_follow_their_path(province: duckdb.DuckDBPyConnection) -> None:
    for year in PLAN.years:
        share = number(
            province,
            f"""
            select sum(if(is_actual_pay = '1', grouping.medfee_sumamt, 0)) / sum(grouping.medfee_sumamt)
            from grouping join settlement using (setl_id) where year(setl_time) = {year}
            """,
        )
        assert share == pytest.approx(PAID_BY_CASE_SHARE[year], abs=0.04), year


def test_stays_paid_by_case_are_cleared_by_case(province: duckdb.DuckDBPyConnection) -> None:
    grouped = "select sum(medfee_sumamt) from grouping where is_actual_pay = '1'"
    cleared = f"select sum(medfee) from clearing where clr_way in ('30', '40') and fund_code in {BASIC_FUNDS}"
    assert rows(province, grouped) == rows(province, cleared)


def test_claims_meet_the_settlements_of_their_month(province: duckdb.DuckDBPyConnection) -> None:
    difference = rows(
        province,
        """
        select clr_ym, sum(appy_fund) - max(paid) from clearing join (
            select strftime(setl_time, '%Y%m') as clr_ym, sum(fund_pay_sumamt) as paid
            from settlement where pay_loc <> '1' and fixmedins_code like '_46%' group by 1
        ) using (clr_ym) group by clr_ym having abs(sum(appy_fund) - max(paid)) > 0.005
        """,
    )
    assert difference == []


@pytest.mark.parametrize("table", ["clearing", "base_clearing_final"])
def test_what_is_paid_out_is_the_claim_less_its_deductions(
    province: duckdb.DuckDBPyConnection, table: str
) -> None:
    broken = f"""
        select clr_appy_evt_id from {table}
            where actual_pay <> appy_fund - audit_deduct - chk_deduct - reserve
            - prepay_offset + surplus_retain
    """
    assert rows(province, broken) == []


def test_the_yearly_account_changes_rows_of_the_year_before(province: duckdb.DuckDBPyConnection) -> None:
    changed = rows(
        province,
        """
        select final.clr_appy_evt_id, final.actual_pay - earlier.actual_pay,
            extract('year' from final.pay_date)
            - cast(left(final.clr_ym, 4) as integer)
        from base_clearing_final as final left join clearing as earlier using (clr_appy_evt_id, fund_code)
        """,
    )
    assert changed
    assert all(difference is not None and later == 1 for _, difference, later in changed)
    assert len(clearing.FINAL_MONTHS) == 3


def test_every_institution_in_force_is_inspected_every_year(province: duckdb.DuckDBPyConnection) -> None:
    for year in PLAN.years:
        missed = rows(
            province,
            f"""
            select fixmedins_code from institution where fix_blng_admdvs like '46%'
            group by fixmedins_code having min(begndate) < date '{year}-12-01'
            except select fixmedins_code from inspection where year(begin_date) = {year}
            """,
        )
        assert missed == [], year


def test_no_more_is_recovered_than_was_due(province: duckdb.DuckDBPyConnection) -> None:
    over = "select case_no from recovery group by case_no having sum(received_amt) > max(due_amt)"
    assert rows(province, over) == []


def test_a_return_takes_back_a_line_exactly(province: duckdb.DuckDBPyConnection) -> None:
    wrong = """
        select back.order_detail_id from procurement_order as back
        left join procurement_order as line on line.order_detail_id || 'T' = back.order_detail_id
        where back.order_stas = '退货' and (line.amount is null or line.amount + back.amount <> 0)
    """
    assert rows(province, wrong) == []


def test_platform_shares_follow_their_paths(province: duckdb.DuckDBPyConnection) -> None:
    for kind, total, low, high in (
        ("药品", "drug_total - herb_total", 0.93, 0.975),
        ("高值耗材", "consumable_total", 0.85, 0.97),
    ):
        share = number(
            province,
            f"""
            select (select sum(amount) from procurement_order where is_platform = '1'
                and prod_type = '{kind}')
                / (select sum({total}) from procurement_report)
            """,
        )
        assert low < share < high, kind


def test_ecertificates_of_2021_are_the_published_number(province: duckdb.DuckDBPyConnection) -> None:
    insured = """
        select distinct psn_no from enrolment where crt_insu_date <= date '2021-12-31'
            and coalesce(paus_insu_date, date '9999-12-31') > date '2021-12-31'
    """
    share = number(
        province,
        f"""
        select avg(cast(activate_time is not null as integer)) from ({insured}) as insured
        left join ecertificate on ecertificate.psn_no = insured.psn_no and activate_time < date '2022-01-01'
        """,
    )
    assert share == pytest.approx(5_211_000 / 9_340_000, abs=0.015)


def test_tenders_reach_the_published_numbers(province: duckdb.DuckDBPyConnection) -> None:
    for year, drugs in ((2020, 112), (2021, 316)):
        counted = f"""
            select count(distinct variety_key) from tender_catalogue
            where class_l1 is null and year(contract_from) <= {year}
        """
        assert number(province, counted) == drugs


def test_plan_cells_without_a_clear_source_hold_no_value(province: duckdb.DuckDBPyConnection) -> None:
    unclear = "select item_id, value_num, value_text from plan_registry where cell_status = 'AMBIGUOUS'"
    found = rows(province, unclear)
    assert {item for item, _, _ in found} == {"R07", "R08", "R15", "R16"}
    assert {(number, text) for _, number, text in found} == {(None, None)}


def test_the_same_plan_gives_the_same_rows_on_one_thread(
    province: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with build(tmp_path, PLAN, threads=1) as again:
        for feed in PERIPHERY:
            digest = f"select count(*), bit_xor(hash(each)) from {feed} as each"
            assert rows(again, digest) == rows(province, digest), feed


def test_building_in_parts_changes_nothing(
    province: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.synthetic.plan.CHUNK_ROWS", 1)
    assert len(PLAN.chunks) == len(PLAN.years)
    with build(tmp_path, PLAN) as again:
        for feed in PERIPHERY:
            if feed not in {"grouping", "audit_hit", "cross_province"}:
                digest = f"select count(*), bit_xor(hash(each)) from {feed} as each"
                assert rows(again, digest) == rows(province, digest), feed
