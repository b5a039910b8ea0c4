"""How fast the marts are built from raw, against a hand-written DuckDB script of the same tables in one run.

    python benchmarks/build_marts.py --settlements 10000000 [--months 60]

Raw tables are filled directly (persons, enrolment, ledger, settlements of a made-up province), then the cubes of
enrolment, fund and benefit are computed twice: by dbt (its own start is not counted, tests are left out) and by
plain SQL. Sums of both are compared. The bar: dbt within 1.5 times of the script. A further month is then added
and built as an increment; the bar is a tenth of the time of the full build. There are six settlements per person
and year, as in the province (58 million a year).
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from load_settlements import ROWS

from warehouse.connections import build_connection
from warehouse.engine.attempt import stop
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of
from warehouse.home import init_home, writer
from warehouse.ingest.raw_schema import prepare_raw
from warehouse.settings import Settings, load_settings
from warehouse.transform import BuildResult, run_models, set_parameters

BAR, INCREMENT_BAR = 1.5, 0.1
SETTLEMENTS_OF_A_PERSON_AND_YEAR = 6
SELECT = "+fct_enrolment__month_end +fct_benefit__month +fct_fund__month"
KNOWN_ON, NEXT_MONTH = "2025-01-10", "2025-01-02"  # the months before 2025 are there at first

PERSONS = """
insert into raw.person by name
select 'person-0' as _batch_id, i + 1 as _row, printf('4699%012d', i) as psn_no,
    case when i % 2 = 0 then '1' else '2' end as gend,
    date '1935-01-01' + cast(hash(i) % 32000 as integer) as brdy, '1' as surv_stas
from range({persons}) as numbers (i);
insert into raw.enrolment by name
select 'enrolment-0' as _batch_id, i + 1 as _row, 'L' || i as psn_insu_rlts_id, printf('4699%012d', i) as psn_no,
    case when i % 4 = 0 then '310' else '390' end as insutype,
    case when i % 4 = 0 then '1101' else '1501' end as psn_type, '1' as psn_insu_stas,
    case when i % 16 = 0 then '1' else '0' end as insutype_retr_flag,
    date '2018-01-01' + cast(hash(i, 'begin') % 2500 as integer) as psn_insu_date,
    case when i % 50 = 0 then date '2024-06-15' end as paus_insu_date, '0' as flxempe_flag,
    ['460100', '460200', '460400', '469005'][1 + i % 4] as insu_admdvs
from range({persons}) as numbers (i);
insert into raw.institution by name
select 'institution-0' as _batch_id, i + 1 as _row, printf('H46010%06d', i) as fixmedins_code,
    'A' as fixmedins_name, date '2018-01-01' as valid_from,
    case when i % 3 = 0 then '民营' else '公立' end as medins_natu,
    case when i % 5 = 0 then '1' else '0' end as is_primary
from range(3000) as numbers (i);
insert into raw.fund_ledger by name
select 'fund_ledger-0' as _batch_id, row_number() over () as _row, admdvs, fund_code, subject_code,
    strftime(month, '%Y%m') as ym, '元' as unit_raw, amount_yuan, '月报' as ledger_version,
    case when subject_code = 'balance_closing' then 1000000 + 10 * months end as opening,
    case when subject_code = 'balance_closing' then 0 end as adjust,
    case when subject_code = 'balance_closing' then 1000010 + 10 * months end as closing
from unnest(['460100', '460200', '460400', '469005']) as regions (admdvs)
cross join unnest(['employee_pool', 'employee_account', 'resident']) as funds (fund_code)
cross join (values ('income_employer', 110), ('expenditure_inpatient', 100), ('balance_closing', 0))
    as subjects (subject_code, amount_yuan)
cross join (
    select cast(date '{year}-01-01' + to_months(cast(i as integer)) as date) as month, i as months
    from range({months}) as numbers (i)
) as months;
"""
BY_HAND = """
create or replace table hand_benefit as
select date_trunc('month', s.setl_time) as month, s.insu_admdvs, s.insutype,
    coalesce(m.maps_to, 'unclassified') as service,
    coalesce(g.maps_to, 'none') as level, s.fix_blng_admdvs = s.insu_admdvs as is_local, n.medins_natu, n.is_primary,
    s.clr_way, s.gend, (year(s.setl_time) - year(s.brdy)) // 10 as age,
    count(*) as visits, {sums}
from raw.settlement as s
left join raw.institution as n on s.fixmedins_code = n.fixmedins_code
left join (select code, maps_to from seed.feed_code where code_set = 'med_type') as m on s.med_type = m.code
left join (select code, maps_to from seed.feed_code where code_set = 'hosp_lv') as g on s.hosp_lv = g.code
where s.refd_setl_flag = '0' and s.vali_flag = '1' and coalesce(s.out_flag, '0') <> '2'
group by all;
create or replace table hand_enrolment as
select c.month_end, e.insu_admdvs, e.insutype, e.psn_type, e.insutype_retr_flag, p.gend,
    (year(c.month_end) - year(p.brdy)) // 10 as age, count(*) as persons
from raw.enrolment as e
inner join raw.person as p on e.psn_no = p.psn_no
inner join intermediate.int_calendar__months as c
    on c.month_end < date '{known_on}' and e.psn_insu_date <= c.month_end
    and coalesce(e.paus_insu_date, date '9999-12-31') > c.month_end
group by all;
create or replace table hand_fund as
select admdvs, fund_code, ym, sum(case when starts_with(subject_code, 'income') then amount_yuan end) as income,
    sum(case when starts_with(subject_code, 'expenditure') then amount_yuan end) as expense, max(closing) as closing
from raw.fund_ledger group by all;
"""
SAME = """
select
    (select (sum(visits), sum(fee_yuan), sum(pool_yuan)) from benefit.month)
    = (select (sum(visits), sum(medfee_sumamt), sum(hifp_pay)) from hand_benefit)
    and (select (count(*), sum(insured_persons)) from (
            select month_end, sum(insured_persons) as insured_persons from enrolment.month_end group by 1))
    = (select (count(*), sum(persons)) from (select month_end, sum(persons) as persons from hand_enrolment group by 1))
    and (select (sum(income_yuan), sum(closing_balance_yuan)) from fund.month)
    = (select (sum(income), sum(closing)) from hand_fund)
"""
AMOUNTS = (
    "medfee_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_amt", "act_pay_dedc", "hifp_pay",
    "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "othfund_pay", "fund_pay_sumamt",
    "psn_pay", "acct_pay", "cash_payamt", "ownpay_hosp_part",
)  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    """Seconds of a piece of work."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def add_batch(settings: Settings, feed: str, number: int, month: str, known_on: str) -> None:
    """A row of ``raw.batch`` with the month it touched."""
    batch = f"{feed}-{number}"
    with build_connection(settings) as connection:
        rows = connection.execute(f"select count(*) from raw.{feed} where _batch_id = ?", [batch]).fetchall()[
            0
        ][0]
        connection.execute(
            "insert into raw.batch values (?, ?, ?, ?, 'utf-8', 0, ?, ?, ?, 0, 0, now(), 'synthetic')",
            [batch, feed, f"{batch}.csv", batch, known_on, rows, rows],
        )
        connection.execute(
            "insert into raw.touched_month values (?, ?, ?, ?, false)", [batch, feed, month, rows]
        )


def settle(
    settings: Settings, number: int, first: int, rows: int, persons: int, start: str, days: int
) -> None:
    """Settlements of a stretch of days, inserted directly, with a batch for each month."""
    query = ROWS.format(rows=rows, first=first, persons=persons, start=start, seconds=days * 86400, fee="fee")
    casts = {each.name: each.sql_type for each in columns_of(FEEDS["settlement"])}
    with build_connection(settings) as connection:
        names = [row[0] for row in connection.execute(f"describe {query}").fetchall()]
        listed = ", ".join(f"{name} :: {casts[name]} as {name}" for name in names)
        connection.execute(
            f"insert into raw.settlement by name select 'settlement-{number}' as _batch_id, "
            f"row_number() over () as _row, {listed} from ({query})"
        )
        months = connection.execute(
            "select distinct cast(date_trunc('month', setl_time) as date) from raw.settlement where _batch_id = ?",
            [f"settlement-{number}"],
        ).fetchall()
    for position, (month,) in enumerate(sorted(months)):
        if position == 0:
            add_batch(settings, "settlement", number, str(month), KNOWN_ON)
        else:
            with build_connection(settings) as connection:
                connection.execute(
                    "insert into raw.touched_month values (?, 'settlement', ?, 0, false)",
                    [f"settlement-{number}", month],
                )


def build(settings: Settings) -> BuildResult:
    """The marts by dbt."""
    result = run_models(settings, select=SELECT)
    if result.failures:
        raise SystemExit("\n".join(result.failures))
    return result


def model_seconds(result: BuildResult) -> float:
    """Seconds from the first model's start to the last one's end."""
    models = [each for each in result.results if each.resource_type == "model" and each.ended]
    return max(each.ended for each in models) - min(each.began for each in models)


def main() -> int:
    """Measure and print; exit code 1 when a bar is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--settlements", type=int, default=10_000_000)
    options.add_argument("--months", type=int, default=12, help="a multiple of 12")
    options.add_argument("--folder", type=Path, default=None)
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(dir=chosen.folder))
    settings = load_settings(folder / "home")
    year = 2025 - chosen.months // 12
    try:
        with writer(settings):
            init_home(settings)
            with build_connection(settings) as connection:
                prepare_raw(connection)
                persons = max(
                    chosen.settlements * 12 // chosen.months // SETTLEMENTS_OF_A_PERSON_AND_YEAR, 1000
                )
                connection.execute(PERSONS.format(persons=persons, year=year, months=chosen.months))
            for feed in ("person", "enrolment", "institution", "fund_ledger"):
                add_batch(settings, feed, 0, f"{year}-01-01", KNOWN_ON)
            days = int(chosen.months * 30.4)
            settle(settings, 1, 0, chosen.settlements, persons, f"{year}-01-01", days)
            set_parameters(settings, None, None)
            run_models(settings, select="stg_published__batch")  # dbt is loaded and the project parsed
            begun = time.perf_counter()
            full = build(settings)
            wall, ours = time.perf_counter() - begun, model_seconds(full)
            sums = ", ".join(f"sum({name}) as {name}" for name in AMOUNTS)
            with build_connection(settings) as connection:
                by_hand = timed(lambda: connection.execute(BY_HAND.format(sums=sums, known_on=KNOWN_ON)))
                same = connection.execute(SAME).fetchall()[0][0]
            print(
                f"full build: dbt {wall:.1f} s, its models {ours:.1f} s; by hand {by_hand:.1f} s; same sums: {same}"
            )
            print(f"ratio: {ours / by_hand:.2f} (bar {BAR}); slowest: {slowest(full)}", flush=True)
            month = chosen.settlements // chosen.months
            settle(settings, 2, chosen.settlements, month, persons, NEXT_MONTH, 27)
            increment = build(settings)
            further, cells = model_seconds(increment), _seconds_of(increment, "int_benefit__cells")
            print(
                f"one more month: models {further:.1f} s, settlements {cells:.1f} s of them; share {further / ours:.2f}"
            )
            stop()
            own, dbt = (
                resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
            )
            memory = max(own, dbt) / 2**20
            print(f"peak memory {memory:.1f} GB")
            return 0 if same and ours <= BAR * by_hand else 1
    finally:
        shutil.rmtree(folder)


def slowest(result: BuildResult) -> str:
    """The five models that took longest, with their seconds."""
    models = sorted(result.results, key=lambda each: -each.execution_time)[:5]
    return ", ".join(f"{each.name} {each.execution_time:.1f}" for each in models)


def _seconds_of(result: BuildResult, model: str) -> float:
    return float(sum(each.execution_time for each in result.results if each.name == model))


if __name__ == "__main__":
    sys.exit(main())
