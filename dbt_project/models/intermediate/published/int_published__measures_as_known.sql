-- One row per key of indicator.value and source known by then: that source's newest print.
with unioned as (
    select * from {{ ref('int_published__measures_unioned') }}
    where is_unit_suitable
),

delivery as (
    select
        metric_key,
        variant,
        region_code,
        scheme_code,
        fund_scope,
        period_basis,
        period_end,
        data_origin,
        report_status,
        known_on
    from unioned
    group by all
),

final as (
    select
        unioned.* replace (delivery.known_on as known_on),
        unioned.known_on as delivered_on
    from delivery
    inner join unioned
        on
            delivery.metric_key = unioned.metric_key
            and delivery.variant = unioned.variant
            and delivery.region_code = unioned.region_code
            and delivery.scheme_code = unioned.scheme_code
            and delivery.fund_scope = unioned.fund_scope
            and delivery.period_basis = unioned.period_basis
            and delivery.period_end = unioned.period_end
            and delivery.data_origin = unioned.data_origin
            and delivery.report_status = unioned.report_status
            and delivery.known_on >= unioned.known_on
    qualify dense_rank() over (
        partition by
            unioned.metric_key, unioned.variant, unioned.region_code, unioned.scheme_code,
            unioned.fund_scope, unioned.period_basis, unioned.period_end, unioned.data_origin,
            unioned.report_status, delivery.known_on, unioned.series_code
        order by unioned.known_on desc
    ) = 1
)

select * from final
