-- One row per region, fund, origin and year of the ledger: which of its amounts a rule withholds.
with ledger as (
    select * from {{ ref('fct_fund__ledger') }}
),

fund_month as (
    select * from {{ ref('fct_fund__month') }}
),

ledger_rule as (
    select * from {{ ref('ledger_rule') }}
),

judged as (
    select * from {{ ref('dsc_judged') }}
),

line as (
    select
        region_code,
        fund_code,
        data_origin,
        year(month_end) as disclosure_year,
        subject_kind as part,
        subject_code
    from ledger
    group by region_code, fund_code, data_origin, year(month_end), subject_kind, subject_code
    union all
    select
        region_code,
        fund_code,
        data_origin,
        year(month_end) as disclosure_year,
        'total' as part,
        'total' as subject_code
    from fund_month
    group by region_code, fund_code, data_origin, year(month_end)
),

ruled as (
    select
        line.*,
        coalesce(ledger_rule.disclosure_rule, 'hide') as disclosure_rule,
        unnest(string_split(coalesce(ledger_rule.count_measures, ''), ';')) as count_measure
    from line
    left join ledger_rule
        on
            ledger_rule.fund_code in (line.fund_code, '*')
            and ledger_rule.subject_code in (line.subject_code, '*')
    qualify row_number() over (
        partition by
            line.region_code, line.fund_code, line.data_origin, line.disclosure_year,
            line.part, line.subject_code
        order by ledger_rule.fund_code = '*', ledger_rule.subject_code = '*'
    ) = 1
),

-- the ledger's rows of 460000 are those of the province's own unit, not sums of the province
told as (
    select
        ruled.*,
        case ruled.disclosure_rule
            when 'none' then false
            when 'count'
                then
                    coalesce(judged.is_month_hidden or judged.is_year_hidden, true)
                    or (ruled.part = 'expenditure' and coalesce(before.is_month_hidden, false))
            else true
        end as is_withheld,
        ruled.disclosure_rule <> 'none' and coalesce(judged.is_year_hidden, true)
            as is_year_withheld
    from ruled
    left join judged
        on
            ruled.count_measure = judged.count_measure
            and ruled.data_origin = judged.data_origin
            and ruled.disclosure_year = judged.disclosure_year
            and case ruled.region_code when '460000' then 'own_unit' else ruled.region_code end
            = judged.region_code
    left join judged as before -- care of the last months of a year is paid in the next
        on
            judged.count_measure = before.count_measure
            and judged.data_origin = before.data_origin
            and judged.disclosure_year - 1 = before.disclosure_year
            and judged.region_code = before.region_code
),

-- a year that is hidden whole would follow from the balances at its ends, so the account has none
account as (
    select
        region_code,
        fund_code,
        data_origin,
        disclosure_year,
        bool_or(part = 'income' and is_withheld) as is_income_withheld,
        bool_or(part = 'expenditure' and is_withheld) as is_expenditure_withheld,
        bool_or(part = 'total' and is_withheld) as is_total_withheld,
        bool_or(bool_or(part = 'total' and is_year_withheld)) over (
            partition by region_code, fund_code, data_origin
        ) as is_account_withheld
    from told
    group by region_code, fund_code, data_origin, disclosure_year
),

final as (
    select
        region_code,
        fund_code,
        data_origin,
        disclosure_year,
        is_income_withheld,
        is_expenditure_withheld or is_total_withheld or is_account_withheld
            as is_expenditure_withheld,
        is_total_withheld or is_account_withheld as is_total_withheld
    from account
)

select * from final
