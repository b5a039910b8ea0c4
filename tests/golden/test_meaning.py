"""What one record means to another: reversals, stays in parts, districts, moves, other provinces.

Every case has its own month or year of the golden province (tests/golden/README.md), so that one build shows all.
Persons, employees of Haikou: E02 (46990000000011). New residents: N1, N2, N3.
"""

from __future__ import annotations

import csv
import random
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from golden_home import FEEDS, load, rows, values

from warehouse.settings import Settings, load_settings

Row = dict[str, str]
STAY: Row = {
    "setl_id": "",
    "init_setl_id": "",
    "psn_no": "46990000000011",
    "gend": "1",
    "brdy": "1980-03-05",
    "insutype": "310",
    "insu_admdvs": "460100",
    "pay_loc": "2",
    "fixmedins_code": "H46010000001",
    "hosp_lv": "02",
    "fix_blng_admdvs": "460100",
    "med_type": "21",
    "setl_type": "2",
    "clr_way": "10",
    "medfee_sumamt": "1000.00",
    "fulamt_ownpay_amt": "100.00",
    "overlmt_selfpay": "0.00",
    "preselfpay_amt": "50.00",
    "inscp_amt": "850.00",
    "hifp_pay": "700.00",
    "hifob_pay": "20.00",
    "fund_pay_sumamt": "720.00",
    "psn_pay": "280.00",
    "acct_pay": "100.00",
    "cash_payamt": "180.00",
    "refd_setl_flag": "0",
    "vali_flag": "1",
    "out_flag": "0",
    "mdtrt_id": "",
    "mid_setl_flag": "",
    "cal_ipt_cnt": "",
}
AMOUNTS = tuple(name for name, cell in STAY.items() if cell.endswith(".00"))
PAID: Row = {
    "clct_detl_id": "",
    "init_clct_detl_id": "",
    "psn_no": "46990000000027",
    "insutype": "390",
    "psn_type": "1501",
    "psn_idet_type": "23",
    "accrym_begn": "202401",
    "accrym_end": "202412",
    "clct_time": "2024-01-20 09:00:00",
    "clct_type": "10",
    "clct_flag": "1",
    "revs_flag": "Z",
    "psn_clct_amt": "180.00",
    "finsubs_amt": "220.00",
    "clct_sumamt": "400.00",
    "arvl_date": "2024-01-20",
    "insu_admdvs": "460100",
    "updt_time": "2024-12-20 09:00:00",
}
RELATION: Row = {
    "psn_insu_rlts_id": "",
    "psn_no": "",
    "insutype": "390",
    "psn_type": "1501",
    "psn_insu_stas": "1",
    "insutype_retr_flag": "0",
    "psn_insu_date": "2022-01-01",
    "paus_insu_date": "",
    "flxempe_flag": "0",
    "insu_admdvs": "460100",
    "updt_time": "2024-03-01 09:00:00",
}


def stay(setl_id: str, begin: str, end: str, **cells: str) -> Row:
    settled = {
        "begndate": begin,
        "enddate": end,
        "setl_time": f"{end} 10:00:00",
        "updt_time": f"{end} 11:00:00",
    }
    return STAY | settled | {"setl_id": setl_id} | cells


def refund(setl_id: str, of: Row, settled: str, **cells: str) -> Row:
    turned = {name: f"-{of[name]}" if Decimal(of[name]) > 0 else of[name].lstrip("-") for name in AMOUNTS}
    ids = {"setl_id": setl_id, "init_setl_id": of["setl_id"], "refd_setl_flag": "1"}
    return (
        of | turned | ids | {"setl_time": f"{settled} 10:00:00", "updt_time": f"{settled} 10:00:00"} | cells
    )


def paid(clct_detl_id: str, **cells: str) -> Row:
    return PAID | {"clct_detl_id": clct_detl_id} | cells


def relation(psn_insu_rlts_id: str, psn_no: str, **cells: str) -> Row:
    return RELATION | {"psn_insu_rlts_id": psn_insu_rlts_id, "psn_no": psn_no} | cells


def person(number: int) -> Row:
    return {
        "psn_no": f"46990000000{number}",
        "psn_name": f"参保人{number}",
        "psn_cert_type": "01",
        "certno": {101: "999999198003050017", 102: "999999198003050025", 103: "999999198003050033"}[number],
        "gend": "1",
        "brdy": "1980-03-05",
        "surv_stas": "1",
        "vali_flag": "1",
        "updt_time": "2022-12-01 08:00:00",
    }


def written(folder: Path, name: str, content: Iterable[Mapping[str, str]]) -> Path:
    content = list(content)
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(content[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(content)
    return path


def flagged(row: Row) -> Row:
    return row | {"refd_setl_flag": "1"}


LONG = [  # 200 days, settled after 180 of them
    stay("M1", "2024-03-10", "2024-09-06", mdtrt_id="MM1", mid_setl_flag="1"),
    stay("M2", "2024-09-06", "2024-09-26", mdtrt_id="MM1", mid_setl_flag="0"),
]
THREE = [  # 29 days in three parts; only the last is said to count
    stay("I0", "2024-12-01", "2024-12-10", mdtrt_id="MI1", mid_setl_flag="1", cal_ipt_cnt="0"),
    stay("I1", "2024-12-10", "2024-12-20", mdtrt_id="MI1", mid_setl_flag="1", cal_ipt_cnt="0"),
    stay("I2", "2024-12-20", "2024-12-30", mdtrt_id="MI1", mid_setl_flag="0", cal_ipt_cnt="1"),
]
OVER_MONTHS = [  # parts of January and April; the part of May was taken back before its month was closed
    stay("O1", "2024-01-02", "2024-01-31", mdtrt_id="MO1", mid_setl_flag="1"),
    stay("O2", "2024-01-31", "2024-04-11", mdtrt_id="MO1", mid_setl_flag="0"),
    flagged(stay("O3", "2024-01-31", "2024-05-09", mdtrt_id="MO1", mid_setl_flag="0")),
]
OVER_MONTHS.append(refund("O3-", OVER_MONTHS[2], "2024-06-10"))
FOLLOW_UP = [  # Y1 names X1 without being its refund
    stay("X1", "2024-10-02", "2024-10-04"),
    stay("Y1", "2024-10-06", "2024-10-08", init_setl_id="X1"),
]
TWICE = [flagged(stay("D1", "2024-07-02", "2024-07-04", mdtrt_id="VD1"))]
TWICE += [refund("D2", TWICE[0], "2024-07-10"), refund("D3", TWICE[0], "2024-07-11")]
TWICE += [stay("R9", "2024-07-20", "2024-07-22", init_setl_id="D1", mdtrt_id="VR9")]
DISTRICT = stay(
    "DI", "2024-11-01", "2024-11-05", psn_no="46990000000023", insutype="390", fix_blng_admdvs="460106"
)
ELSEWHERE = [  # of another province, of no region, of schemes that no figure has: to be said, not to be counted
    stay("Q1", "2024-11-10", "2024-11-12", insu_admdvs="440000"),
    stay("Q2", "2024-11-10", "2024-11-12", insu_admdvs=""),
    stay("Q3", "2024-11-10", "2024-11-12", insutype="340"),
    stay("Q4", "2024-11-10", "2024-11-12", insutype="391"),
]
CHAIN = [
    paid("X1"),
    paid("X2", init_clct_detl_id="X1", psn_clct_amt="0.00", finsubs_amt="-220.00", clct_sumamt="-220.00"),
    paid("Y1", psn_no="46990000000028", psn_idet_type="", psn_clct_amt="400.00", finsubs_amt="0.00"),
]
CHAIN += [
    CHAIN[2]
    | {"clct_detl_id": f"Y{number}", "init_clct_detl_id": f"Y{number - 1}"}
    | {"psn_clct_amt": f"{sign}400.00", "clct_sumamt": f"{sign}400.00"}
    for number, sign in ((2, "-"), (3, ""))
]
CHAIN.append(paid("Z1", psn_no="46990000000032", insu_admdvs="440000"))
PERSONS = [person(number) for number in (101, 102, 103)]
RELATIONS = [
    relation("LN1", "46990000000101", psn_insu_date="2024-01-01", paus_insu_date="2024-12-31"),
    relation("LN2", "46990000000102", psn_insu_date="2023-01-01", insu_admdvs="460106"),
    relation("LN3", "46990000000103"),
    relation("LN4", "46990000000011", insutype="310", insu_admdvs="440000"),
]
MOVED = [relation("LN3", "46990000000103", insu_admdvs="460200", updt_time="2024-09-15 09:00:00")]


def cases(folder: Path) -> list[Path]:
    settlements = [*LONG, *THREE, *OVER_MONTHS, *FOLLOW_UP, *TWICE, DISTRICT, *ELSEWHERE]
    return [
        written(folder, "settlement_cases@2025-01-12.csv", settlements),
        written(folder, "contribution_cases@2025-01-12.csv", CHAIN),
        written(folder, "person_cases@2025-01-11.csv", PERSONS),
        written(folder, "enrolment_cases@2025-01-11.csv", RELATIONS),
        written(folder, "enrolment_moved@2025-01-12.csv", MOVED),
    ]


@pytest.fixture(scope="module")
def told(golden: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The golden province with all cases, loaded and built. Read only."""
    settings = load_settings(tmp_path_factory.mktemp("told") / "home")
    load(settings, [FEEDS, *cases(tmp_path_factory.mktemp("cases"))])
    return settings


def value(settings: Settings, metric: str, variant: str, region: str, scheme: str, period: str) -> Any:
    basis, end = period.split()
    found = rows(
        settings,
        f"""
        select value, numerator, denominator from ind.ind_feed__period
        where metric_key = '{metric}' and variant = '{variant}' and region_code = '{region}'
            and scheme_code = '{scheme}' and period_basis = '{basis}' and period_end = date '{end}'
        """,
    )
    assert len(found) <= 1
    return tuple(round(each, 4) for each in found[0] if each is not None) if found else None


def inpatient(settings: Settings, month: str, region: str = "460100") -> tuple[Any, ...]:
    """Stays, days, fee and fund payments of the employees of a county in a month."""
    return rows(
        settings,
        f"""
        select coalesce(sum(visits), 0), coalesce(sum(stay_days), 0), coalesce(sum(fee_yuan), 0),
            coalesce(sum(fund_yuan), 0)
        from benefit.month
        where service_code = 'ip' and scheme_code = 'employee' and region_code = '{region}'
            and month_end = last_day(date '{month}-01')
        """,
    )[0]


def test_a_long_stay_settled_in_two_is_one_stay(told: Settings) -> None:
    # alos: 超过180天的分段结算合并为一次住院
    assert value(told, "alos", "formula", "460100", "employee", "month 2024-09-30") == (200, 200, 1)
    assert value(told, "avg_cost_ip", "formula", "460100", "employee", "month 2024-09-30") == (2000, 2000, 1)


def test_three_parts_are_one_stay(told: Settings) -> None:
    assert inpatient(told, "2024-12") == (1, 29, 3000, 2160)


def test_a_stay_over_months_counts_where_it_ended(told: Settings) -> None:
    # 2024-01-02 to 2024-04-11; the third part was taken back by a refund that names it
    assert inpatient(told, "2024-01") == (0, 0, 0, 0)
    assert inpatient(told, "2024-04") == (1, 100, 2000, 1440)
    assert inpatient(told, "2024-06") == (0, 0, 0, 0)


def test_a_row_that_names_another_settlement_is_no_refund(told: Settings) -> None:
    assert inpatient(told, "2024-10") == (2, 4, 2000, 1440)


def test_two_refunds_of_one_settlement_take_it_back_once(told: Settings) -> None:
    assert inpatient(told, "2024-07") == (1, 2, 1000, 720)  # R9; golden S8 was refunded


def test_a_reversal_of_a_reversal_restores_the_contribution(told: Settings) -> None:
    paid_by_region = rows(
        told,
        """
        select region_code, sum(paid_yuan) from enrolment.contribution
        where scheme_code = 'resident' and year(month_end) = 2024 group by 1 order by 1
        """,
    )
    # Haikou: C1 to C4 of 400 each, 180 left of X1, Y1 restored; Sanya: C5
    assert paid_by_region == [("460100", Decimal("2180.00")), ("460200", Decimal("400.00"))]
    # 17 of the golden year, X1 and Y1; 28 residents
    assert value(told, "enrol_rate_paid", "resident", "460000", "all", "point 2024-12-31")[1:] == (19, 28)


def test_a_reversed_part_of_a_subsidy_is_no_subsidy(told: Settings) -> None:
    # C1 and nothing of X1; C5 is not entitled by type and is on no roster of 2024
    assert value(told, "subsidised_enrol_amount", "all", "460100", "resident", "year 2024-12-31")[0] == 400


def test_a_district_belongs_to_its_city(told: Settings) -> None:
    regions = {region for (region,) in rows(told, "select distinct region_code from enrolment.month_end")}
    assert regions == {"460100", "460200"}
    assert value(told, "local_treatment_rate", "formula", "460100", "resident", "month 2024-11-30") == (
        1,
        1,
        1,
    )


def insured(settings: Settings, month_end: str) -> dict[str, int]:
    return dict(
        rows(
            settings,
            f"""
            select region_code, sum(insured_persons) from enrolment.month_end
            where scheme_code = 'resident' and month_end = date '{month_end}' group by 1
            """,
        )
    )


def test_a_relation_covers_the_day_of_its_suspension(told: Settings, golden: Settings) -> None:
    without, found = insured(golden, "2024-12-31"), insured(told, "2024-12-31")
    assert found["460100"] - without["460100"] == 2  # LN1, suspended that day, and LN2


def test_a_move_keeps_the_past_where_it_was(told: Settings, golden: Settings) -> None:
    for month_end, haikou, sanya in (("2024-08-31", 3, 0), ("2024-09-30", 2, 1), ("2023-06-30", 2, 0)):
        without, found = insured(golden, month_end), insured(told, month_end)
        assert (found["460100"] - without["460100"], found["460200"] - without["460200"]) == (haikou, sanya)


def test_nothing_of_another_province_or_scheme_counts_here(told: Settings) -> None:
    assert inpatient(told, "2024-11") == (0, 0, 0, 0)
    for table in ("benefit.month", "enrolment.month_end", "enrolment.contribution"):
        found = rows(told, f"select distinct region_code from {table} where region_code not like '46%'")
        assert found == []
        assert rows(told, f"select distinct scheme_code from {table} where scheme_code = 'other'") == []
    query = "select * from benefit.month where scheme_code = 'employee' and month_end = date '2024-11-30'"
    assert rows(told, query) == []


def test_what_is_not_counted_or_odd_is_said(told: Settings) -> None:
    found = rows(
        told,
        """
        select batch.feed, finding.rule, finding.rows_found
        from raw.finding as finding inner join raw.batch as batch using (batch_id)
        where contains(batch.file_name, '_cases')
        """,
    )
    assert set(found) >= {
        ("settlement", "region_in_province", 1),  # Q1
        ("settlement", "region_stated", 1),  # Q2
        ("settlement", "scheme_counted", 2),  # Q3, Q4
        ("settlement", "names_another", 2),  # Y1, R9
        ("settlement", "refunded_once", 2),  # D2, D3
        ("settlement", "stays_apart", 7),  # M1 with O2 and R9; Q1 to Q4
        ("contribution", "region_in_province", 1),  # Z1
        ("enrolment", "region_in_province", 1),  # LN4
    }


def chains_of_contributions(chance: random.Random) -> tuple[list[Row], dict[str, Decimal]]:
    """Contributions of employees of 定安 with reversals of any depth and part, and what is paid by month."""
    content: list[Row] = []
    left: defaultdict[str, Decimal] = defaultdict(Decimal)

    def add(amount: Decimal, parent: str, month: str) -> str:
        name = f"T{len(content):04}"
        person_part = amount // 4
        parts = {"psn_clct_amt": f"{person_part}.00", "finsubs_amt": f"{amount - person_part}.00"}
        ids = {"init_clct_detl_id": parent, "psn_no": f"4699000001{month}", "insutype": "310"}
        months = {"accrym_begn": month, "accrym_end": month, "insu_admdvs": "469021"}
        content.append(paid(name) | parts | ids | months | {"clct_sumamt": f"{amount}.00"})
        return name

    for _ in range(150):
        month, amount = f"2024{chance.randint(1, 12):02}", Decimal(chance.randint(1, 50) * 4)
        members = [(add(amount, "", month), amount)]
        while chance.random() < 0.6:
            parent, of = chance.choice(members)
            part = of if chance.random() < 0.6 else of / abs(of) * chance.randint(1, int(abs(of)))
            members.append((add(-part, parent, month), -part))
        if chance.random() < 0.2:  # another contribution that only names the first
            left[month] += amount
            add(amount, members[0][0], month)
        left[month] += max(sum(each for _, each in members), Decimal(0))
    return content, left


def chains_of_settlements(chance: random.Random) -> tuple[list[Row], dict[str, int]]:
    """Stays of employees of 屯昌 with refunds at any depth, and how many stand in each month."""
    content: list[Row] = []
    standing: defaultdict[str, int] = defaultdict(int)

    def refunds(of: Row, depth: int) -> bool:
        """Add refunds of a row at random; whether one of them stands, so that the row does not."""
        found = False
        while chance.random() < (0.5 if depth == 0 else 0.3) and depth < 5:
            of["refd_setl_flag"] = "1"
            month = int(of["setl_time"][5:7])
            row = refund(f"W{len(content):04}", of, f"2024-{chance.randint(month, 12):02}-25")
            content.append(row)
            found |= not refunds(row, depth + 1)
        return found

    for number in range(150):
        month = chance.choice([1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12])  # March is locked: unit tests
        cells = {"psn_no": f"46990000002{number:03}", "insu_admdvs": "469022", "fix_blng_admdvs": "469022"}
        row = stay(f"W{len(content):04}", f"2024-{month:02}-03", f"2024-{month:02}-05", **cells)
        content.append(row)
        standing[f"{month:02}"] += not refunds(row, 0)
    return content, standing


@pytest.fixture(scope="module")
def chained(golden: Settings, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Any, Any]:
    """Chains at random, each cut over two deliveries: a reversal may come before what it reverses."""
    chance, folder = random.Random(13), tmp_path_factory.mktemp("chained")
    settings = load_settings(folder / "home")
    shutil.copytree(golden.home, settings.home)
    (contributions, left), (stays, standing) = chains_of_contributions(chance), chains_of_settlements(chance)
    for day in ("2025-01-13", "2025-01-14"):
        files = []
        for feed, content in (("contribution", contributions), ("settlement", stays)):
            part = [row for row in content if chance.random() < 0.5] if day.endswith("13") else content[:]
            content[:] = [row for row in content if row not in part]
            chance.shuffle(part)
            files.append(written(folder, f"{feed}_chains@{day}.csv", part))
        load(settings, files)
    return settings, left, standing


def test_what_chains_of_reversals_leave_is_what_is_paid(chained: tuple[Settings, Any, Any]) -> None:
    settings, left, _ = chained
    query = """
        select strftime(month_end, '%Y%m'), paid_yuan from enrolment.contribution
        where region_code = '469021' and scheme_code = 'employee'
    """
    assert dict(rows(settings, query)) == {month: amount for month, amount in left.items() if amount}


def test_what_stands_in_chains_of_refunds_is_what_counts(chained: tuple[Settings, Any, Any]) -> None:
    settings, _, standing = chained
    query = """
        select strftime(month_end, '%m'), sum(visits), sum(fee_yuan) from benefit.month
        where region_code = '469022' group by 1
    """
    expected = {(month, count, Decimal(1000 * count)) for month, count in standing.items() if count}
    assert set(rows(settings, query)) == expected


def test_late_parts_change_what_they_belong_to(told: Settings, golden: Settings, tmp_path: Path) -> None:
    """The last part of a stay, a refund, a reversal and a move that come late: as if all had come at once."""
    late_ids = {"M2", "O2", "O3-", "I2", "D2", "Y2", "X2"}
    settings = load_settings(tmp_path / "home")
    shutil.copytree(golden.home, settings.home)
    early, late = [], []
    for path in cases(tmp_path):
        with path.open(encoding="utf-8", newline="") as stream:
            content = list(csv.DictReader(stream))
        held = [
            row for row in content if late_ids & set(row.values()) and next(iter(row.values())) in late_ids
        ]
        if "moved" in path.name:
            late.append(path)
            continue
        if held:
            late.append(written(tmp_path, path.name.replace("cases", "late"), held))
        early.append(written(tmp_path, path.name, [row for row in content if row not in held]))
    load(settings, early)
    load(settings, late)
    assert values(settings) == values(told)
