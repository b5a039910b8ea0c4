"""Rows that the registry's words decide, delivered beside the golden province: what counts and what does not."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from golden_home import rows

from warehouse.settings import Settings

Built = Callable[..., Settings]
HEADER = (
    "setl_id,init_setl_id,psn_no,gend,brdy,insutype,insu_admdvs,pay_loc,fixmedins_code,hosp_lv,fix_blng_admdvs,"
    "begndate,enddate,setl_time,med_type,setl_type,clr_way,medfee_sumamt,fulamt_ownpay_amt,overlmt_selfpay,"
    "preselfpay_amt,inscp_amt,hifp_pay,hifob_pay,hifmi_pay,maf_pay,fund_pay_sumamt,psn_pay,acct_pay,cash_payamt,"
    "ownpay_hosp_part,refd_setl_flag,vali_flag,out_flag,updt_time,cvlserv_pay,acct_mulaid_pay"
)
# a visit paid from the account alone; a stay with civil-servant subsidy; a registration fee that the pool pays;
# an emergency visit paid in part from a relative's account; two-disease drugs of an employee
SETTLEMENTS = """
OA,,46990000000011,1,1980-03-05,310,460100,2,H46010000002,08,460100,2024-09-03,2024-09-03,2024-09-03 10:00:00,11,2,10,60.00,0.00,0.00,0.00,60.00,0.00,0.00,0.00,0.00,0.00,60.00,60.00,0.00,0.00,0,1,0,2024-09-03 11:00:00,0.00,0.00
CV,,46990000000011,1,1980-03-05,310,460100,2,H46010000001,02,460100,2024-10-01,2024-10-05,2024-10-05 10:00:00,21,2,40,1000.00,100.00,0.00,50.00,850.00,700.00,0.00,0.00,0.00,800.00,200.00,0.00,200.00,0.00,0,1,0,2024-10-05 11:00:00,100.00,0.00
RG,,46990000000010,2,1980-03-05,310,460100,2,H46010000002,08,460100,2024-09-04,2024-09-04,2024-09-04 10:00:00,12,2,10,10.00,0.00,0.00,0.00,10.00,6.00,0.00,0.00,0.00,6.00,4.00,0.00,4.00,0.00,0,1,0,2024-09-04 11:00:00,0.00,0.00
EM,,46990000000010,2,1980-03-05,310,460100,2,H46010000002,08,460100,2024-09-05,2024-09-05,2024-09-05 10:00:00,13,2,10,50.00,0.00,0.00,10.00,40.00,30.00,0.00,0.00,0.00,30.00,20.00,5.00,10.00,0.00,0,1,0,2024-09-05 11:00:00,0.00,5.00
""".strip()
CERTIFICATES = (
    "psn_no,dise_code,begin_date,insutype,cert_type,end_date\n46990000000010,I10,2024-01-01,310,两病,\n"
)
DRUGS = (
    "TD,,46990000000010,2,1980-03-05,310,460100,2,H46010000002,08,460100,2024-09-06,2024-09-06,2024-09-06 10:00:00,"
    "11,2,10,50.00,0.00,0.00,0.00,50.00,20.00,0.00,0.00,0.00,20.00,30.00,0.00,30.00,0.00,0,1,0,"
    "2024-09-06 11:00:00,0.00,0.00,I10"
)
CONTRIBUTIONS = """
clct_detl_id,init_clct_detl_id,psn_no,insutype,psn_type,psn_idet_type,accrym_begn,accrym_end,clct_time,clct_type,clct_flag,revs_flag,emp_clct_amt,psn_clct_amt,finsubs_amt,oth_clct_amt,clct_sumamt,arvl_date,insu_admdvs,updt_time
P1,,46990000000027,390,1501,23,202401,202412,2024-01-03 09:00:00,10,1,Z,0.00,180.00,0.00,0.00,180.00,2024-01-05,460100,2024-12-20 09:00:00
P2,,46990000000027,390,1501,23,202401,202412,2024-08-03 09:00:00,10,1,Z,0.00,0.00,220.00,0.00,220.00,2024-08-05,460100,2024-12-20 09:00:00
""".lstrip()
BUDGET = """
admdvs,fund_code,subject_code,year,budget_version,budget_type,is_current,amount_yuan,approved_date
460200,employee_account,expenditure_vaccine,2024,1,原预算,1,100.00,2024-01-01
460200,resident,income_transfer,2024,1,原预算,1,500.00,2024-01-01
""".lstrip()


@pytest.fixture(scope="module")
def stated(
    golden: Settings, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, ...], tuple[Decimal, Decimal, Decimal | None]]:
    """Value, numerator and denominator by metric, variant, region, scheme, scope, basis and end."""
    import shutil

    from golden_home import load

    from warehouse.settings import load_settings

    folder = tmp_path_factory.mktemp("definitions")
    settings = load_settings(folder / "home")
    shutil.copytree(golden.home, settings.home)
    files = {
        "settlement_t@2025-01-12.csv": f"{HEADER}\n{SETTLEMENTS}\n",
        "settlement_d@2025-01-12.csv": f"{HEADER},dise_no\n{DRUGS}\n",
        "chronic_certificate_t@2025-01-12.csv": CERTIFICATES,
        "contribution_t@2025-01-12.csv": CONTRIBUTIONS,
        "fund_budget_t@2025-01-12.csv": BUDGET,
    }
    paths: list[Path] = []
    for name, text in files.items():
        paths.append(folder / name)
        paths[-1].write_text(text, encoding="utf-8")
    load(settings, paths)
    key = (
        "metric_key, variant, region_code, scheme_code, fund_scope, period_basis, cast(period_end as varchar)"
    )
    return {
        row[:7]: row[7:]
        for row in rows(settings, f"select {key}, value, numerator, denominator from ind.ind_feed__period")
    }


@pytest.mark.parametrize(
    ("key", "numerator", "denominator"),
    [
        # 3.04: the numerator of 3.01 holds the civil-servant subsidy: (700 + 100) / (1000 - 100)
        (("catalogue_pay_ratio_ip", "formula", "employee", "month", "2024-10-31"), "800", "900"),
        (("policy_pay_ratio_ip_employee", "basic_plus", "employee", "month", "2024-10-31"), "700", "850"),
        (("policy_pay_ratio_ip_employee", "all", "employee", "month", "2024-10-31"), "800", "850"),
        # 3.16: only 11 and 13, only where the pool pays: EM and TD, neither OA nor RG
        (("op_pool_visits", "all", "employee", "month", "2024-09-30"), "2", None),
        (("op_pool_ratio", "formula", "employee", "month", "2024-09-30"), "50", "90"),
        # 4.09 counts every outpatient visit
        (("avg_cost_op", "formula", "employee", "month", "2024-09-30"), "170", "4"),
        # 2.17: what EM drew from a relative's account
        (("acct_expense", "family_use", "employee", "month", "2024-09-30"), "5", None),
        # 3.15: the two diseases are residents' only; the employee TD counts nowhere
        (("two_disease_covered", "all", "resident", "year", "2024-12-31"), "0", None),
        (("two_disease_rate", "formula", "all", "year", "2024-12-31"), "0", "5"),
    ],
)
def test_the_registry_decides_what_counts(
    stated: dict[tuple[str, ...], tuple[Decimal, Decimal, Decimal | None]],
    key: tuple[str, ...],
    numerator: str,
    denominator: str | None,
) -> None:
    metric, variant, scheme, basis, end = key
    found = stated[(metric, variant, "460000", scheme, "all", basis, end)]
    assert found[1:] == (Decimal(numerator), Decimal(denominator) if denominator else None)


def test_aid_is_dated_by_its_own_arrival(
    stated: dict[tuple[str, ...], tuple[Decimal, Decimal, Decimal | None]],
) -> None:
    """R06 paid 180 in January and was aided with 220 in August: aided from August, not from January."""

    def aided(metric: str, basis: str, end: str) -> Decimal:
        return stated[(metric, "all", "460100", "resident", "all", basis, end)][0]

    assert aided("subsidised_enrol_persons", "point", "2024-07-31") == 1
    assert aided("subsidised_enrol_persons", "point", "2024-08-31") == 2
    assert aided("subsidised_enrol_amount", "ytd", "2024-07-31") == 400
    assert aided("subsidised_enrol_amount", "ytd", "2024-08-31") == 620


def test_a_budget_of_which_nothing_was_spent_stays_in_the_denominator(
    stated: dict[tuple[str, ...], tuple[Decimal, Decimal, Decimal | None]],
) -> None:
    """Sanya's accounts have a budget for vaccines and spent nothing; its residents one for transfers."""
    account = stated[("expense_budget_exec", "formula", "460200", "employee", "total", "year", "2024-12-31")]
    assert account[1:] == (Decimal(600), Decimal(600))
    income = stated[("income_budget_exec", "formula", "460200", "resident", "pool", "year", "2024-12-31")]
    assert income[1:] == (Decimal(240), Decimal(500))
