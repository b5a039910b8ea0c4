-- One row per printed total about a power of ten times that of the statement before, by the month.
with actual as (
    select
        *,
        case basis_kind when 'cumulated' then month(period_end) when 'quarter' then 3 else 1 end
            as months
    from {{ ref('int_statement__actuals') }}
    where value <> 0 and not contains(item, '.') and item <> 'current_balance'
),

compared as (
    select
        actual.*,
        past.value as past_value,
        past.period_end as past_end,
        cast(past.value * actual.months / past.months as decimal(28, 10)) as expected_value,
        log10(abs(actual.value) / actual.months) - log10(abs(past.value) / past.months) as tens
    from actual
    inner join actual as past
        on
            {{ same_printed_series('actual', 'past') }}
            and actual.item = past.item
            and actual.basis_kind = past.basis_kind
            and actual.period_end > past.period_end
    qualify row_number() over (
        partition by actual.statement_code, actual.sheet, actual.cell order by past.period_end desc
    ) = 1
),

final as (
    select
        *,
        half_ulp as tolerance,
        'power_of_ten' as rule,
        cast(abs(round(tens)) as integer) as power
    from compared
    where round(tens) <> 0 and abs(tens - round(tens)) <= 0.15
)

select * from final
