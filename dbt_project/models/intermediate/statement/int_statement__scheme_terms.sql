-- One row per statement, printed total over schemes and scheme of it that the statement prints.
with cell as (
    select * from {{ ref('stg_statement__cell') }}
    where is_newest and value is not null
),

total_cell as (
    select
        * exclude (total_of),
        unnest(string_split(total_of, '|')) as total_of
    from cell
    where total_of is not null
),

main_cell as (
    select * from cell
    where
        not is_of_which
        and fund_scope <> 'account'
        and not (scheme_code = 'employee' and fund_scope = 'pool')
),

scheme_terms as (
    select
        total.*,
        'schemes_sum' as rule,
        part._row as term_row,
        part.value as term_value,
        part.half_ulp as term_half_ulp,
        len(string_split(total.total_of, ';')) as terms_needed
    from total_cell as total
    inner join main_cell as part
        on
            total.statement_code = part.statement_code
            and total.region_code = part.region_code
            and total.item = part.item
            and contains(';' || total.total_of || ';', ';' || part.scheme_code || ';')
    where not contains(total.total_of, ':') and total.total_of <> 'regions'
),

sub_scheme_terms as (
    select
        total.*,
        'sub_schemes_sum' as rule,
        part._row as term_row,
        part.value as term_value,
        part.half_ulp as term_half_ulp,
        2 as terms_needed
    from main_cell as total
    inner join main_cell as part
        on
            total.statement_code = part.statement_code
            and total.region_code = part.region_code
            and total.fund_scope = part.fund_scope
            and total.item = part.item
            and part.scheme_code in ('urban_resident', 'ncms')
    where total.scheme_code = 'resident'
),

final as (
    select * from scheme_terms
    union all by name
    select * from sub_scheme_terms
)

select * from final
