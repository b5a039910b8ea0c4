{#- The verdict on a plan row (plan.md §2–§3): at the end by the target's kind, before it by progress
    against elapsed time (0.8 and 0.6). Cells that are unclear, qualitative or broken get no number. -#}
{% macro plan_status() -%}
    case
        when cell_status = 'AMBIGUOUS' then 'undefined_target'
        when kind = 'adapted' then 'qualitative_pending'
        when as_of_date is null then 'no_data'
        when break_zh is not null then 'not_comparable'
        when not is_judgeable then 'no_data'
        when kind = 'stable_band' and abs(actual_value - baseline_value) <= tolerance
            then case when is_final then 'achieved' else 'on_track' end
        when kind = 'stable_band' then case when is_final then 'not_achieved' else 'lagging' end
        when kind in ('stable_at_least', 'full') and actual_value >= target_value
            then case when is_final then 'achieved' else 'on_track' end
        when kind in ('stable_at_least', 'full') then case when is_final then 'not_achieved' else 'at_risk' end
        when kind = 'about' and is_final and actual_value > target_value + tolerance then 'over'
        when kind = 'about' and is_final and actual_value >= target_value - tolerance then 'achieved'
        when kind = 'about' and is_final and actual_value >= target_value - 2 * tolerance then 'basically'
        when kind = 'at_least' and is_final and actual_value >= target_value then 'achieved'
        when kind = 'at_least' and is_final and actual_value >= target_value - coalesce(tolerance, 0)
            then 'basically'
        when kind = 'at_most' and is_final and actual_value <= target_value then 'achieved'
        when kind = 'at_most' and is_final and actual_value <= target_value + coalesce(tolerance, 0)
            then 'basically'
        when is_final then 'not_achieved'
        when progress_rate >= 0.8 * elapsed_rate then 'on_track'
        when progress_rate >= 0.6 * elapsed_rate then 'lagging'
        else 'at_risk'
    end
{%- endmacro %}
