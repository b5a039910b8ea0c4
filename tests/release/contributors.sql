-- One row per settlement that counts, with the columns that the measures of use and benefit are defined on.
with assisted as (
    select
        person.psn_no,
        roster.roster_month,
        bool_or(grp.maps_to = 'key') as is_key_assisted,
        bool_or(grp.maps_to in ('lifted', 'monitored_lifted')) as is_lifted
    from staging.stg_platform__person_key as person
    inner join staging.stg_platform__roster as roster on person.psn_key = roster.psn_key
    left join seed.feed_code as grp
        on roster.assisted_group_name = grp.code and grp.code_set = 'assisted_group'
    group by all
)

select
    paid.settlement_id,
    paid.psn_no,
    paid.region_code,
    paid.scheme_code,
    last_day(paid.settlement_month) as month_end,
    paid.* exclude (settlement_id, psn_no, region_code, scheme_code, settlement_month),
    case
        when paid.treatment_region_code is null then 'unstated'
        when paid.treatment_region_code = paid.region_code then 'county'
        when substr(paid.treatment_region_code, 1, 2) = substr(paid.region_code, 1, 2) then 'province'
        else 'outside'
    end as area_code,
    exists (
        from staging.stg_platform__institution as institution
        where institution.institution_code = paid.institution_code and institution.is_primary_care
            and cast(paid.settled_at as date) >= institution.valid_from_date
            and cast(paid.settled_at as date) < institution.valid_before_date
    ) as is_primary_care,
    assisted.psn_no is not null as is_assisted,
    coalesce(assisted.is_key_assisted, false) as is_key_assisted,
    coalesce(assisted.is_lifted, false) as is_lifted,
    paid.end_date - paid.begin_date + 1 as stay_days,
    case when paid.service_type_code in ('11', '13') then paid.pool_yuan else 0 end as pool_outpatient_yuan,
    case
        when paid.service_type_code in ('11', '13') and paid.pool_yuan <> 0 then paid.policy_scope_yuan
        else 0
    end as pool_outpatient_scope_yuan
from intermediate.int_benefit__paid as paid
left join assisted
    on paid.psn_no = assisted.psn_no and paid.settlement_month = assisted.roster_month
where coalesce(paid.remote_side_code, '0') <> '2' and paid.scheme_code <> 'other'
