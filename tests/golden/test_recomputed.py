"""A small generated province, its indicators computed again from the delivered rows and compared cell by cell.

The second computation (``recomputed.sql`` and the expressions below) is written from the registry's words and shares
nothing with the models. A difference is judged by these words.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from golden_home import INDICATORS

from warehouse.home import init_home, writer
from warehouse.ingest.deliver import files_in, ingest
from warehouse.settings import load_settings
from warehouse.synthetic.generate import generate
from warehouse.synthetic.plan import Plan
from warehouse.transform import run_models, set_parameters

PLAN = Plan(2_500, date(2023, 1, 1), date(2024, 6, 1), seed=7, is_clean=True)
FLOWS = ("month", "quarter", "ytd", "year", "t12")
SERVICES = {"inpatient": "is_ip", "outpatient": "is_op", "chronic": "is_opsp", "pharmacy": "is_pharmacy"}
EACH = ("employee", "resident", "all")


def where(amount: str, condition: str) -> str:
    return f"sum(case when {condition} then {amount} else 0 end)"


def visits(condition: str) -> str:
    return where("1", condition)


STAY = "is_ip"
POOLED = "med_type in ('11', '13') and pool <> 0"
NOT_DELIVERED = {("deductible_share", "formula")}
POOLED_RATIO = (where("pool", POOLED), where("scope", POOLED))

# metric, variant: numerator and denominator over the settlements of a period, and the schemes it is given for
OF_SETTLEMENTS: dict[tuple[str, str], tuple[str, str | None, tuple[str, ...]]] = {
    ("policy_pay_ratio_ip_employee", "basic"): (where("pool", STAY), where("scope", STAY), ("employee",)),
    ("policy_pay_ratio_ip_employee", "basic_plus"): (
        where("pool + large", STAY),
        where("scope", STAY),
        ("employee",),
    ),
    ("policy_pay_ratio_ip_employee", "all"): (
        where("pool + large + civil + employer", STAY),
        where("scope", STAY),
        ("employee",),
    ),
    ("policy_pay_ratio_ip_resident", "basic"): (where("pool", STAY), where("scope", STAY), ("resident",)),
    ("policy_pay_ratio_ip_resident", "basic_plus"): (
        where("pool + serious", STAY),
        where("scope", STAY),
        ("resident",),
    ),
    ("policy_pay_ratio_ip_resident", "all"): (
        where("pool + serious + civil + employer", STAY),
        where("scope", STAY),
        ("resident",),
    ),
    ("actual_pay_ratio_ip", "formula"): (where("fund", STAY), where("fee", STAY), EACH),
    ("catalogue_pay_ratio_ip", "formula"): (
        where("registered", STAY),
        where("fee - own", STAY),
        ("employee", "resident"),
    ),
    ("triple_protection_ratio", "formula"): (
        where("pool + serious + large + assist", f"{STAY} and is_listed"),
        where("scope", f"{STAY} and is_listed"),
        EACH,
    ),
    ("triple_protection_ratio", "total"): (
        where("pool + serious + large + assist", f"{STAY} and is_listed"),
        where("fee", f"{STAY} and is_listed"),
        EACH,
    ),
    ("hifmi_claims", "all"): (visits("serious > 0"), None, ("resident",)),
    ("hifmi_payment", "all"): ("sum(serious)", None, ("resident",)),
    ("hifob_claims", "all"): (visits("large > 0"), None, ("employee",)),
    ("hifob_payment", "all"): ("sum(large)", None, ("employee",)),
    ("maf_claims", "all"): (visits("assist > 0"), None, EACH),
    ("maf_payment", "all"): ("sum(assist)", None, EACH),
    ("maf_avg", "formula"): ("sum(assist)", visits("assist > 0"), EACH),
    ("maf_claims", "inpatient"): (visits(f"assist > 0 and {STAY}"), None, EACH),
    ("maf_claims", "outpatient"): (visits(f"assist > 0 and not {STAY}"), None, EACH),
    ("maf_payment", "inpatient"): (where("assist", STAY), None, EACH),
    ("maf_payment", "outpatient"): (where("assist", f"not {STAY}"), None, EACH),
    ("maf_avg", "inpatient"): (where("assist", STAY), visits(f"assist > 0 and {STAY}"), EACH),
    ("maf_avg", "outpatient"): (where("assist", f"not {STAY}"), visits(f"assist > 0 and not {STAY}"), EACH),
    ("opsp_claims", "all"): (visits("is_opsp"), None, EACH),
    ("opsp_ratio", "formula"): (where("registered", "is_opsp"), where("scope", "is_opsp"), EACH),
    ("op_pool_visits", "all"): (visits(POOLED), None, EACH),
    ("op_pool_ratio", "formula"): (*POOLED_RATIO, EACH),
    ("maternity_claims", "all"): (visits("is_maternity"), None, EACH),
    ("maternity_payment", "care"): (where("fund", "is_maternity"), None, EACH),
    ("acct_expense", "family_use"): ("sum(family)", None, EACH),
    ("deductible_share", "formula"): (
        f"sum(deductible) filter (where {STAY})",
        where("scope", STAY),
        EACH,
    ),
    ("drg_dip_cost_share", "formula"): (where("fee", f"{STAY} and is_by_case"), where("fee", STAY), EACH),
    ("drg_dip_fund_share", "formula"): (
        where("pool", f"{STAY} and is_by_case and not is_outside"),
        where("pool", f"{STAY} and not is_outside"),
        EACH,
    ),
    ("drg_dip_case_share", "formula"): (visits(f"{STAY} and is_by_case"), visits(STAY), EACH),
    ("ffs_share", "formula"): (where("fee", "is_by_item"), "sum(fee)", EACH),
    ("ffs_share", "inpatient"): (where("fee", f"is_by_item and {STAY}"), where("fee", STAY), EACH),
    ("bedday_share", "formula"): (where("fee", f"clr_way = '50' and {STAY}"), where("fee", STAY), EACH),
    ("capitation_share", "formula"): (where("fee", "clr_way = '60'"), "sum(fee)", EACH),
    ("primary_care_fund_share", "formula"): (
        where("pool", "is_primary and not is_pharmacy"),
        where("pool", "not is_pharmacy"),
        EACH,
    ),
    ("avg_cost_ip", "formula"): (where("fee", STAY), visits(STAY), EACH),
    ("avg_cost_op", "formula"): (where("fee", "is_op"), visits("is_op"), EACH),
    ("avg_cost_opsp", "formula"): (where("fee", "is_opsp"), visits("is_opsp"), EACH),
    ("alos", "formula"): (where("days", STAY), visits(STAY), EACH),
    ("local_treatment_rate", "formula"): (visits(f"{STAY} and is_county"), visits(STAY), EACH),
    ("local_treatment_rate", "fund"): (where("fund", f"{STAY} and is_county"), where("fund", STAY), EACH),
    ("off_island_rate", "formula"): (visits(f"{STAY} and is_outside"), visits(STAY), EACH),
    ("off_island_rate", "fund"): (where("fund", f"{STAY} and is_outside"), where("fund", STAY), EACH),
    ("maf_rescue_ratio", "formula"): (
        where("assist", "is_key"),
        where("scope - pool - serious - large - civil - employer", "is_key"),
        EACH,
    ),
    ("maf_rescue_ratio", "inpatient"): (
        where("assist", f"is_key and {STAY}"),
        where("scope - pool - serious - large - civil - employer", f"is_key and {STAY}"),
        EACH,
    ),
    ("poverty_ip_actual_ratio", "formula"): (
        where("fund", f"is_lifted and {STAY}"),
        where("fee", f"is_lifted and {STAY}"),
        EACH,
    ),
    ("poverty_ip_actual_ratio", "hospital"): (
        where("hospital", f"is_lifted and {STAY}"),
        where("fee", f"is_lifted and {STAY}"),
        EACH,
    ),
    ("poverty_opsp_actual_ratio", "formula"): (
        where("fund", "is_lifted and is_opsp"),
        where("fee", "is_lifted and is_opsp"),
        EACH,
    ),
    ("poverty_opsp_actual_ratio", "hospital"): (
        where("hospital", "is_lifted and is_opsp"),
        where("fee", "is_lifted and is_opsp"),
        EACH,
    ),
    **{
        (metric, variant): (where(part, condition), where(per, condition), EACH)
        for metric, part, per in (
            ("oop_share", "person", "fee"),
            ("selfpay_share", "person - own", "fee"),
            ("ownexp_share", "own", "fee"),
            ("oop_per_case", "person", "1"),
        )
        for variant, condition in {"formula": "true", **SERVICES}.items()
    },
}

# metric, variant: numerator and denominator over the persons enrolled at a month-end
OF_ENROLLED: dict[tuple[str, str], tuple[str, str | None, tuple[str, ...]]] = {
    ("enrolled_persons", "all"): ("count(*)", None, EACH),
    ("flex_employee_enrolled", "all"): (visits("is_flexible"), None, ("employee",)),
    ("flex_employee_share", "formula"): (visits("is_flexible"), "count(*)", ("employee",)),
    ("active_retiree_ratio", "formula"): (visits("not is_retired"), visits("is_retired"), ("employee",)),
}

INCOME, EXPENDITURE = where("amount", "is_income"), where("amount", "is_expenditure")
ACCOUNT = "part = 'account'"
# metric, variant, scope: numerator and denominator over the ledger of a period, entries it takes, schemes, counties
OF_LEDGER: dict[tuple[str, str, str], tuple[str, str | None, str, tuple[str, ...], bool]] = {
    **{
        (metric, variant, scope): (numerator, denominator, entries, schemes, True)
        for scope, entries, schemes in (
            ("pool", "part = 'pool'", EACH),
            ("account", ACCOUNT, ("employee",)),
            ("total", "true", ("employee",)),
        )
        for metric, variant, numerator, denominator in (
            ("fund_income", "all", INCOME, None),
            ("fund_expense", "all", EXPENDITURE, None),
            ("fund_current_balance", "formula", f"{INCOME} - {EXPENDITURE}", None),
            ("fund_balance_rate", "formula", f"{INCOME} - {EXPENDITURE}", INCOME),
        )
    },
    ("acct_income", "all", "account"): (INCOME, None, ACCOUNT, ("employee",), True),
    ("acct_expense", "all", "account"): (EXPENDITURE, None, ACCOUNT, ("employee",), True),
    ("acct_share", "formula", "account"): (
        where("amount", f"is_expenditure and {ACCOUNT}"),
        EXPENDITURE,
        "true",
        ("employee",),
        True,
    ),
    ("acct_share", "income", "account"): (
        where("amount", f"is_income and {ACCOUNT}"),
        INCOME,
        "true",
        ("employee",),
        True,
    ),
    ("maternity_payment", "allowance", "all"): (
        where("amount", "subject_code = 'expenditure_maternity_allowance'"),
        None,
        "part = 'pool'",
        ("employee",),
        True,
    ),
}

# metric, variant: what makes a case count and what it is out of, over stays by month of discharge
OF_CASES: dict[tuple[str, str], tuple[str, str]] = {
    ("group_in_rate", "formula"): (visits("is_grouped"), visits("has_list")),
    ("cmi", "formula"): (where("weight", "is_grouped"), visits("is_grouped and weight is not null")),
    ("high_multiple_rate", "formula"): (
        visits("is_grouped and std_fee > 0 and fee >= 3 * std_fee"),
        visits("is_grouped and std_fee > 0"),
    ),
    ("low_multiple_rate", "formula"): (
        visits("is_grouped and std_fee > 0 and fee <= 0.4 * std_fee"),
        visits("is_grouped and std_fee > 0"),
    ),
}
CASES = """
    select settled.insu_admdvs as region, settled.scheme, last_day(coalesce(settled.enddate, settled.setl_time::date))
        as day, settled.medfee_sumamt as fee, list.weight, list.std_fee, list.setl_id is not null as has_list,
        coalesce(list.grp_type in ('DRG', 'DIP', '单病种', '床日'), false) as is_grouped
    from settled left join newest_list as list using (setl_id) where settled.is_ip
"""
# metric, variant: of whom a benefit year's sum makes one of the persons, who they are out of, and the schemes
OF_PERSONS: dict[tuple[str, str], tuple[str, str | None, tuple[str, ...]]] = {
    ("maf_persons", "all"): ("assist > 0", None, EACH),
    ("hifmi_trigger_rate", "formula"): ("serious > 0", "insured", ("resident",)),
    ("cap_hit_rate", "formula"): (
        "pool >= case person.scheme when 'employee' then 260000 else 150000 end",
        "stays > 0",
        ("employee", "resident"),
    ),
    ("high_cost_cases", "year_total_1"): ("fee >= 50000", None, EACH),
    ("high_cost_cases", "year_own_1"): ("own_payment >= 50000", None, EACH),
}
PERSON_YEARS = """
    select region, scheme, person_certno, sum(maf_pay) as assist, sum(hifmi_pay) as serious, sum(hifp_pay) as pool,
        sum(medfee_sumamt) as fee, sum(psn_pay) as own_payment, sum(is_ip::integer) as stays
    from ({spread}) where benefit_year = 2023 group by region, scheme, person_certno
"""
MEAN_INSURED = """
    select region, scheme, basis, to_day,
        count(*)::decimal(28, 8) / (date_diff('month', any_value(from_day), to_day) + 1) as insured
    from ({enrolled}) inner join span on day between from_day and to_day
    group by region, scheme, basis, to_day
"""


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build database of the province, with the rows that the second computation starts from."""
    folder = tmp_path_factory.mktemp("recomputed")
    generate(PLAN, folder / "province")
    settings = load_settings(folder / "home")
    with writer(settings):
        init_home(settings)
        outcomes = list(ingest(files_in([folder / "province" / "feeds"]), settings))
        assert {each.status for each in outcomes} == {"accepted"}
        set_parameters(settings, None, None)
        result = run_models(settings, select=INDICATORS)
        assert not result.failures, result.failures
    connection = duckdb.connect(str(settings.build_database), read_only=True)
    connection.execute((Path(__file__).parent / "recomputed.sql").read_text(encoding="utf-8"))
    yield connection
    connection.close()


def spread(source: str) -> str:
    """The rows once for their county, once for the province, by scheme and for both."""
    return f"""
        select * replace (place.region as region, kind.scheme as scheme)
        from ({source}) as source
        cross join lateral (
            select unnest([if(source.region = '460000', '469900', source.region), '460000']) as region
        ) as place
        cross join lateral (select unnest([source.scheme, 'all']) as scheme) as kind
    """


def compare(
    province: duckdb.DuckDBPyConnection,
    again: str,
    metric: str,
    variant: str,
    scope: str = "all",
    basis: str | None = None,
) -> int:
    """Every cell of ``again`` (region, scheme, basis, to_day, numerator, denominator) is the warehouse's.

    A ratio without a denominator, or of what is not delivered, has no value; a sum of nothing may be missing or 0.
    """
    has_denominator = "numerator is not null and denominator is not null and denominator > 0"
    found = f"""
        select region_code as region, scheme_code as scheme, period_basis as basis, period_end as to_day, value,
            numerator, denominator, denominator is not null as is_ratio
        from ind.ind_feed__period
        where metric_key = '{metric}' and variant = '{variant}' and fund_scope = '{scope}'
            {f"and period_basis = '{basis}'" if basis else ""}
    """
    odd = province.execute(
        f"""
        with again as (select * from ({again}) where {has_denominator} or not is_ratio),
        found as ({found}),
        bases as (select distinct basis from found)
        select again.* exclude (is_ratio), found.* exclude (is_ratio)
        from (select * from again where basis in (from bases)) as again
        full outer join found using (region, scheme, basis, to_day)
        where case
            when found.value is null then again.is_ratio or again.numerator <> 0
            when again.region is null then found.is_ratio or found.value <> 0
            when again.is_ratio then found.numerator <> again.numerator
                or abs(found.denominator - again.denominator) > 0.00000001
                or abs(found.value - again.numerator::double / again.denominator::double)
                    > 0.00000000006 * greatest(1, abs(found.value))
            else found.value <> again.numerator
        end
        limit 5
        """
    ).fetchall()
    assert odd == []
    return int(province.execute(f"select count(*) from ({found})").fetchall()[0][0])


@pytest.mark.parametrize("key", OF_SETTLEMENTS, ids="-".join)
def test_what_settlements_give_is_computed_again(
    province: duckdb.DuckDBPyConnection, key: tuple[str, str]
) -> None:
    numerator, denominator, schemes = OF_SETTLEMENTS[key]
    again = f"""
        select region, scheme, basis, to_day, {numerator} as numerator, {denominator or "null::bigint"} as denominator,
            {denominator is not None} as is_ratio
        from ({spread("select * from money")}) inner join span on month between from_day and to_day
        where scheme in {(*schemes, "")}
        group by region, scheme, basis, to_day
    """
    found = compare(province, again, *key)
    assert found > 0 or key in NOT_DELIVERED


@pytest.mark.parametrize("key", OF_ENROLLED, ids="-".join)
def test_who_is_enrolled_is_counted_again(province: duckdb.DuckDBPyConnection, key: tuple[str, str]) -> None:
    numerator, denominator, schemes = OF_ENROLLED[key]
    again = f"""
        select region, scheme, 'point' as basis, day as to_day, {numerator} as numerator,
            {denominator or "null::bigint"} as denominator, {denominator is not None} as is_ratio
        from ({spread("select * from enrolled")})
        where scheme in {(*schemes, "")}
        group by region, scheme, day
    """
    assert compare(province, again, *key) > 0


@pytest.mark.parametrize("key", OF_LEDGER, ids="-".join)
def test_what_the_ledger_gives_is_computed_again(
    province: duckdb.DuckDBPyConnection, key: tuple[str, str, str]
) -> None:
    numerator, denominator, entries, schemes, _ = OF_LEDGER[key]
    again = f"""
        select region, scheme, basis, to_day, {numerator} as numerator, {denominator or "null::bigint"} as denominator,
            {denominator is not None} as is_ratio
        from ({spread("select * from entry")}) inner join span on day between from_day and to_day
        where scheme in {(*schemes, "")} and {entries}
        group by region, scheme, basis, to_day
    """
    assert compare(province, again, *key) > 0


@pytest.mark.parametrize("key", OF_CASES, ids="-".join)
def test_what_lists_give_is_computed_again(province: duckdb.DuckDBPyConnection, key: tuple[str, str]) -> None:
    numerator, denominator = OF_CASES[key]
    again = f"""
        select region, scheme, basis, to_day, {numerator} as numerator, {denominator} as denominator,
            true as is_ratio
        from ({spread(CASES)}) inner join span on day between from_day and to_day
        group by region, scheme, basis, to_day
    """
    assert compare(province, again, *key) > 0


@pytest.mark.parametrize("key", OF_PERSONS, ids="-".join)
def test_persons_of_a_benefit_year_are_counted_again(
    province: duckdb.DuckDBPyConnection, key: tuple[str, str]
) -> None:
    counts, out_of, schemes = OF_PERSONS[key]
    settled = spread("select *, insu_admdvs as region from settled")
    insured = MEAN_INSURED.format(enrolled=spread("select * from enrolled"))
    whole = {
        None: "null::decimal(28, 8)",
        "insured": "max(insured.insured)",
    }.get(out_of, f"count(*) filter (where {out_of})")
    again = f"""
        select person.region, person.scheme, 'year' as basis, date '2023-12-31' as to_day,
            count(*) filter (where {counts}) as numerator, {whole} as denominator, {out_of is not None} as is_ratio
        from ({PERSON_YEARS.format(spread=settled)}) as person
        left join ({insured}) as insured
            on person.region = insured.region and person.scheme = insured.scheme
            and insured.basis = 'year' and insured.to_day = date '2023-12-31'
        where person.scheme in {(*schemes, "")}
        group by person.region, person.scheme
    """
    metric, variant = key
    assert compare(province, again, metric, variant, basis="year") > 0


def test_the_admission_rate_is_computed_again(province: duckdb.DuckDBPyConnection) -> None:
    insured = MEAN_INSURED.format(enrolled=spread("select * from enrolled"))
    again = f"""
        select insured.region, insured.scheme, insured.basis, insured.to_day, coalesce(stays, 0) as numerator,
            insured as denominator, true as is_ratio
        from ({insured}) as insured
        left join (
            select region, scheme, basis, to_day, count(*) as stays
            from ({spread("select * from money")}) inner join span on month between from_day and to_day
            where is_ip group by region, scheme, basis, to_day
        ) as stay using (region, scheme, basis, to_day)
    """
    assert compare(province, again, "hospitalisation_rate", "formula") > 0
