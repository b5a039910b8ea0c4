-- One row per region, card, scheme and origin: the newest value that fits it, with its signal.
with card as (
    select * from {{ ref('leader_card') }}
),

indicator_values as (
    select * from {{ ref('int_indicator__segmented') }}
),

threshold as (
    select * from {{ ref('indicator_threshold') }}
),

chosen as (
    select
        card.position,
        card.card_code,
        card.card_zh,
        card.card_en,
        indicator_values.*
    from card
    inner join indicator_values
        on
            card.region_code = indicator_values.region_code
            and card.metric_key = indicator_values.metric_key
            and card.scheme_code = indicator_values.scheme_code
            and card.variant = indicator_values.variant
            and card.fund_scope = indicator_values.fund_scope
    where
        indicator_values.data_origin = 'published'
        or indicator_values.period_basis in ('year', 'ytd', 'point')
    qualify row_number() over (
        partition by
            card.region_code, card.card_code, card.scheme_code, indicator_values.data_origin
        order by
            card.priority,
            indicator_values.period_end desc,
            (indicator_values.period_basis = 'year') desc,
            indicator_values.status_rank,
            indicator_values.known_on desc,
            indicator_values.value_key
    ) = 1
),

final as (
    select
        chosen.*,
        threshold.signal,
        threshold.meaning_zh,
        threshold.meaning_en
    from chosen
    left join threshold
        on
            chosen.metric_key = threshold.metric_key
            and chosen.scheme_code = threshold.scheme_code
            and chosen.value >= threshold.lower_bound
            and chosen.value < threshold.upper_bound
            and chosen.qualifier is null
            and chosen.period_end >= threshold.valid_from
            and chosen.period_basis <> 'ytd'
            and chosen.region_code = '460000'
)

select * from final
