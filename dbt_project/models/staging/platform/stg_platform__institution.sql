-- One row per institution and day from which its description holds, in its newest version.
with newest as (
    {{ newest_rows('institution', ['fixmedins_code', 'valid_from']) }}
),

final as (
    select
        fixmedins_code as institution_code,
        valid_from as valid_from_date,
        coalesce(
            lead(valid_from) over (partition by fixmedins_code order by valid_from),
            date '9999-12-31'
        ) as valid_before_date,
        case medins_natu when '公立' then 'public' when '民营' then 'private' else 'unstated' end
            as ownership_code,
        coalesce(is_primary, '0') = '1' as is_primary_care,
        fixmedins_type as institution_type_code,
        known_on,
        data_origin
    from newest
)

select * from final
