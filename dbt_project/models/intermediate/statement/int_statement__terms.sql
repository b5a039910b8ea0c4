-- One row per statement, rule, printed total and term of it that the statement prints.
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

scheme_terms as (
    select * from {{ ref('int_statement__scheme_terms') }}
),

region_terms as (
    select * from {{ ref('int_statement__region_terms') }}
),

named_item_terms as (
    select
        total.*,
        'named_items_sum' as rule,
        part._row as term_row,
        part.value as term_value,
        part.half_ulp as term_half_ulp,
        1 as terms_needed
    from total_cell as total
    inner join cell as part
        on
            total.statement_code = part.statement_code
            and total.region_code = part.region_code
            and total.scheme_code = part.scheme_code
            and total.fund_scope = part.fund_scope
            and contains(
                replace(total.total_of, 'items:', ';') || ';', ';' || part.item || ';'
            )
    where starts_with(total.total_of, 'items:')
),

item_terms as (
    select
        total.*,
        'items_sum' as rule,
        part._row as term_row,
        part.value as term_value,
        part.half_ulp as term_half_ulp,
        1 as terms_needed
    from cell as total
    inner join cell as part
        on
            total.statement_code = part.statement_code
            and total.region_code = part.region_code
            and total.scheme_code = part.scheme_code
            and total.fund_scope = part.fund_scope
            and starts_with(part.item, total.item || '.')
            and not contains(replace(part.item, total.item || '.', ''), '.')
            and not part.is_of_which
            and not coalesce(contains(part.total_of, 'items:'), false)
    where not total.is_of_which
),

equation_terms as (
    select * from {{ ref('int_statement__equation_terms') }}
),

account_terms as (
    select
        total.*,
        'pool_plus_account' as rule,
        part._row as term_row,
        part.value as term_value,
        part.half_ulp as term_half_ulp,
        2 as terms_needed
    from cell as total
    inner join cell as part
        on
            total.statement_code = part.statement_code
            and total.region_code = part.region_code
            and total.scheme_code = part.scheme_code
            and total.item = part.item
            and part.fund_scope in ('pool', 'account')
    where total.fund_scope = 'total'
),

final as (
    select * from scheme_terms
    union all by name
    select * from region_terms
    union all by name
    select * from named_item_terms
    union all by name
    select * from item_terms
    union all by name
    select * from equation_terms
    union all by name
    select * from account_terms
)

select * from final
