-- One row per county, year and item of the assessment: its score, and its weight in the whole.
with assessment as (
    select * from {{ ref('stg_platform__assessment') }}
),

item as (
    select
        assessment_year,
        item_name,
        data_origin,
        max(weight) as weight
    from assessment
    where weight is not null
    group by assessment_year, item_name, data_origin
),

county as (
    select
        region_code,
        assessment_year,
        data_origin,
        max(known_on) as known_on
    from assessment
    group by region_code, assessment_year, data_origin
),

scored as (
    select
        county.region_code,
        county.assessment_year,
        item.item_name,
        county.data_origin,
        assessment.score,
        coalesce(assessment.weight, item.weight) as weight,
        case when assessment.score is null then 0 else coalesce(assessment.weight, item.weight) end
            as scored_weight,
        county.known_on
    from county
    inner join item
        on
            county.assessment_year = item.assessment_year
            and county.data_origin = item.data_origin
    left join assessment
        on
            county.region_code = assessment.region_code
            and county.assessment_year = assessment.assessment_year
            and county.data_origin = assessment.data_origin
            and item.item_name = assessment.item_name
),

final as (
    select
        region_code,
        cast(assessment_year as integer) as assessment_year,
        item_name,
        data_origin,
        cast(score as decimal(20, 10)) as score,
        cast(weight as decimal(20, 10)) as weight,
        score is null as is_missing,
        {{
            ratio(
                'scored_weight',
                'sum(scored_weight) over (partition by region_code, assessment_year, data_origin)'
            )
        }} as effective_weight_rate,
        known_on
    from scored
)

select * from final
