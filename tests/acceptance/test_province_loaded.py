"""The answer file of a synthetic province judges the loader: every planted defect, and nothing else."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
import yaml

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of
from warehouse.home import init_home, writer
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import files_in, ingest
from warehouse.settings import Settings, load_settings
from warehouse.synthetic.generate import generate
from warehouse.synthetic.plan import Plan

Row = dict[str, str]
KEPT_OUT = {"reject": "reject", "wait": "wait", "set_aside": "set_aside", "total": "set_aside"}
PLATFORM = [name for name, feed in FEEDS.items() if feed.number]


class Loaded:
    """A province on disk and the home it was loaded into."""

    def __init__(self, folder: Path, plan: Plan, is_reversed: bool = False) -> None:
        self.province = folder / "province"
        if not self.province.exists():
            generate(plan, self.province)
        self.settings: Settings = load_settings(folder / ("reversed" if is_reversed else "home"))
        files = files_in([self.province / "feeds"])
        with writer(self.settings):
            init_home(self.settings)
            order = files[::-1] if is_reversed else files
            self.outcomes: dict[str, Outcome] = {
                each.file_name: each for each in ingest(order, self.settings)
            }

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.settings.build_database), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def held(self) -> Iterator[Row]:
        for path in self.settings.quarantine.glob("*.parquet"):
            yield from pq.read_table(path).to_pylist()


def plan(persons: int, first: date, *, is_clean: bool) -> Plan:
    return Plan(persons, first, date(2025, 3, 1), seed=11, is_clean=is_clean)


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return Loaded(tmp_path_factory.mktemp("dirty"), plan(6_000, date(2024, 7, 1), is_clean=False))


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return Loaded(tmp_path_factory.mktemp("clean"), plan(6_000, date(2024, 7, 1), is_clean=True))


@pytest.fixture(scope="module")
def answers(dirty: Loaded) -> list[Row]:
    with (dirty.province / "answers.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_clean_files_are_accepted_whole(clean: Loaded) -> None:
    assert {each.status for each in clean.outcomes.values()} == {"accepted"}
    assert list(clean.held()) == []
    assert clean.rows("select sum(rows_refused), sum(rows_duplicate) from raw.batch") == [(0, 0)]
    assert {feed for feed in PLATFORM if clean.rows(f"select 1 from raw.{feed} limit 1")} == set(PLATFORM)


def test_every_planted_row_is_kept_out_with_its_reason_and_no_other(
    dirty: Loaded, answers: list[Row]
) -> None:
    expected: dict[tuple[str, int], tuple[str, set[str]]] = {}
    for each in answers:
        if each["expected"] in KEPT_OUT:
            key = each["file"], int(each["record"])
            expected.setdefault(key, (KEPT_OUT[each["expected"]], set()))[1].add(each["rule"])
    found = {
        (row["file_name"], row["record"]): (row["status"], set(row["codes"]))
        for row in dirty.held()
        if not row["is_whole_batch"]
    }
    released = {
        (each["file"], int(each["record"]))
        for each in answers
        if each["expected"] == "wait" and "后来的文件" in each["note"]
    }
    assert released
    assert set(found) == set(expected) - released
    for place, (status, codes) in found.items():
        assert status == expected[place][0], place
        assert expected[place][1] <= codes, place


def test_files_are_refused_or_known_as_planted(dirty: Loaded, answers: list[Row]) -> None:
    refused = {each["file"] for each in answers if each["expected"] == "file_refused"}
    known = {each["file"] for each in answers if each["expected"] == "known"}
    assert {name for name, each in dirty.outcomes.items() if each.status == "refused"} == refused
    assert {name for name, each in dirty.outcomes.items() if each.status == "known"} == known


def test_counts_close_to_the_row(dirty: Loaded, answers: list[Row]) -> None:
    with (dirty.province / "feeds" / "manifest.yml").open(encoding="utf-8") as stream:
        files = yaml.safe_load(stream)["files"]
    counts = dirty.rows(
        "select file_name, rows_read, rows_accepted, rows_refused, rows_duplicate from raw.batch"
    )
    held = defaultdict(int)
    for row in dirty.held():
        held[row["file_name"]] += 1
    duplicates = defaultdict(int)
    for each in answers:
        duplicates[each["file"]] += each["expected"] == "duplicate"
    for name, read, accepted, refused, duplicate in counts:
        assert read == accepted + refused + duplicate
        assert read == files[name]["rows"], name
        assert refused == held[name], name
        assert duplicate == duplicates[name], name


def test_repaired_rows_are_what_the_clean_province_has(
    dirty: Loaded, clean: Loaded, answers: list[Row]
) -> None:
    lost = [each for each in answers if each["kind"] == "changed" and each["expected"] in ("reject", "blank")]
    assert [each for each in answers if each["expected"] == "repaired"]
    with duckdb.connect() as connection:
        for name, loaded in (("dirty", dirty), ("clean", clean)):
            connection.execute(f"attach '{loaded.settings.build_database}' as {name} (read_only)")
        for feed in PLATFORM:
            columns = ", ".join(each.name for each in columns_of(FEEDS[feed]))
            query = (
                f"select count(*) from (select {columns} from clean.raw.{feed} "
                f"except select {columns} from dirty.raw.{feed})"
            )
            missing = connection.execute(query).fetchall()[0][0]
            changed = [
                each
                for each in answers
                if each["feed"] == feed
                and each["kind"] == "changed"
                and each["expected"] in ("accepted", "warn")
            ]
            assert missing <= len(changed) + sum(each["feed"] == feed for each in lost), feed


def test_warnings_name_the_planted_records(dirty: Loaded, answers: list[Row]) -> None:
    found = defaultdict(set)
    for name, rule, records in dirty.rows(
        "select file_name, rule, first_records from raw.finding inner join raw.batch using (batch_id)"
    ):
        found[name, rule] |= set(records)
    for each in answers:
        if each["expected"] in ("warn", "blank") and each["rule"]:
            assert int(each["record"]) in found[each["file"], each["rule"]], each


def test_any_order_of_files_gives_the_same_tables(tmp_path: Path) -> None:
    small = plan(2_000, date(2025, 2, 1), is_clean=True)
    forwards, backwards = Loaded(tmp_path, small), Loaded(tmp_path, small, is_reversed=True)
    for feed in PLATFORM:
        query = f"select * from raw.{feed} order by all"
        assert forwards.rows(query) == backwards.rows(query), feed
    assert list(backwards.held()) == []
    counts = "select * exclude (_ingested_at) from raw.batch order by all"
    assert forwards.rows(counts) == backwards.rows(counts)
