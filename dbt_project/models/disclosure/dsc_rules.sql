-- One row per measure with a complete rule and count behind it; the count is empty where nobody is.
with measure as (
    select * from {{ ref('measure') }}
),

listed as (
    select
        measure_key,
        least_count,
        disclosure_rule = 'rank' as is_ranked,
        split_part(count_measures, ';', 1) as main_count,
        unnest(string_split(count_measures, ';')) as count_measure
    from measure
    where disclosure_rule in ('count', 'rank') and least_count >= 5
),

own_count as (
    select measure_key from measure
    where
        disclosure_rule = 'count'
        and least_count >= 5
        and list_contains(string_split(count_measures, ';'), measure_key)
),

judged as (
    select
        listed.*,
        own_count.measure_key is not null as is_count
    from listed
    left join own_count on listed.count_measure = own_count.measure_key
),

complete as (
    select measure_key from judged
    group by measure_key
    having bool_and(is_count)
),

final as (
    select
        judged.measure_key,
        judged.count_measure,
        judged.least_count,
        judged.count_measure = judged.main_count as is_main,
        judged.is_ranked
    from judged
    inner join complete on judged.measure_key = complete.measure_key
    union all
    select
        measure_key,
        null as count_measure,
        null as least_count,
        false as is_main,
        false as is_ranked
    from measure
    where disclosure_rule = 'none' and length(trim(rule_reason)) > 0
)

select * from final
