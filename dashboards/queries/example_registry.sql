-- 一行一个指标：名称、单位、方向、责任处室、定义
select
    metric_key,
    name_zh,
    unit,
    direction,
    owner,
    definition_zh
from indicator.registry
order by metric_key
