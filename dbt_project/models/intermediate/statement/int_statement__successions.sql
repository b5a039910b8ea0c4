-- One row per check of a statement against the one before: both sides, in words.
with chain as (
    select
        *,
        'statement_chain' as check_code,
        '上一张表（' || past_end || '）' as after_zh,
        'the statement before (' || past_end || ')' as after_en
    from {{ ref('int_statement__chains') }}
),

jump as (
    select
        *,
        'statement_jump' as check_code,
        '上一张表（' || past_end || '）' as after_zh,
        'the statement before (' || past_end || ')' as after_en
    from {{ ref('int_statement__jumps') }}
),

unioned as (
    select * from chain
    union all by name
    select * from jump
),

final as (
    select
        check_code,
        rule,
        'statement:' || statement_code as series_code,
        region_code,
        scheme_code,
        fund_scope,
        item as indicator_code,
        period_basis,
        period_end,
        unit,
        printed_unit,
        cast(expected_value as decimal(28, 10)) as expected_value,
        cast(value as decimal(28, 10)) as found_value,
        cast(tolerance as decimal(28, 10)) as tolerance,
        label || '：' || case rule
            when 'balance_carried_on' then after_zh || '的期末＋其后收支＝期末'
            when 'opening_is_last_closing' then after_zh || '的期末＝期初'
            else
                '与' || after_zh || '按月折算相差约 10 的 ' || power
                || ' 次方倍，单位或小数点可能变了'
        end as rule_zh,
        label || ': ' || case rule
            when 'balance_carried_on' then 'closing of ' || after_en || ' + flows since = closing'
            when 'opening_is_last_closing' then 'closing of ' || after_en || ' = opening'
            else
                'a power of ten (' || power || ') from ' || after_en || ' by the month'
        end as rule_en,
        _batch_id as batch_id,
        _row as record_number,
        sheet || '!' || cell as cell
    from unioned
)

select * from final
