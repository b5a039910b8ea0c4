"""F09: the accounting ledger of the funds, one row a region, fund, subject, month and kind of report."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Numeric, String

from warehouse.feeds.contract import Feed, RowsRule, Rule, column
from warehouse.feeds.rules import here, is_district, is_year_month, month_of
from warehouse.texts import Text

# The statement of a fund is judged where its closing balance is in the file, for it is sent as a whole; not
# where an amount of it could not be read or a subject contradicts itself, which is refused for that.
BALANCE_IDENTITY = """
with entry as (
    select distinct admdvs, fund_code, ym, ledger_version, subject_code, amount_yuan, opening, adjust, closing
    from batch
),
statement as (
    select
        admdvs,
        fund_code,
        ym,
        ledger_version,
        coalesce(
            max(opening) filter (where subject_code = 'balance_closing'),
            max(amount_yuan) filter (where subject_code = 'balance_opening')
        ) as opening_yuan,
        coalesce(max(adjust) filter (where subject_code = 'balance_closing'), 0) as adjust_yuan,
        coalesce(sum(amount_yuan) filter (where starts_with(subject_code, 'income_')), 0) as income_yuan,
        coalesce(sum(amount_yuan) filter (where starts_with(subject_code, 'expenditure_')), 0)
            as expenditure_yuan,
        coalesce(
            max(closing) filter (where subject_code = 'balance_closing'),
            max(amount_yuan) filter (where subject_code = 'balance_closing')
        ) as closing_yuan
    from entry
    group by admdvs, fund_code, ym, ledger_version
    having count(*) = count(distinct subject_code) and count(*) = count(amount_yuan)
),
broken as (
    select admdvs, fund_code, ym, ledger_version
    from statement
    where abs(opening_yuan + adjust_yuan + income_yuan - expenditure_yuan - closing_yuan) > 1
)
select batch._row
from batch
semi join broken using (admdvs, fund_code, ym, ledger_version)
"""

# A row breaks where it neither continues the month before (of which one version that agrees is enough) nor,
# in the same file, the one before that: then a wrong month is told apart from the right one after it.
YEAR_TO_DATE = """
with flows as (
    select
        _row,
        admdvs,
        fund_code,
        subject_code,
        ledger_version,
        ytd_amount_yuan,
        amount_yuan,
        try_strptime(ym, '%Y%m') as month,
        ytd_amount_yuan - amount_yuan as carried_yuan
    from batch
    where not starts_with(subject_code, 'balance_')
),
carried as (
    select
        *,
        case
            when lag(month) over subject <> month - interval 1 month then null
            when extract(month from month) = 2 then lag(amount_yuan) over subject
            when lag(month, 2) over subject = month - interval 2 month
                then lag(amount_yuan) over subject + lag(ytd_amount_yuan, 2) over subject
        end as two_months_yuan
    from flows
    window subject as (
        partition by admdvs, fund_code, subject_code, ledger_version order by month, _row
    )
),
suspect as (
    select *
    from carried
    where abs(carried_yuan - two_months_yuan) > 1 or two_months_yuan is null
),
earlier as (
    select admdvs, fund_code, subject_code, ledger_version, month, ytd_amount_yuan from flows
    union all
    select ledger.admdvs, ledger.fund_code, ledger.subject_code, ledger.ledger_version,
        try_strptime(ledger.ym, '%Y%m'), ledger.ytd_amount_yuan
    from raw.fund_ledger as ledger
    where (ledger.admdvs, ledger.fund_code, ledger.subject_code, ledger.ledger_version)
        in (select (admdvs, fund_code, subject_code, ledger_version) from suspect)
)
select _row
from suspect
where extract(month from month) = 1 and abs(carried_yuan) > 1
union all
select suspect._row
from suspect
inner join earlier
    on suspect.admdvs = earlier.admdvs
    and suspect.fund_code = earlier.fund_code
    and suspect.subject_code = earlier.subject_code
    and suspect.ledger_version = earlier.ledger_version
    and suspect.month - interval 1 month = earlier.month
where extract(month from suspect.month) > 1
group by suspect._row
having min(abs(suspect.carried_yuan - earlier.ytd_amount_yuan)) > 1
"""

# A slip between yuan and 10,000 yuan. The month before must differ 1,000-fold and so must the one before it
# or the one after (else the month before is the odd one), and the same month of last year may not confirm
# the amount (collection seasons). Pairs below 10,000 yuan cannot come from such a slip; the balance of one
# month may lie anywhere about nil and is left out.
MAGNITUDE_JUMPS = """
with amounts as (
    select
        _row,
        admdvs,
        fund_code,
        subject_code,
        abs(amount_yuan) as amount_yuan,
        try_strptime(ym, '%Y%m') as month
    from batch
    where amount_yuan <> 0 and subject_code <> 'balance_current'
),
known as (
    select admdvs, fund_code, subject_code, month, amount_yuan from amounts
    union all
    select ledger.admdvs, ledger.fund_code, ledger.subject_code, try_strptime(ledger.ym, '%Y%m'),
        abs(ledger.amount_yuan)
    from raw.fund_ledger as ledger
    where ledger.amount_yuan <> 0
        and (ledger.admdvs, ledger.fund_code, ledger.subject_code)
            in (select (admdvs, fund_code, subject_code) from amounts)
),
reference as (
    select
        admdvs,
        fund_code,
        subject_code,
        month,
        min(amount_yuan) as least_yuan,
        max(amount_yuan) as most_yuan
    from known
    group by admdvs, fund_code, subject_code, month
),
placed as (
    select
        amounts.*,
        cast(unnest([1, 2, -1, 12]) as bigint) as distance
    from amounts
),
compared as (
    select
        placed._row,
        placed.distance,
        placed.amount_yuan >= 1000 * cast(reference.most_yuan as decimal(38, 4))
        and placed.amount_yuan >= 10000 as is_up,
        1000 * cast(placed.amount_yuan as decimal(38, 4)) <= reference.least_yuan
        and reference.least_yuan >= 10000 as is_down
    from placed
    inner join reference
        on placed.admdvs = reference.admdvs
        and placed.fund_code = reference.fund_code
        and placed.subject_code = reference.subject_code
        and placed.month - to_months(placed.distance) = reference.month
)
select _row
from compared
group by _row
having (
        bool_or(distance = 1 and is_up)
        and bool_or(distance in (2, -1) and is_up)
        and not bool_or(distance = 12 and not is_up)
    )
    or (
        bool_or(distance = 1 and is_down)
        and bool_or(distance in (2, -1) and is_down)
        and not bool_or(distance = 12 and not is_down)
    )
"""


class FundLedger(Feed, table=True):
    """An amount of a subject of a fund in a month, in yuan, as the accounts of the fund have it.

    Income and expenditure subjects are flows of the month. The row of the subject ``balance_closing``
    carries ``opening``, ``adjust`` and ``closing`` of the fund; its statement (region, fund, month, kind of
    report) comes as a whole. A final account does not replace the monthly report: ``ledger_version`` is part
    of the key. A row for the whole province beside its regions is a total, no row of the ledger.
    """

    __tablename__ = "fund_ledger"
    feed_zh = "基金收支台账"
    feed_en = "Fund ledger"
    number = "F09"
    cadence = "monthly"
    sender = Text("基金财务（财政专户报表）", "fund finance (fiscal account reports)")
    month = month_of("ym")
    region_column = "admdvs"

    admdvs: str = column(
        String(6),
        key=True,
        code_set="admdvs",
        zh="核算主体区划",
        en="Region accounted for",
        aliases=("区划",),
    )
    insutype: str | None = column(String(6), code_set="insutype", zh="险种类型", en="Insurance type")
    fund_code: str = column(
        String(20), key=True, code_set="fund_code", zh="基金代码", en="Fund", aliases=("基金",)
    )
    subject_code: str = column(
        String(40), key=True, code_set="ledger_subject", zh="科目代码", en="Subject", aliases=("科目编码",)
    )
    subject_name: str | None = column(String(100), zh="科目名称", en="Subject as printed")
    ym: str = column(
        String(6),
        is_month=True,
        key=True,
        zh="会计期间",
        en="Month of account",
        aliases=("年月",),
    )
    amount_raw: str | None = column(String(50), zh="原始金额", en="Amount as printed")
    unit_raw: str = column(String(10), required=True, zh="原始单位", en="Unit as printed")
    amount_yuan: Decimal = column(
        Numeric(18, 2), required=True, unit="yuan", zh="当月金额", en="Amount of the month"
    )
    ytd_amount_yuan: Decimal | None = column(
        Numeric(18, 2), unit="yuan", zh="本年累计金额", en="Amount since January"
    )
    opening: Decimal | None = column(Numeric(18, 2), unit="yuan", zh="期初结余", en="Opening balance")
    adjust: Decimal | None = column(
        Numeric(18, 2), unit="yuan", zh="上年结余调整", en="Adjustment of the opening balance"
    )
    adjust_note: str | None = column(String(500), zh="调整说明", en="Reason of the adjustment")
    closing: Decimal | None = column(Numeric(18, 2), unit="yuan", zh="期末结余", en="Closing balance")
    is_cash: str | None = column(
        String(1), code_set="is_flag", zh="是否收付实现制", en="Cash basis, not accrual"
    )
    ledger_version: str = column(
        String(10),
        key=True,
        code_set="ledger_version",
        zh="报表版本",
        en="Quick report, monthly report or final account",
        aliases=("version", "版本"),
    )
    source_doc: str | None = column(String(200), zh="来源文件", en="Source document")

    rules = (
        here("admdvs")[0],
        RowsRule(
            "district_in_city",
            f"""
            with city as (
                select admdvs, fund_code, subject_code, ym, ledger_version from batch
                union
                select admdvs, fund_code, subject_code, ym, ledger_version from raw.fund_ledger
            )
            select batch._row
            from batch
            semi join city
                on city.admdvs = substr(batch.admdvs, 1, 4) || '00'
                and city.fund_code = batch.fund_code
                and city.subject_code = batch.subject_code
                and city.ym = batch.ym
                and city.ledger_version = batch.ledger_version
            where {is_district("batch.admdvs")}
            """,
            "warn",
            "市与所辖区各有一行：市的一行视为已含各区，区的一行不计入各表",
            "a city and its district have a row each: the city's holds it, the district's counts nowhere",
        ),
        Rule(
            "ym_is_a_month",
            is_year_month("ym"),
            "reject",
            "会计期间不是 yyyymm",
            "the month of account is not yyyymm",
        ),
        Rule(
            "unit_known",
            "unit_raw in ('元', '万元', '亿元')",
            "reject",
            "原始单位不是元、万元或亿元",
            "the printed unit is not yuan, 10,000 yuan or 100 million yuan",
        ),
        Rule(
            "amount_as_printed",
            "abs(try_cast(replace(amount_raw, ',', '') as decimal(28, 8)) "
            "* case unit_raw when '亿元' then 100000000 when '万元' then 10000 else 1 end - amount_yuan) <= 0.01",
            "warn",
            "当月金额与原始金额按单位换算的结果不符",
            "the amount differs from the printed amount in its unit",
        ),
        Rule(
            "adjustment_explained",
            "coalesce(adjust, 0) = 0 or adjust_note is not null",
            "warn",
            "上年结余有调整而无说明",
            "the opening balance was adjusted without a reason",
        ),
        RowsRule(
            "balance_identity",
            BALANCE_IDENTITY,
            "reject",
            "期末结余不等于期初加调整加收入减支出",
            "closing is not opening plus adjustment plus income less expenditure",
        ),
        RowsRule(
            "year_to_date",
            YEAR_TO_DATE,
            "reject",
            "本年累计不等于上月累计加当月金额",
            "the amount since January is not that of the month before plus this month",
        ),
        RowsRule(
            "magnitude_jumps",
            MAGNITUDE_JUMPS,
            "reject",
            "金额较上月变动一千倍以上，请确认单位",
            "the amount changed 1,000-fold from the month before; confirm the unit",
        ),
    )
