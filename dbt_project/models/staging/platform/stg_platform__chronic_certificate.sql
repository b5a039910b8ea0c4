-- One row per person number, disease and begin of a certificate, as last delivered.
with newest as (
    {{ newest_rows('chronic_certificate', ['psn_no', 'dise_code', 'begin_date']) }}
),

final as (
    select
        psn_no,
        dise_code as disease_code,
        begin_date,
        coalesce(end_date, date '9999-12-31') as end_date,
        case cert_type when '两病' then 'two_disease' when '慢病' then 'chronic' else 'special' end
            as certificate_kind,
        known_on,
        data_origin
    from newest
)

select * from final
