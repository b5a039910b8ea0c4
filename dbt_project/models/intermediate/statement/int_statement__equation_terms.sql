-- One row per statement, equation, printed total and term of it, signed.
with cell as (
    select * from {{ ref('stg_statement__cell') }}
    where is_newest and value is not null
),

equation as (
    select * from {{ ref('statement_equation') }}
),

final as (
    select
        total.*,
        equation.rule,
        part._row as term_row,
        equation.sign * part.value as term_value,
        part.half_ulp as term_half_ulp,
        equation.terms_needed
    from equation
    inner join cell as total on equation.total_item = total.item and not total.is_of_which
    inner join cell as part
        on
            equation.term_item = part.item
            and total.statement_code = part.statement_code
            and total.region_code = part.region_code
            and total.scheme_code = part.scheme_code
            and total.fund_scope = part.fund_scope
            and not part.is_of_which
)

select * from final
