"""Public tables beside the indicators: the ledger and its like give no small cell back, and no column is forgotten."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from small_province import Released, rows

from warehouse.home import writer
from warehouse.release.files import public_columns
from warehouse.release.pointer import PROVINCE, STATISTICIAN
from warehouse.release.policy import check_columns, read_policy
from warehouse.release.write import release
from warehouse.settings import load_settings
from warehouse.texts import Refused

SUBJECTS = {
    "ip_visits": "expenditure_inpatient",
    "op_visits": "expenditure_outpatient",
    "opsp_visits": "expenditure_chronic",
    "maternity_visits": "expenditure_maternity_medical",
}
SMALL_COUNTY_MONTHS = """
    select scheme_code, region_code, month_end from measure.msr_month
    where measure_key = ? and scheme_code <> 'all' and region_code <> '460000' and number between 1 and 4
"""
LINES = """
    select scheme_code, region_code, month_end, amount_yuan, ytd_yuan from fund.ledger
    where subject_code = ? and fund_scope = 'pool'
"""
EXPENDITURE = """
    select region_code, fund_code, month_end, data_origin, subject_code, amount_yuan, ytd_yuan
    from fund.ledger where subject_kind = 'expenditure'
"""


@pytest.mark.parametrize("measure", SUBJECTS)
def test_no_line_of_the_ledger_that_rests_on_few_is_shown(province: Released, measure: str) -> None:
    small = set(rows(province.settings.build_database, SMALL_COUNTY_MONTHS, [measure]))
    whole, shown = (
        {
            (scheme, region, month)
            for scheme, region, month, *amounts in rows(province.late.file(scope), LINES, [SUBJECTS[measure]])
            if any(amount is not None for amount in amounts)
        }
        for scope in (STATISTICIAN, PROVINCE)
    )
    assert small & whole or measure == "maternity_visits"
    assert small & shown == set()
    for scope in province.late.scopes():
        own = rows(province.late.file(scope), LINES, [SUBJECTS[measure]])
        assert scope == STATISTICIAN or not small & {row[:3] for row in own if row[3] is not None}, scope


def test_a_withheld_line_has_company_below_a_shown_total(province: Released) -> None:
    """All lines of an account and month are shown, or those withheld are at least two."""
    file = province.late.file(PROVINCE)
    alone = rows(
        file,
        f"""
        with line as ({EXPENDITURE})
        select region_code, fund_code, month_end from line
        inner join fund.month using (region_code, fund_code, month_end, data_origin)
        where expense_yuan is not null
        group by all
        having count(*) filter (amount_yuan is null and ytd_yuan is null) = 1 and count(*) > 1
        """,
    )
    assert alone == []
    counties = rows(
        file,
        f"""
        select fund_code, subject_code, month_end from ({EXPENDITURE})
        group by all having count(*) filter (amount_yuan is null) = 1 and count(*) > 1
        """,
    )
    assert counties == []


def test_withheld_and_shown_amounts_are_told_apart_and_add_up(province: Released) -> None:
    columns = {
        "ledger": "amount_yuan",
        "month": "expense_yuan",
        "county_gap": "expense_yuan",
        "subsidy": "ytd_yuan",
        "budget": "ytd_yuan",
    }
    for table, column in columns.items():
        query = f"select disclosure, {column} is null, count(*) from fund.{table} group by all order by all"
        public = rows(province.late.file(PROVINCE), query)
        assert {(word, is_empty) for word, is_empty, _ in public} <= {("open", False), ("withheld", True)}, (
            table
        )
        whole = rows(province.late.file(STATISTICIAN), query)
        assert {(word, is_empty) for word, is_empty, _ in whole} == {("open", False)}, table
        assert sum(row[2] for row in public) == sum(row[2] for row in whole)
    withheld = rows(province.late.file(PROVINCE), "select * from fund.ledger where disclosure = 'withheld'")
    assert withheld
    assert not [row for row in withheld if any(isinstance(value, Decimal) for value in row)]


def test_every_public_column_is_protected_and_a_new_one_is_refused(
    province: Released, tmp_path: Path
) -> None:
    rules = read_policy()
    columns = public_columns(province.settings.build_database)
    check_columns(rules, columns)
    named = {(rule.table, column) for rule in rules.values() for column in rule.columns}
    assert named - set(columns) == set(), "columns that no table has"
    shutil.copytree(province.settings.home, tmp_path / "home")
    settings = load_settings(tmp_path / "home")
    with duckdb.connect(str(settings.build_database)) as connection:
        connection.execute("create table fund.copied as select *, 3 as patients_cnt from fund.month")
        connection.execute("drop table fund.month")
        connection.execute("alter table fund.copied rename to month")
    before = sorted(settings.releases.iterdir())
    with writer(settings), pytest.raises(Refused, match=r"fund\.month\.patients_cnt") as refused:
        release(settings)
    assert "scope_column.csv" in refused.value.text.zh
    assert sorted(settings.releases.iterdir()) == before


def test_tables_of_print_hold_no_row_of_the_feeds(province: Released) -> None:
    rules = read_policy()
    for rule in rules.values():
        is_print = rule.protected("published") and not rule.protected("withheld")
        if rule.in_province and is_print and "data_origin" in rule.columns:
            query = f"select distinct data_origin from {rule.table}"
            assert set(rows(province.late.file(PROVINCE), query)) <= {("published",)}, rule.table


def test_counties_rows_of_reconciliations_stay_with_the_statisticians(province: Released) -> None:
    query = "select count(*) from quality.reconciliation where batch_id is null and region_code <> '460000'"
    assert rows(province.late.file(PROVINCE), query) == [(0,)]
