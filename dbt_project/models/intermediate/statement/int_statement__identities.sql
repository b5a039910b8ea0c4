-- One row per statement, rule and printed total whose terms the statement prints in full.
with term as (
    select * from {{ ref('int_statement__terms') }}
),

final as (
    select
        'statement' as check_code,
        rule,
        'statement:' || statement_code as series_code,
        region_code,
        scheme_code,
        fund_scope,
        item as indicator_code,
        period_basis,
        period_end,
        unit,
        max(printed_unit) as printed_unit,
        cast(sum(term_value) as decimal(28, 10)) as expected_value,
        cast(max(value) as decimal(28, 10)) as found_value,
        cast(max(half_ulp) + sum(term_half_ulp) as decimal(28, 10)) as tolerance,
        max(label) || '：'
        || case rule
            when 'schemes_sum' then '各险种之和＝合计'
            when 'sub_schemes_sum' then '城镇居民＋新农合＝居民'
            when 'regions_sum' then '各地之和＝合计'
            when 'items_sum' then '分项之和＝总额'
            when 'named_items_sum' then '所列各项之和＝合计'
            when 'rollforward' then '期初＋收入－支出＝期末'
            when 'income_minus_expense' then '收入－支出＝当期结余'
            when 'active_plus_retired' then '在职＋退休＝参保'
            else '统筹＋个人账户＝全口径'
        end as rule_zh,
        max(label) || ': '
        || case rule
            when 'schemes_sum' then 'schemes add up to the total'
            when 'sub_schemes_sum' then 'urban residents + rural scheme = residents'
            when 'regions_sum' then 'regions add up to the total'
            when 'items_sum' then 'items add up to the total'
            when 'named_items_sum' then 'the named items add up to the total'
            when 'rollforward' then 'opening + income - expenditure = closing'
            when 'income_minus_expense' then 'income - expenditure = balance of the period'
            when 'active_plus_retired' then 'workers + retirees = insured'
            else 'pool + accounts = total'
        end as rule_en,
        max(_batch_id) as batch_id,
        max(_row) as record_number,
        max(sheet || '!' || cell) as cell
    from term
    group by
        statement_code,
        rule,
        region_code,
        scheme_code,
        fund_scope,
        item,
        period_basis,
        period_end,
        unit
    having count(*) >= max(terms_needed)
)

select * from final
