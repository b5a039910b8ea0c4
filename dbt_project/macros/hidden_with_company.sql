{#- The regions hidden for one count and year: those that must be, and as many others (the smallest first) as
    it takes that at least two are hidden and that what they have together is no small cell either. Whoever is
    not small itself is company, also where an earlier release hid it. An empty region hides nobody, so it is no
    company; a cell that one person makes needs another that is not empty. -#}
{% macro hidden_with_company(candidates, parts) -%}
    with placed as (
        select
            *,
            row_number() over (
                partition by count_measure, data_origin, disclosure_year
                order by must_hide desc, was_hidden desc, year_number = 0, year_number, region_code
            ) as place,
            count(case when must_hide then 1 end) over (
                partition by count_measure, data_origin, disclosure_year
            ) as must_hide_regions,
            count(case when year_number <> 0 then 1 end) over (
                partition by count_measure, data_origin, disclosure_year
                order by must_hide desc, was_hidden desc, year_number = 0, year_number, region_code
            ) as filled_regions
        from {{ candidates }}
        where region_code not in ('460000', 'whole')
    ),

    together as (
        select
            placed.count_measure,
            placed.data_origin,
            placed.disclosure_year,
            placed.place,
            part.least_count,
            sum(coalesce(part.number, 0)) over (
                partition by
                    placed.count_measure, placed.data_origin, placed.disclosure_year, grid.part_code
                order by placed.place
            ) as number_so_far,
            sum(case when part.number <> 0 then 1 else 0 end) over (
                partition by
                    placed.count_measure, placed.data_origin, placed.disclosure_year, grid.part_code
                order by placed.place
            ) as filled_so_far,
            bool_or(coalesce(part.is_dominated, false)) over (
                partition by
                    placed.count_measure, placed.data_origin, placed.disclosure_year, grid.part_code
                order by placed.place
            ) as is_dominated
        from placed
        inner join (
            select
                count_measure,
                data_origin,
                disclosure_year,
                part_code
            from {{ parts }}
            group by count_measure, data_origin, disclosure_year, part_code
        ) as grid
            on
                placed.count_measure = grid.count_measure
                and placed.data_origin = grid.data_origin
                and placed.disclosure_year = grid.disclosure_year
        left join {{ parts }} as part
            on
                placed.count_measure = part.count_measure
                and placed.data_origin = part.data_origin
                and placed.disclosure_year = part.disclosure_year
                and placed.region_code = part.region_code
                and grid.part_code = part.part_code
        where placed.must_hide_regions > 0
    ),

    safe as (
        select
            count_measure,
            data_origin,
            disclosure_year,
            place
        from together
        group by count_measure, data_origin, disclosure_year, place
        having
            not bool_or({{ is_small_cell('number_so_far', 'coalesce(least_count, 5)') }})
            and not bool_or(is_dominated and filled_so_far < 2)
    ),

    chosen as (
        select
            placed.count_measure,
            placed.data_origin,
            placed.disclosure_year,
            coalesce(
                min(
                    case
                        when
                            placed.place >= placed.must_hide_regions
                            and placed.filled_regions >= 2
                            then safe.place
                    end
                ),
                max(placed.place)
            ) as last_place
        from placed
        left join safe
            on
                placed.count_measure = safe.count_measure
                and placed.data_origin = safe.data_origin
                and placed.disclosure_year = safe.disclosure_year
                and placed.place = safe.place
        where placed.must_hide_regions > 0
        group by placed.count_measure, placed.data_origin, placed.disclosure_year
    )

    select
        placed.count_measure,
        placed.data_origin,
        placed.region_code,
        placed.disclosure_year,
        case when placed.is_small then 'small' else 'company' end as disclosure
    from placed
    inner join chosen
        on
            placed.count_measure = chosen.count_measure
            and placed.data_origin = chosen.data_origin
            and placed.disclosure_year = chosen.disclosure_year
            and placed.place <= chosen.last_place
    union all
    select
        count_measure,
        data_origin,
        region_code,
        disclosure_year,
        case when is_small then 'small' else 'company' end as disclosure
    from {{ candidates }}
    where region_code in ('460000', 'whole') and must_hide
{%- endmacro %}
