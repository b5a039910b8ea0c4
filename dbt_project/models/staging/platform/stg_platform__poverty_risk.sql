-- One row per person number, month and rule that warned, as last delivered.
with newest as (
    {{ newest_rows('poverty_risk', ['psn_no', 'ym', 'rule']) }}
),

final as (
    select
        psn_no,
        {{ first_of_month('ym') }} as warning_month,
        rule,
        pushed_at,
        verified_at,
        result as result_name,
        known_on,
        data_origin
    from newest
)

select * from final
