-- One row per origin of the cards of one region, published first.
with kpi as (
    select * from report.leader_kpi
),

final as (
    select data_origin as origin from kpi
    where region_code = $region
    group by data_origin
    order by (data_origin = 'published') desc, data_origin
)

select * from final
