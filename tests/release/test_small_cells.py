"""Small cells: no file for leaders or counties gives a count below five away, by whatever subtraction."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from attack import given_away

from warehouse.home import init_home, writer
from warehouse.ingest.deliver import files_in, ingest
from warehouse.release.pointer import PROVINCE, STATISTICIAN, Release
from warehouse.release.write import release
from warehouse.settings import PUBLISHED_DATA, Settings, load_settings
from warehouse.synthetic.generate import generate
from warehouse.synthetic.plan import Plan
from warehouse.transform import build, set_parameters

MEASURES = ("ip_visits", "assistance_visits", "serious_illness_visits")
LEAST = 5


class Released(NamedTuple):
    """A synthetic province, released as known in the tenth month, then with all of its year."""

    settings: Settings
    early: Release
    late: Release


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Released:
    folder = tmp_path_factory.mktemp("small_cells")
    generate(Plan(6_000, date(2024, 1, 1), date(2024, 12, 1), seed=5, is_clean=True), folder / "province")
    settings = load_settings(folder / "home")
    with writer(settings):
        init_home(settings)
        outcomes = list(ingest(files_in([PUBLISHED_DATA, folder / "province" / "feeds"]), settings))
        assert {each.status for each in outcomes} == {"accepted"}
        releases = []
        for known_on in (date(2024, 11, 20), None):
            set_parameters(settings, None, known_on)
            build(settings)
            releases.append(release(settings))
    return Released(settings, *releases)


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


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


def test_a_small_cell_is_never_hidden_alone_below_a_shown_total(province: Released) -> None:
    alone = rows(
        province.late.file(PROVINCE),
        """
        select metric_key, variant, scheme_code, period_basis, period_end
        from indicator.value
        where data_origin <> 'published'
        group by all
        having
            count(*) filter (region_code <> '460000' and disclosure in ('small', 'company')) = 1
            and bool_or(region_code <> '460000' and disclosure = 'small')
            and bool_or(region_code = '460000' and disclosure not in ('small', 'company'))
        """,
    )
    assert alone == []


def test_a_hidden_cell_has_words_and_no_number(province: Released) -> None:
    found = rows(
        province.late.file(PROVINCE),
        "select distinct disclosure, qualifier from indicator.value where disclosure <> 'open' order by all",
    )
    assert found == [
        ("company", "不公布"),
        ("small", "＜11"),  # people in hardship
        ("small", "＜5"),
        ("small_base", "基数不足30"),
    ]
    counties = rows(
        province.late.file(PROVINCE), "select count(*) from report.leader_county where qualifier = '＜5'"
    )
    assert counties[0][0]


def test_statisticians_see_every_number(province: Released) -> None:
    hidden = rows(
        province.late.file(STATISTICIAN), "select count(*) from indicator.value_full where value is null"
    )
    published = rows(
        province.late.file(STATISTICIAN),
        "select count(*) from indicator.value_full where value is null and data_origin = 'published'",
    )
    assert hidden == published


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
