-- One row per statement, printed total over regions and region of it that the statement prints.
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

part_cell as (
    select
        part.*,
        bool_or(above.region_code is not null) as is_below_another
    from cell as part
    left join cell as above
        on
            part.statement_code = above.statement_code
            and part.region_parent = above.region_code
            and part.scheme_code = above.scheme_code
            and part.fund_scope = above.fund_scope
            and part.item = above.item
            and part.is_of_which = above.is_of_which
            and not coalesce(contains(above.total_of, 'regions'), false)
    where not coalesce(contains(part.total_of, 'regions'), false)
    group by all
),

final as (
    select
        total.*,
        'regions_sum' as rule,
        part_cell._row as term_row,
        part_cell.value as term_value,
        part_cell.half_ulp as term_half_ulp,
        1 as terms_needed
    from total_cell as total
    inner join part_cell
        on
            total.statement_code = part_cell.statement_code
            and total.scheme_code = part_cell.scheme_code
            and total.fund_scope = part_cell.fund_scope
            and total.item = part_cell.item
            and total.is_of_which = part_cell.is_of_which
            and total.region_code <> part_cell.region_code
    where
        (total.total_of = 'regions' and not part_cell.is_below_another)
        or (
            starts_with(total.total_of, 'regions:')
            and contains(
                replace(total.total_of, 'regions:', ';') || ';', ';' || part_cell.region_code || ';'
            )
        )
)

select * from final
