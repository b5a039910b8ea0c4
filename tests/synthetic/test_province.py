"""A clean synthetic province: consistent feeds, calibrated totals, the same bytes for the same plan."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import RowsRule, Rule, columns_of
from warehouse.synthetic import institution
from warehouse.synthetic import plan as plan_module
from warehouse.synthetic.generate import generate
from warehouse.synthetic.plan import Plan
from warehouse.texts import Refused

PERSONS = 20_000
PLAN = Plan(PERSONS, date(2023, 1, 1), date(2025, 12, 1), seed=11, is_clean=True)
FEED_NAMES = (
    "person",
    "institution",
    "enrolment",
    "contribution",
    "settlement",
    "settlement_fund_line",
    "fee_summary",
    "fund_ledger",
    "fund_budget",
    "assisted_roster",
)
IS_INSURED_HERE = "settlement.out_flag <> '2'"
# (part of a measure's name, tolerance relative to the target); shares of a year's curve hold to the fen
TOLERANCES = {
    "visits_per_head": 0.03,
    "pharmacy_per_head": 0.05,
    "admissions_per_100": 0.08,
    "cost_per_stay": 0.12,
    "stay_days": 0.04,
    "policy_ratio": 0.03,
    "actual_ratio": 0.04,
    "income": 0.001,
    "expenditure": 0.001,
    "cumulative": 0.001,
    "balance": 0.001,
    "settlement_rows": 0.05,
    "employee_share": 0.03,
    "employees_in": 0.06,
    "age_": 0.06,
    "male": 0.02,
    "working_per_retired": 0.08,
    "insured": 0.01,
    "cross_province_direct": 0.12,
    "cost_share": 0.25,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("province")
    generate(PLAN, out)
    return out


@pytest.fixture(scope="module")
def feeds(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The delivered files as tables, with the newest state of each row."""
    connection = duckdb.connect()
    for name in FEED_NAMES:
        columns = columns_of(FEEDS[name])
        types = ", ".join(f"'{each.name}': '{each.sql_type}'" for each in columns)
        keys = ", ".join(each.name for each in columns if each.is_key)
        newest = "updt_time desc" if "updt_time" in {each.name for each in columns} else "filename desc"
        connection.execute(
            f"""
            create table {name} as
            select * exclude (filename) from read_csv('{folder}/feeds/{name}_2*.csv', header = true,
                auto_detect = false, delim = ',', quote = '"', columns = {{{types}}}, filename = true)
            qualify row_number() over (partition by {keys} order by {newest}) = 1
            """
        )
    yield connection
    connection.close()


def count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(f"select count(*) from ({query})").fetchone()
    assert row is not None
    return int(row[0])


def test_manifest_lists_every_file_with_its_rows(folder: Path) -> None:
    entries = yaml.safe_load((folder / "feeds/manifest.yml").read_text(encoding="utf-8"))["files"]
    written = {path.name for path in (folder / "feeds").glob("*_2*")}
    assert set(entries) == written
    entry = entries["settlement_2025-03.csv"]
    assert entry["delivered_on"] == date(2025, 4, 10)
    rows = duckdb.sql(
        f"select count(*), cast(sum(medfee_sumamt) as decimal(18, 2)) "
        f"from read_csv('{folder}/feeds/settlement_2025-03.csv', header = true)"
    ).fetchall()
    assert (entry["rows"], entry["totals"]["medfee_sumamt"]) == (rows[0][0], str(rows[0][1]))


def test_headers_are_the_contract(folder: Path) -> None:
    for name in FEED_NAMES:
        path = next((folder / "feeds").glob(f"{name}_2*.csv"))
        header = path.read_text(encoding="utf-8").split("\n", 1)[0]
        assert header == ",".join(each.name for each in columns_of(FEEDS[name]))


def test_a_settlement_has_an_enrolled_person(feeds: duckdb.DuckDBPyConnection) -> None:
    assert count(feeds, "from settlement") > PERSONS * 10
    assert not count(feeds, "from settlement anti join person using (psn_no)")
    assert not count(
        feeds,
        f"""
        from settlement where {IS_INSURED_HERE} and init_setl_id is null and not exists (
            from enrolment where enrolment.psn_insu_rlts_id = settlement.psn_insu_rlts_id
                and enrolment.psn_no = settlement.psn_no and enrolment.insutype = settlement.insutype
                and enrolment.insu_admdvs = settlement.insu_admdvs
                and cast(setl_time as date) >= psn_insu_date
                and cast(setl_time as date) < coalesce(paus_insu_date, date '9999-12-31'))
        """,
    )


def test_a_settlement_has_an_institution_in_force(feeds: duckdb.DuckDBPyConnection) -> None:
    assert not count(
        feeds,
        """
        from settlement where init_setl_id is null and not exists (
            from institution where institution.fixmedins_code = settlement.fixmedins_code
                and cast(setl_time as date) between valid_from and coalesce(valid_to, date '9999-12-31')
                and agreement_stas = '正常' and institution.fixmedins_name = settlement.fixmedins_name)
        """,
    )


def test_identities_of_settlements_hold_to_the_fen(feeds: duckdb.DuckDBPyConnection) -> None:
    broken = """
        from settlement where not (
            medfee_sumamt = fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_amt
            and medfee_sumamt = fund_pay_sumamt + psn_pay + ownpay_hosp_part
            and psn_pay = acct_pay + cash_payamt + acct_mulaid_pay
            and fund_pay_sumamt = hifp_pay + cvlserv_pay + hifes_pay + hifmi_pay + hifob_pay + hifdm_pay + maf_pay
                + othfund_pay
            and inscp_amt between least(medfee_sumamt, 0) and greatest(medfee_sumamt, 0)
            and sign(medfee_sumamt) * least(cash_payamt * sign(medfee_sumamt), hifp_pay * sign(medfee_sumamt)) *
                sign(medfee_sumamt) >= 0)
    """
    assert not count(feeds, broken)


def test_fund_lines_and_fees_add_up(feeds: duckdb.DuckDBPyConnection) -> None:
    assert not count(
        feeds,
        """
        from settlement left join (
            select setl_id, sum(fund_payamt) filter (fund_pay_type in ('310100', '310103', '390100')) as pool,
                sum(fund_payamt) filter (fund_pay_type = '310200') as account,
                sum(fund_payamt) filter (fund_pay_type <> '310200') as funds
            from settlement_fund_line group by setl_id
        ) as line using (setl_id)
        where coalesce(pool, 0) <> hifp_pay or coalesce(account, 0) <> acct_pay or coalesce(funds, 0) <> fund_pay_sumamt
        """,
    )
    assert not count(
        feeds,
        """
        from settlement left join (
            select setl_id, sum(det_item_fee_sumamt) as fee, sum(inscp_amt) as within from fee_summary group by setl_id
        ) as fee using (setl_id)
        where fee is distinct from medfee_sumamt or within is distinct from settlement.inscp_amt
        """,
    )


def test_refunds_take_back_their_original(feeds: duckdb.DuckDBPyConnection) -> None:
    refunds = count(feeds, "from settlement where init_setl_id is not null")
    assert 0.01 <= refunds / count(feeds, "from settlement where init_setl_id is null") <= 0.03
    assert not count(
        feeds,
        """
        from settlement as refund left join settlement as original on original.setl_id = refund.init_setl_id
        where refund.init_setl_id is not null and not coalesce(original.refd_setl_flag = '1'
            and refund.refd_setl_flag = '1' and refund.medfee_sumamt = -original.medfee_sumamt
            and refund.setl_time > original.setl_time and original.updt_time = refund.setl_time, false)
        """,
    )
    flagged = count(feeds, "from settlement where refd_setl_flag = '1' and init_setl_id is null")
    assert flagged == refunds
    assert count(
        feeds,
        "from settlement as refund join settlement as original on original.setl_id = refund.init_setl_id "
        "where year(refund.setl_time) > year(original.setl_time)",
    )


def test_an_original_is_first_sent_without_its_refund(folder: Path) -> None:
    sent = duckdb.sql(
        f"""
        select setl_id, list(refd_setl_flag order by updt_time) as flags
        from read_csv('{folder}/feeds/settlement_2*.csv', header = true, all_varchar = true)
        group by setl_id having count(*) > 1
        """
    ).fetchall()
    assert sent
    assert {tuple(flags) for _, flags in sent} == {("0", "1")}


def test_contributions_match_enrolment_and_ledger(feeds: duckdb.DuckDBPyConnection) -> None:
    assert not count(
        feeds,
        """
        from contribution anti join enrolment
            on enrolment.psn_insu_rlts_id = contribution.psn_insu_rlts_id and enrolment.psn_no = contribution.psn_no
            and enrolment.insutype = contribution.insutype
            and strftime(enrolment.psn_insu_date, '%Y%m') <= contribution.cashym
            and contribution.cashym < coalesce(strftime(enrolment.paus_insu_date, '%Y%m'), '999912')
        """,
    )
    assert not count(
        feeds,
        """
        select cashym, insutype from (
            select cashym, insutype, clct_sumamt as paid, 0 as booked from contribution
            union all
            select ym, insutype, 0, amount_yuan from fund_ledger
            where subject_code in ('income_employer', 'income_individual')
        ) group by cashym, insutype having sum(paid) <> sum(booked)
        """,
    )


def test_ledger_identities_hold_to_the_fen(feeds: duckdb.DuckDBPyConnection) -> None:
    flows = """
        select admdvs, fund_code, ym,
            sum(if(starts_with(subject_code, 'income_'), amount_yuan, 0)) as income,
            sum(if(starts_with(subject_code, 'expenditure_'), amount_yuan, 0)) as expenditure,
            max(opening) as opening, max(adjust) as adjust, max(closing) as closing
        from fund_ledger group by admdvs, fund_code, ym
    """
    assert not count(feeds, f"from ({flows}) where closing <> opening + adjust + income - expenditure")
    assert not count(
        feeds,
        f"from ({flows}) qualify opening <> lag(closing) over (partition by admdvs, fund_code order by ym)",
    )
    assert not count(
        feeds,
        """
        from fund_ledger where not starts_with(subject_code, 'balance_')
        qualify ytd_amount_yuan <> sum(amount_yuan) over (
            partition by admdvs, fund_code, subject_code, left(ym, 4) order by ym)
        """,
    )


def test_ledger_follows_settlements_with_its_lag(feeds: duckdb.DuckDBPyConnection) -> None:
    """Stays of a month are booked seven tenths in the next month and the rest one month later."""
    assert not count(
        feeds,
        """
        with stay as (
            select date_trunc('month', setl_time) as month, sum(hifp_pay + hifob_pay) as yuan
            from settlement where med_type = '21' and out_flag <> '2' group by all
        ),
        booked as (
            select strptime(ym, '%Y%m') as month, sum(amount_yuan) as yuan from fund_ledger
            where subject_code = 'expenditure_inpatient' group by ym
        )
        select booked.month from booked
        join stay as last on last.month = booked.month - interval 1 month
        join stay as before on before.month = booked.month - interval 2 month
        where abs(booked.yuan - 0.7 * last.yuan - 0.3 * before.yuan) > 1
        """,
    )


def test_identity_numbers_are_nobodys(feeds: duckdb.DuckDBPyConnection) -> None:
    assert not count(feeds, "from person where not starts_with(certno, '999999')")
    assert not count(feeds, "from person where not regexp_full_match(psn_name, '参保人[0-9]{8}')")
    assert count(feeds, "select distinct certno from person") == count(feeds, "from person")
    for column in columns_of(FEEDS["person"]):
        assert column.name != "certno" or column.sensitivity == "personal"
    assert not count(
        feeds,
        "from person where substr(certno, 7, 8) <> strftime(brdy, '%Y%m%d') "
        "or (cast(substr(certno, 17, 1) as integer) % 2 = 1) <> (gend = '1')",
    )
    check = next(rule for rule in FEEDS["person"].rules if rule.code == "identity_check_digit")
    assert not count(feeds, f"from person where not ({check.holds})")


def test_winter_residents_come_in_winter(feeds: duckdb.DuckDBPyConnection) -> None:
    months = feeds.execute(
        "select distinct month(setl_time) from settlement where out_flag = '2' and init_setl_id is null order by 1"
    ).fetchall()
    assert [month for (month,) in months] == [1, 2, 3, 11, 12]


def test_generated_numbers_meet_the_calibration(folder: Path) -> None:
    rows = duckdb.sql(f"select name, target, generated from read_csv('{folder}/calibration.csv')").fetchall()
    assert len(rows) > 100
    off = []
    for name, wanted, generated in rows:
        tolerance = next(value for part, value in TOLERANCES.items() if name.startswith(part))
        if generated is None or abs(generated - wanted) > tolerance * wanted:
            off.append((name, wanted, generated))
    assert not off


def test_anomalies_are_listed(folder: Path) -> None:
    codes = duckdb.sql(f"select distinct code from read_csv('{folder}/anomalies.csv')").fetchall()
    assert {code for (code,) in codes} >= {
        "split_stays",
        "price_jump",
        "under_reporting",
        "small_cell",
        "refund_across_years",
        "double_enrolment",
        "deficit",
    }


def test_same_plan_same_bytes(tmp_path: Path) -> None:
    """Two runs with one and two threads give the same files; another seed does not."""
    digests = []
    for threads, seed in ((1, 5), (2, 5), (2, 6)):
        out = tmp_path / f"{threads}_{seed}"
        generate(Plan(3_000, date(2024, 7, 1), date(2025, 6, 1), seed), out, threads=threads)
        digests.append(
            {
                path.relative_to(out): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in sorted(out.rglob("*"))
                if path.is_file()
            }
        )
    assert [name for name, digest in digests[0].items() if digests[1].get(name) != digest] == []
    assert digests[0].keys() == digests[1].keys()
    assert digests[2] != digests[0]


def test_months_beyond_the_calibration_are_refused() -> None:
    with pytest.raises(Refused):
        Plan(20_000, date(2019, 1, 1), date(2020, 12, 1), 1)


@pytest.mark.parametrize("name", FEED_NAMES)
def test_no_rule_of_the_contract_is_broken(feeds: duckdb.DuckDBPyConnection, name: str) -> None:
    """Rules that refuse, judged over all rows of a feed as if they came in one file."""
    feeds.execute("create schema if not exists raw")
    for other in FEED_NAMES:
        source = other if other != name else f"{other} limit 0"
        feeds.execute(f"create or replace view raw.{other} as select * from main.{source}")
    feeds.execute(
        "create or replace view batch as select row_number() over () as _row, date '2026-01-10' as known_on, * "
        f"from main.{name}"
    )
    broken = []
    for rule in FEEDS[name].rules:
        if rule.severity not in ("reject", "wait"):
            continue
        if isinstance(rule, Rule):
            found = count(feeds, f"from batch where not ({rule.holds})")
        elif isinstance(rule, RowsRule):
            found = count(feeds, rule.breaking)
        else:
            found = count(feeds, f"select ({rule.measure}) as measure where not ({rule.holds})")
        if found:
            broken.append((rule.code, found))
    assert not broken
    for column in columns_of(FEEDS[name]):
        assert not column.is_required or not count(feeds, f"from batch where {column.name} is null")
        if column.length is not None:
            assert not count(feeds, f"from batch where length({column.name}) > {column.length}")


def test_month_by_month_gives_the_same_province(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way of big provinces (months built, written and dropped one by one) changes files, not rows."""
    small = Plan(3_000, date(2024, 11, 1), date(2025, 3, 1), seed=3, is_clean=True)
    generate(small, tmp_path / "small")
    monkeypatch.setattr(plan_module, "MONTHLY_FILES_FROM", 1_000)
    monkeypatch.setattr(institution, "PICKS_LARGE", institution.PICKS_SMALL)
    generate(small, tmp_path / "big")
    for name in ("person", "enrolment", "settlement", "settlement_fund_line", "contribution", "fund_ledger"):
        columns = columns_of(FEEDS[name])
        types = ", ".join(f"'{each.name}': '{each.sql_type}'" for each in columns)
        keys = ", ".join(each.name for each in columns if each.is_key)
        newest = "updt_time" if "updt_time" in {each.name for each in columns} else "1"
        rows = (
            f"select * from {{}} qualify row_number() over (partition by {keys} order by {newest} desc) = 1 "
            f"order by {keys}"
        )
        csv = f"read_csv('{tmp_path}/small/feeds/{name}_2*.csv', header = true, columns = {{{types}}})"
        parquet = f"read_parquet('{tmp_path}/big/feeds/{name}_2*.parquet')"
        expected = duckdb.sql(rows.format(csv)).fetchall()
        assert expected
        assert duckdb.sql(rows.format(parquet)).fetchall() == expected
