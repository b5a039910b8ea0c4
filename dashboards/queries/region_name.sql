-- One row: the name of one region.
select
    region_name as name_zh,
    name_en
from reference.region
where region_code = $region
