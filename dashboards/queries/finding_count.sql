-- One row: how many findings this release carries.
select count(*) as findings
from quality.finding
