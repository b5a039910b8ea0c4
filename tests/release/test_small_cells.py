"""Small cells: no file for leaders or counties gives a count below five away, by whatever subtraction."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from attack import given_away
from small_province import Released, rows
from test_contributors import benefit_measures

from warehouse.home import writer
from warehouse.release.pointer import PROVINCE, STATISTICIAN
from warehouse.release.write import release
from warehouse.settings import DBT_PROJECT, SEEDS, Settings, load_settings
from warehouse.texts import Refused
from warehouse.transform import build, run_models, set_parameters

MEASURES = ("ip_visits", "assistance_visits", "serious_illness_visits")
LEAST = 5


@pytest.mark.parametrize("measure", MEASURES)
def test_no_small_cell_follows_from_one_release(province: Released, measure: str) -> None:
    for each in (province.early, province.late):
        assert given_away([each.file(PROVINCE)], province.settings.build_database, measure) == []


@pytest.mark.parametrize("measure", MEASURES)
def test_no_small_cell_follows_from_two_releases(province: Released, measure: str) -> None:
    files = [province.early.file(PROVINCE), province.late.file(PROVINCE)]
    assert given_away(files, province.settings.build_database, measure) == []


def test_the_attack_finds_cells_where_nothing_is_hidden(province: Released) -> None:
    file = province.late.file(STATISTICIAN)
    found = given_away([file], province.settings.build_database, "ip_visits", table="value_full")
    assert len(found) > 20


def test_no_shown_count_is_small(province: Released) -> None:
    for scope in province.late.scopes():
        if scope == STATISTICIAN:
            continue
        assert (
            rows(
                province.late.file(scope),
                f"""
                select * from indicator.value
                where data_origin <> 'published' and unit in ('persons', 'visits')
                    and value > 0 and value < {LEAST}
                """,
            )
            == []
        ), scope


def test_no_county_is_withheld_alone_below_a_shown_total(province: Released) -> None:
    alone = rows(
        province.late.file(PROVINCE),
        """
        select metric_key, variant, scheme_code, period_basis, period_end
        from indicator.value
        where data_origin <> 'published' and not ends_with(metric_key, '_growth')
        group by all
        having
            count(*) filter (region_code <> '460000' and disclosure = 'withheld') = 1
            and count(*) filter (region_code <> '460000') > 1
            and bool_or(region_code = '460000' and disclosure = 'open')
        """,
    )
    assert alone == []


def test_a_withheld_cell_has_one_word_and_no_number(province: Released) -> None:
    found = rows(
        province.late.file(PROVINCE),
        """
        select distinct disclosure, qualifier, value, numerator, denominator
        from indicator.value where disclosure <> 'open' order by all
        """,
    )
    assert found == [("small_base", "基数不足30", None, None, None), ("withheld", "不公布", None, None, None)]
    counties = rows(
        province.late.file(PROVINCE),
        "select distinct qualifier from report.leader_county where qualifier <> ''",
    )
    assert ("不公布",) in counties
    assert {word for (word,) in counties} <= {"不公布", "基数不足30"}


def test_statisticians_see_every_number(province: Released) -> None:
    hidden = rows(
        province.late.file(STATISTICIAN), "select count(*) from indicator.value_full where value is null"
    )
    published = rows(
        province.late.file(STATISTICIAN),
        "select count(*) from indicator.value_full where value is null and data_origin = 'published'",
    )
    assert hidden == published


def test_few_assisted_stays_hide_no_headline_of_the_province(province: Released) -> None:
    """What they hide is the ratio of all funds, which holds the assistance."""
    few = rows(
        province.late.file(STATISTICIAN),
        "select distinct is_month_hidden from quality.disclosure "
        "where count_measure = 'assistance_ip_visits' and region_code = 'whole' and disclosure_year = 2024",
    )
    assert few == [(True,)]
    cards = rows(
        province.late.file(PROVINCE),
        "select card_code, scheme_code, bool_or(shown_value is not null) from report.leader_kpi "
        "where region_code = '460000' and data_origin = 'synthetic' group by all",
    )
    assert len(cards) == 10
    assert all(is_shown for _, _, is_shown in cards)
    by_quarter = rows(
        province.late.file(PROVINCE),
        "select metric_key, bool_or(value is not null), bool_and(value is not null) from indicator.value "
        "where region_code = '460000' and data_origin <> 'published' and period_basis = 'quarter' "
        "and (metric_key = 'policy_pay_ratio_ip_resident' and variant = 'basic_plus' "
        "or metric_key = 'actual_pay_ratio_ip') group by all order by all",
    )
    assert by_quarter == [
        ("actual_pay_ratio_ip", False, False),
        ("policy_pay_ratio_ip_resident", True, True),
    ]


def test_what_was_hidden_stays_hidden(province: Released) -> None:
    key = "count_measure, region_code, disclosure_year"
    early, late = (
        set(rows(each.file(STATISTICIAN), f"select {key} from quality.disclosure where is_month_hidden"))
        for each in (province.early, province.late)
    )
    assert early
    assert early <= late


def test_the_same_data_again_hide_the_same(province: Released) -> None:
    with writer(province.settings):
        set_parameters(province.settings, None, None)
        build(province.settings)
        again = release(province.settings)
    assert again.manifest()["tables"] == province.late.manifest()["tables"]


def test_no_file_of_a_county_holds_a_word_of_another(province: Released) -> None:
    keys = rows(
        province.late.file(PROVINCE),
        "select region_code, value_key from indicator.value where data_origin <> 'published' and "
        "region_code in ('460100', '469030')",
    )
    own, other = ({key for region, key in keys if region == code} for code in ("460100", "469030"))
    content = province.late.file("460100").read_bytes()
    assert not [key for key in other if str(key).encode() in content]
    assert own


def with_seeds(settings: Settings, *statements: str) -> None:
    """Change the seeds of a built home and build what rests on them; the gate believes that all passed."""
    passed = settings.passed_build.read_bytes()
    with duckdb.connect(str(settings.build_database)) as connection:
        for statement in statements:
            connection.execute(statement)
    with writer(settings):
        result = run_models(
            settings,
            select="dsc_rules+1 indicator_measure indicator_formula "
            "ind_feed__period ind_feed__growth dsc_cells+ indicator_value_full",
        )
    assert not result.failures, result.failures
    settings.passed_build.write_bytes(passed)


@pytest.mark.parametrize(
    ("rule", "count_measures", "least_count", "reason"),
    [
        (None, None, None, None),
        ("none", None, None, " "),
        ("count", None, 5, None),
        ("count", "ip_visits", 4, None),
        ("count", "ip_visits;no_such_count", 5, None),
        ("other", "ip_visits", 5, None),
    ],
)
def test_a_rule_that_is_not_complete_is_none(
    rule: str | None, count_measures: str | None, least_count: int | None, reason: str | None
) -> None:
    """The model of rules alone, on a seed of three measures."""
    compiled = (DBT_PROJECT / "models/disclosure/dsc_rules.sql").read_text("utf-8")
    with duckdb.connect() as connection:
        connection.execute(
            """
            create table measure as
            select 'ip_visits' as measure_key, 'count' as disclosure_rule, 'ip_visits' as count_measures,
                5 as least_count, null as rule_reason
            union all select 'gdp', 'none', null, null, '参考数'
            union all select 'ip_fee', ?, ?, ?, ?
            """,
            [rule, count_measures, least_count, reason],
        )
        found = connection.execute(compiled.replace("{{ ref('measure') }}", "measure")).fetchall()
    assert sorted(found, key=str) == [
        ("gdp", None, None, False, False),
        ("ip_visits", "ip_visits", 5, True, False),
    ]


def measures_of_the_seed() -> list[dict[str, str]]:
    with (SEEDS / "indicator" / "measure.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_what_counts_is_a_number_of_persons_visits_or_households() -> None:
    """An amount of benefit.month may name itself too: it is counted by the visits where it is not nil."""
    names = {
        row["measure_key"]: row["name_zh"]
        for row in measures_of_the_seed()
        if row["measure_key"] in row["count_measures"].split(";")
        and (
            row["count_measures"].split(";")[0] == row["measure_key"]
            or row["measure_key"] not in benefit_measures()
        )
    }
    assert names["ip_visits"]
    not_counts = {
        key: name
        for key, name in names.items()
        if not re.search("人[次数]|户数|病例|出院|分解住院|再入院|[保员]$", name)
    }
    assert not_counts == {}


def test_a_percentile_is_shown_by_its_rank_only() -> None:
    ranked = {
        row["measure_key"]: row["disclosure_rule"]
        for row in measures_of_the_seed()
        if re.search(r"分位|中位|最[大小高低]|_p\d+$|median|_m(ax|in)$", row["name_zh"] + row["measure_key"])
    }
    assert set(ranked) >= {"ip_person_p50", "ip_person_p90"}
    assert set(ranked.values()) == {"rank"}


def test_a_shown_percentile_has_five_persons_below_and_above(province: Released) -> None:
    """Counted anew from the stays; on the whole values many have fewer."""
    query = """
        with stay as (
            select psn_no, last_day(month_start) as month_end, region_code, scheme_code, person_yuan
            from build.intermediate.int_benefit__stays
        )
        select value.value_key
        from {table} as value
        inner join stay
            on value.region_code in ('460000', stay.region_code) and value.scheme_code in ('all', stay.scheme_code)
            and stay.month_end between value.period_start and value.period_end
        where value.variant in ('inpatient_p50', 'inpatient_p90') and value.value is not null
        group by all
        having count(distinct psn_no) filter (person_yuan < value.value) < 5
            or count(distinct psn_no) filter (person_yuan > value.value) < 5
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach '{province.settings.build_database}' as build (read_only)")
        connection.execute(f"attach '{province.late.file(PROVINCE)}' as shown (read_only)")
        assert connection.execute(query.format(table="shown.indicator.value")).fetchall() == []
        assert len(connection.execute(query.format(table="build.indicator.value_full")).fetchall()) > 20
        open_values = connection.execute(
            "select count(*) from shown.indicator.value where starts_with(variant, 'inpatient_p') and value > 0"
        )
        assert open_values.fetchall()[0][0] > 0


def test_a_measure_without_a_rule_is_hidden_everywhere_and_refused(
    province: Released, tmp_path: Path
) -> None:
    shutil.copytree(province.settings.home, tmp_path / "home")
    settings = load_settings(tmp_path / "home")
    shown = (
        "select count(*) from indicator.value where metric_key = 'maf_payment' and variant = 'all' "
        "and data_origin <> 'published' and value is not null"
    )
    assert rows(settings.build_database, shown)[0][0]
    with_seeds(
        settings,
        "update seed.measure set disclosure_rule = null where measure_key = 'assistance_paid'",
        "insert into seed.formula by name select * replace ('oop_share' as metric_key, 'new' as variant, "
        "'forgotten' as denominator_measure) from seed.formula where metric_key = 'maf_claims' and variant = 'all'",
    )
    assert rows(settings.build_database, shown)[0][0] == 0
    assert rows(
        settings.build_database,
        "select distinct disclosure, qualifier from indicator.value "
        "where metric_key in ('maf_payment', 'maf_avg') and variant in ('all', 'formula') "
        "and data_origin <> 'published'",
    ) == [("withheld", "不公布")]
    before = sorted(settings.releases.iterdir())
    with writer(settings), pytest.raises(Refused, match="assistance_paid、forgotten") as refused:
        release(settings)
    assert "measure.csv" in refused.value.text.zh
    assert sorted(settings.releases.iterdir()) == before
