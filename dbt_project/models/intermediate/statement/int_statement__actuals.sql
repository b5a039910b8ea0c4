-- One row per layout, region, scheme, scope, item, basis and period: the statement's own actual.
with cell as (
    select * from {{ ref('stg_statement__cell') }}
),

final as (
    select
        *,
        case when period_basis in ('ytd', 'year') then 'cumulated' else period_basis end
            as basis_kind
    from cell
    where
        is_newest
        and value is not null
        and figure_kind = 'actual'
        and not is_of_which
        and period_basis in ('point', 'ytd', 'year', 'month', 'quarter')
    qualify row_number() over (
        partition by
            template, region_code, scheme_code, fund_scope, item,
            case when period_basis in ('ytd', 'year') then 'cumulated' else period_basis end,
            period_end
        order by length(statement_code), statement_code, sheet, cell
    ) = 1
)

select * from final
