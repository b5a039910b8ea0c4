"""Records of closed years: one file a year, linked from release to release while nothing behind them changed."""

from __future__ import annotations

import duckdb
import pytest

from warehouse.connections import build_connection
from warehouse.home import writer
from warehouse.release.pointer import Release, find
from warehouse.release.retire import KEPT_SEGMENTS
from warehouse.release.verify import damages
from warehouse.release.write import release
from warehouse.settings import Settings

BATCH = "made"


@pytest.fixture
def closed_year(own_home: Settings) -> Settings:
    """The released home with settlements of 2024 and 2025, of which 2024 is locked to its last month."""
    with writer(own_home), build_connection(own_home) as connection:
        connection.execute(
            """
            create temp table made as from record.settlement;
            insert into made by name
            select 'person' || i as psn_key, cast(date '2024-01-01' + to_months(i % 24) as date) as settlement_month,
                '460100' as region_code, 100 + i as fee_yuan
            from range(240) as numbers (i);
            drop view record.settlement;
            create table record.settlement as from made;
            insert into raw.touched_month
            select ?, 'settlement', cast(date '2024-01-01' + to_months(i) as date), 10, false
            from range(24) as numbers (i);
            """,
            [BATCH],
        )
        connection.execute(
            """
            insert into raw.month_lock
            select cast(date '2024-01-01' + to_months(i) as date), date '2025-02-20' from range(12) as numbers (i)
            """
        )
    return own_home


def written(settings: Settings) -> Release:
    with writer(settings):
        return release(settings)


def segments(release_: Release) -> list[str]:
    return sorted(path.name for path in release_.folder.glob("records-*.duckdb"))


def test_a_segment_holds_the_closed_year_and_no_other(closed_year: Settings) -> None:
    made = written(closed_year)
    (name,) = segments(made)
    assert name.startswith("records-2024-")
    assert made.manifest()["files"][name]["scope"] == "statistician"
    with duckdb.connect(str(made.folder / name), read_only=True) as connection:
        found = connection.execute(
            "select count(*), min(settlement_month)::varchar, max(settlement_month)::varchar from record.settlement"
        ).fetchall()
    assert found == [(120, "2024-01-01", "2024-12-01")]


def test_an_unchanged_year_is_linked_and_a_changed_one_written_anew(closed_year: Settings) -> None:
    first, second = written(closed_year), written(closed_year)
    (name,) = segments(first)
    assert segments(second) == [name]
    assert (first.folder / name).stat().st_ino == (second.folder / name).stat().st_ino
    with writer(closed_year), build_connection(closed_year) as connection:
        connection.execute(
            "insert into record.settlement by name select date '2024-03-01' as settlement_month"
        )
        connection.execute(
            "insert into raw.touched_month values ('late', 'settlement', date '2024-03-01', 1, true)"
        )
    third = written(closed_year)
    assert len(segments(third)) == 1
    assert segments(third) != [name]
    assert damages(closed_year, first) == []


def test_records_that_change_without_a_batch_are_written_anew(closed_year: Settings) -> None:
    """A corrected document, a later lock or an earlier day of knowledge brings no settlement."""
    first = written(closed_year)
    with writer(closed_year), build_connection(closed_year) as connection:
        connection.execute(
            "update record.settlement set psn_key = 'corrected' where psn_key = 'person2' "
            "and settlement_month = date '2024-03-01'"
        )
    second = written(closed_year)
    assert segments(second) != segments(first)
    with duckdb.connect(str(second.folder / segments(second)[0]), read_only=True) as connection:
        found = connection.execute(
            "select count(*) from record.settlement where psn_key = 'corrected'"
        ).fetchall()
    assert found == [(1,)]


def test_a_year_with_an_open_month_has_no_segment(closed_year: Settings) -> None:
    with writer(closed_year), build_connection(closed_year) as connection:
        connection.execute("delete from raw.month_lock where month = date '2024-12-01'")
    assert segments(written(closed_year)) == []


def test_older_releases_give_their_segments_up_and_stay_sound(closed_year: Settings) -> None:
    made = [written(closed_year) for _ in range(KEPT_SEGMENTS + 1)]
    assert segments(made[0]) == []
    assert all(segments(each) for each in made[1:])
    assert damages(closed_year, find(closed_year, made[0].release_id)) == []
