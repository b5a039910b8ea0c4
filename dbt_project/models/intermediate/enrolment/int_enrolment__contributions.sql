-- One row per contribution of a person with what its reversals, of any depth, leave of it (E02).
with recursive contribution as (
    select * from {{ ref('stg_platform__contribution') }}
),

named as (
    select
        contribution_id,
        amount_yuan
    from contribution
    where contribution_id in (
        select named_by.reversed_contribution_id from contribution as named_by
        where named_by.reversed_contribution_id is not null
    )
),

-- a reversal is of the opposite sign of what it names; any other row that names one is its own
reversal as (
    select contribution.*
    from contribution
    inner join named
        on
            contribution.reversed_contribution_id = named.contribution_id
            and sign(contribution.amount_yuan) = -sign(named.amount_yuan)
            and named.amount_yuan <> 0
),

chain as (
    select
        contribution_id as root_id,
        contribution_id
    from named
    where contribution_id not in (select reversal.contribution_id from reversal)
    union all
    select
        chain.root_id,
        reversal.contribution_id
    from chain
    inner join reversal on chain.contribution_id = reversal.reversed_contribution_id
),

reversed as (
    select
        chain.root_id,
        sum(reversal.amount_yuan) as amount_yuan,
        sum(reversal.person_part_yuan) as person_part_yuan,
        sum(reversal.subsidy_yuan) as subsidy_yuan,
        max(reversal.known_on) as known_on
    from chain
    inner join reversal on chain.contribution_id = reversal.contribution_id
    where chain.root_id <> chain.contribution_id
    group by chain.root_id
),

root as (
    select * from contribution
    where contribution_id not in (select reversal.contribution_id from reversal)
),

final as (
    select
        root.* exclude (
            reversed_contribution_id,
            is_reversal_flagged,
            amount_yuan,
            person_part_yuan,
            subsidy_yuan,
            known_on
        ),
        cast(root.amount_yuan + coalesce(reversed.amount_yuan, 0) as decimal(18, 2)) as amount_yuan,
        cast(root.person_part_yuan + coalesce(reversed.person_part_yuan, 0) as decimal(18, 2))
            as person_part_yuan,
        cast(root.subsidy_yuan + coalesce(reversed.subsidy_yuan, 0) as decimal(18, 2))
            as subsidy_yuan,
        greatest(root.known_on, coalesce(reversed.known_on, root.known_on)) as known_on
    from root
    left join reversed on root.contribution_id = reversed.root_id
    where
        root.region_code is not null
        -- the flag decides only where no reversal has come
        and (not root.is_reversal_flagged or reversed.root_id is not null)
        and root.amount_yuan + coalesce(reversed.amount_yuan, 0) > 0
)

select * from final
