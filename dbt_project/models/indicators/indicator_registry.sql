-- One row per registered metric.
with final as (
    select
        metric_key,
        block,
        domain,
        name_zh,
        name_en,
        definition_zh,
        definition_en,
        numerator_zh,
        numerator_en,
        denominator_zh,
        denominator_en,
        unit,
        direction,
        frequency,
        dimensions,
        additivity,
        source_feeds,
        edge_rules,
        thresholds,
        owner,
        plan_attribute,
        baseline_text,
        target_text,
        evidence_mark,
        definition_version
    from {{ ref('registry') }}
)

select * from final
