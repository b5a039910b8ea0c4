-- One row per code of a code set, with its words.
select
    code_set,
    code,
    name_zh,
    name_en
from reference.code
order by code_set, position, code
