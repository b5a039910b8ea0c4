-- One row per policy parameter and period in its newest version: standards, ceilings, shares.
with newest as (
    {{ newest_rows('plan_registry', ['plan_id', 'item_id', 'period', 'registry_version']) }}
),

-- within a plan the newest version of its registry counts, however late an older one comes
versioned as (
    select *
    from newest
    where entry_type = '政策参数' and value_num is not null
    qualify row_number() over (
        partition by plan_id, item_id, period
        order by registry_version desc, known_on desc, _batch_id desc, _row desc
    ) = 1
),

final as (
    select
        item_id as parameter_code,
        period as period_text,
        value_num as number,
        value_unit as printed_unit,
        coalesce(valid_from, make_date(try_cast(substr(period, 1, 4) as integer), 1, 1))
            as valid_from_date,
        coalesce(valid_to, make_date(try_cast(substr(period, 1, 4) as integer), 12, 31))
            as valid_to_date,
        known_on,
        data_origin,
        _batch_id,
        _row
    from versioned
    -- the registries of several plans may hold one parameter: the last delivered says what it is
    qualify row_number() over (
        partition by item_id, period
        order by known_on desc, plan_id desc
    ) = 1
)

select * from final
