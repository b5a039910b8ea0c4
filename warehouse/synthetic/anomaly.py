"""Anomalies planted in the base data, with known answers (``province.base_anomaly``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.synthetic.plan import Period, Plan, month_index, month_of


@dataclass(frozen=True)
class HospitalAnomaly:
    """A hospital whose stays are cut in two, or whose prices jump by ``factor``."""

    institution: str
    factor: float = 1.0

    def since(self, plan: Plan) -> str:
        """SQL date from which prices are higher: six months before the end."""
        return f"date '{month_of(max(month_index(plan.first), month_index(plan.last) - 5))}'"


@dataclass(frozen=True)
class CountyAnomaly:
    """A county that leaves out a share of its settlements for three months."""

    county: str
    share: float

    def first(self, plan: Plan) -> str:
        """SQL date of the first incomplete month."""
        return f"date '{month_of(max(month_index(plan.first), month_index(plan.last) - 6))}'"

    def last(self, plan: Plan) -> str:
        """SQL date of the last incomplete month."""
        return f"date '{month_of(max(month_index(plan.first), month_index(plan.last) - 4))}'"


@dataclass(frozen=True)
class RareDisease:
    """A disease of very few persons in a small county."""

    county: str
    code: str
    name: str
    share: float


SPLIT_STAYS = HospitalAnomaly("H46010000102")
PRICE_JUMP = HospitalAnomaly("H46020000101", 1.6)
UNDER_REPORTING = CountyAnomaly("469030", 0.5)
RARE_DISEASE = RareDisease("469001", "E75", "神经鞘脂贮积病", 0.012)
DEFICIT_COUNTY = "469007"
FIRST_HALF_DAYS, SPLIT_SHARE = 7, 0.3


TEXTS = {
    "split_stays": (
        "该院的住院被拆成两次:同一患者出院数日后再次入院,两次费用相加才是原来的一次",
        "stays are cut in two: the same patient returns within days, both fees together make one stay",
    ),
    "price_jump": ("该院次均费用突然上升六成", "the fees of the hospital jump by three fifths"),
    "under_reporting": (
        "该县当月结算只报送了约一半",
        "the county sent about half of its settlements of the month",
    ),
    "small_cell": (
        "小县罕见病,涉及人数极少,须防止识别个人",
        "a rare disease in a small county: very few persons",
    ),
    "refund_across_years": (
        "退费发生在次年,冲减上年结算",
        "refunds in the next year of settlements of this one",
    ),
    "double_enrolment": (
        "同一人同时参加职工和居民医保",
        "persons enrolled as employee and as resident at once",
    ),
    "deficit": (
        "该县居民医保基金收不抵支,且逐年扩大",
        "the resident fund of the county spends more than it receives",
    ),
}


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Create the list, with the double enrolments by county (persons as the amount)."""
    connection.execute(
        "create table if not exists base_anomaly (code varchar, feed varchar, region_code varchar, "
        "institution varchar, month date, what_zh varchar, what_en varchar, amount decimal(18, 2))"
    )
    _list(
        connection,
        "double_enrolment",
        "enrolment",
        f"""
        select resident.insu_admdvs, null, cast(date '2020-01-01' + to_months(employee.begin_m) as date), count(*)
        from base_relation as resident join base_relation as employee using (pid)
        where resident.insutype = '390' and employee.insutype = '310' and resident.end_m > employee.begin_m
            and employee.begin_m between {month_index(plan.first)} and {month_index(plan.last)}
        group by resident.insu_admdvs, employee.begin_m
        """,
    )


def collect(connection: duckdb.DuckDBPyConnection, plan: Plan, chunk: Period) -> None:
    """List what the chunk's settlements show, with the fees concerned."""
    del chunk  # the settlements at hand are those of the chunk
    month = "cast(date_trunc('month', setl_time) as date)"
    fees = "cast(sum(medfee_sumamt) as decimal(18, 2))"
    local = "out_flag <> '2' and medfee_sumamt > 0"
    queries = {
        "split_stays": f"""
            select fix_blng_admdvs, fixmedins_code, {month} as month, {fees} from settlement
            where fixmedins_code = '{SPLIT_STAYS.institution}' and med_type in ('21', '52') and {local}
                and setl_id in (select {_setl_id("vid - 32")} from base_visit where kind = '21' and vid % 64 >= 32)
            group by all
        """,
        "price_jump": f"""
            select fix_blng_admdvs, fixmedins_code, {month} as month, {fees} from settlement
            where fixmedins_code = '{PRICE_JUMP.institution}' and setl_time >= {PRICE_JUMP.since(plan)}
                and medfee_sumamt > 0
            group by all
        """,
        "under_reporting": f"""
            select insu_admdvs, null, {month} as month, {fees} from settlement
            where insu_admdvs = '{UNDER_REPORTING.county}' and {local} and setl_time >= {UNDER_REPORTING.first(plan)}
                and setl_time < {UNDER_REPORTING.last(plan)} + interval 1 month
            group by all
        """,
        "small_cell": f"""
            select insu_admdvs, null, {month} as month, {fees} from settlement
            where dise_no = '{RARE_DISEASE.code}' and {local} group by all
        """,
        "refund_across_years": f"""
            select insu_admdvs, null, {month} as month, {fees} from settlement
            where init_setl_id is not null and year(setl_time) <> cast(year as integer) group by all
        """,
    }
    for code, query in queries.items():
        _list(connection, code, "settlement", query)


def close(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """List the deficit of the county in the last two years."""
    _list(
        connection,
        "deficit",
        "fund_ledger",
        f"""
        select admdvs, null, make_date(cast(left(ym, 4) as integer), 1, 1) as month,
            cast(sum(if(subject_code like 'income%', amount_yuan, -amount_yuan)) as decimal(18, 2)) as net
        from fund_ledger
        where admdvs = '{DEFICIT_COUNTY}' and fund_code = 'resident' and subject_code not like 'balance%'
            and left(ym, 4) >= '{plan.last.year - 1}'
        group by all having net < 0
        """,
    )


def write(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Write ``anomalies.csv``."""
    connection.execute(
        f"copy (from base_anomaly order by all) to '{out / 'anomalies.csv'}' (format csv, header true)"
    )


def _list(connection: duckdb.DuckDBPyConnection, code: str, feed: str, query: str) -> None:
    """Add rows of region, institution, month and amount to the list."""
    zh, en = TEXTS[code]
    connection.execute(
        f"insert into base_anomaly select '{code}', '{feed}', found.c1, found.c2, found.c3, '{zh}', '{en}', found.c4 "
        f"from ({query}) as found(c1, c2, c3, c4)"
    )


def _setl_id(vid: str) -> str:
    return f"'46' || strftime(setl_day + {FIRST_HALF_DAYS}, '%Y%m') || lpad(cast({vid} as varchar), 13, '0') || '0'"
