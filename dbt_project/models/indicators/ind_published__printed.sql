-- One row per printed value of a registered metric: key of indicator.value.
with preferred as (
    select * from {{ ref('int_published__measures_preferred') }}
),

registry as (
    select * from {{ ref('registry') }}
),

flagged as (
    select
        preferred.*,
        preferred.bound in ('at_least', 'at_most') as is_bound,
        case
            when
                preferred.bound = 'at_least' and starts_with(preferred.printed_qualifier, '超过')
                then '超过'
            when preferred.bound = 'at_least' and preferred.printed_qualifier in ('至少', '不少于')
                then preferred.printed_qualifier
            when preferred.bound = 'at_most' and preferred.printed_qualifier in ('不到', '近')
                then preferred.printed_qualifier
            when preferred.bound = 'at_most' then '不超过'
            when preferred.bound = 'approx' and preferred.printed_qualifier in ('约', '大约') then '约'
            else ''
        end as words_before,
        case
            when preferred.bound = 'at_least' and preferred.printed_qualifier in ('多', '余')
                then preferred.printed_qualifier
            when
                preferred.bound = 'at_least'
                and not starts_with(preferred.printed_qualifier, '超过')
                and preferred.printed_qualifier not in ('至少', '不少于')
                then '以上'
            when
                preferred.bound = 'approx' and preferred.printed_qualifier not in ('约', '大约')
                then '左右'
            else ''
        end as words_after
    from preferred
),

final as (
    select
        flagged.metric_key,
        flagged.variant,
        flagged.region_code,
        flagged.scheme_code,
        flagged.fund_scope,
        flagged.period_basis,
        flagged.period_start,
        flagged.period_end,
        flagged.data_origin,
        flagged.report_status,
        flagged.known_on,
        case when not flagged.is_bound then flagged.number end as value,
        cast(null as decimal(28, 10)) as numerator,
        cast(null as decimal(28, 10)) as denominator,
        case when flagged.bound = 'at_least' then flagged.number end as bound_lower,
        case when flagged.bound = 'at_most' then flagged.number end as bound_upper,
        case
            when flagged.bound <> 'none'
                then
                    flagged.words_before || flagged.printed_value || flagged.printed_unit_zh
                    || flagged.words_after
        end as qualifier,
        cast(1 as decimal(5, 4)) as completeness,
        coalesce(
            nullif(
                concat_ws(
                    ';',
                    case when flagged.is_bound then 'bound' end,
                    case when flagged.bound = 'approx' then 'approximate' end,
                    case when flagged.is_contradicted then 'conflicting_sources' end,
                    case when flagged.is_broken then 'identity_broken' end,
                    case when flagged.fund_scope = 'unstated' then 'scope_unstated' end,
                    case
                        when flagged.variant = 'published' and registry.unit in ('ratio', 'months')
                            then 'definition_unstated'
                    end
                ), ''
            ), 'ok'
        ) as quality_flag,
        flagged.value_key,
        cast(null as varchar) as input_1_key,
        cast(null as varchar) as input_2_key,
        cast(null as varchar) as input_3_key
    from flagged
    inner join registry on flagged.metric_key = registry.metric_key
)

select * from final
