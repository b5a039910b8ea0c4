-- One row per measure that indicators of the feeds are made of.
with final as (
    select
        measure_key,
        feeds,
        coalesce(mart, '') as mart,
        kind,
        name_zh,
        name_en,
        coalesce(disclosure_rule, '') as disclosure_rule,
        coalesce(count_measures, '') as count_measures,
        least_count,
        coalesce(rule_reason, '') as rule_reason
    from {{ ref('measure') }}
)

select * from final
