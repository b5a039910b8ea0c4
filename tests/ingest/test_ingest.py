"""Files come in as batches: accepted once, or refused with one sentence and without a trace in raw."""

from __future__ import annotations

import csv
import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from warehouse.home import init_home, writer
from warehouse.ingest.archive import read_manifest
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import files_in, ingest
from warehouse.ingest.reconcile import reconcile
from warehouse.settings import PUBLISHED_DATA, Settings, load_settings
from warehouse.texts import Refused

SUPERVISION = PUBLISHED_DATA / "supervision.csv"


LEDGERS = Path(__file__).parent.parent / "golden" / "feeds"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = load_settings(tmp_path / "home")
    with writer(settings):
        init_home(settings)
    return settings


def load(settings: Settings, *paths: Path, feed: str | None = None) -> list[Outcome]:
    with writer(settings):
        return list(ingest(files_in(paths), settings, feed))


def raw(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def supervision_rows() -> list[dict[str, str]]:
    with SUPERVISION.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def write(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        writer_ = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer_.writeheader()
        writer_.writerows(rows)
    return path


def test_the_same_content_is_loaded_once_and_said(home: Settings, tmp_path: Path) -> None:
    copy = shutil.copy(SUPERVISION, tmp_path / "another_name.csv")
    first, second, renamed = load(home, SUPERVISION, SUPERVISION, Path(copy))
    assert (first.status, second.status, renamed.status) == ("accepted", "known", "known")
    assert "此前已装载" in second.message.zh
    assert raw(home, "select count(*) from raw.published_statistic") == [(16,)]
    assert raw(home, "select count(*) from raw.batch") == [(1,)]


def test_counts_close_and_rows_keep_their_number(home: Settings) -> None:
    load(home, SUPERVISION)
    assert raw(home, "select rows_read, rows_accepted, rows_refused, rows_duplicate from raw.batch") == [
        (16, 16, 0, 0)
    ]
    assert raw(home, "select min(_row), max(_row), count(distinct _row) from raw.published_statistic") == [
        (1, 16, 16)
    ]


def test_archive_keeps_the_file_under_its_hash(home: Settings) -> None:
    load(home, SUPERVISION)
    kept = [path for path in home.archive.rglob("*") if path.is_file() and path.suffix == ""]
    assert len(kept) == 1
    assert kept[0].read_bytes() == SUPERVISION.read_bytes()
    assert raw(home, "select sha256 from raw.batch") == [(kept[0].name,)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_are_recognised(home: Settings, tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "delivered.csv", supervision_rows(), encoding)
    (outcome,) = load(home, path)
    assert outcome.status == "accepted"
    assert raw(home, "select distinct region_name from raw.published_statistic") == [("全国",)]


def test_identical_rows_count_as_duplicates(home: Settings, tmp_path: Path) -> None:
    rows = supervision_rows()
    (outcome,) = load(home, write(tmp_path / "twice.csv", [*rows, rows[0]]))
    assert (outcome.status, outcome.rows_accepted) == ("accepted", 16)
    assert raw(home, "select rows_duplicate from raw.batch") == [(1,)]


def test_one_bad_row_in_many_goes_to_quarantine_with_its_reasons(home: Settings, tmp_path: Path) -> None:
    with (PUBLISHED_DATA / "annual_bulletin.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    rows[6] |= {"printed_value": "约九成", "scheme_code": "everybody"}
    (outcome,) = load(home, write(tmp_path / "bulletin.csv", rows))
    assert (outcome.status, outcome.rows_refused) == ("accepted", 1)
    (kept,) = list(home.quarantine.glob("*.parquet"))
    assert kept.stat().st_mode & 0o077 == 0
    (record,) = pq.read_table(kept).to_pylist()
    assert record["record"] == 7
    assert record["codes"] == ["code:scheme_code", "printed_number"]
    assert "约九成" in record["raw"]


def _with(rows: list[dict[str, str]], **changes: str) -> list[dict[str, str]]:
    return [{**row, **changes} for row in rows]


BAD_FILES = {
    "empty": b"",
    "blank": b"\n\n  \n",
    "header_only": b"series_code,region_code\n",
    "unknown_header": b"a,b,c\n1,2,3\n",
    "xlsx": b"PK\x03\x04 not really",
    "xls": b"\xd0\xcf\x11\xe0",
    "pdf": b"%PDF-1.7\n",
    "gzip": b"\x1f\x8b\x08\x00",
    "parquet": b"PAR1....PAR1",
    "null_bytes": b"series_code\x00,region_code\n1,2\n",
    "utf16": "series_code,region_code\n全国,1\n".encode("utf-16"),
    "no_encoding": b"series_code,\xff\xff\xff\n\xff\xff,\xff\n",
    "misread": "series_code,region_code\n锟斤拷,1\n".encode(),
    "repeated_header": b"series_code,series_code\n1,2\n",
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_cannot_be_read_is_refused_and_kept(home: Settings, tmp_path: Path, kind: str) -> None:
    load(home, SUPERVISION)
    before = raw(home, "select * from raw.batch"), raw(home, "select * from raw.published_statistic")
    path = tmp_path / f"{kind}.csv"
    path.write_bytes(BAD_FILES[kind])
    (outcome,) = load(home, path)
    assert outcome.status == "refused"
    assert path.name in outcome.message.zh
    assert path.name in outcome.message.en
    assert "\n" not in outcome.message.zh
    assert (
        raw(home, "select * from raw.batch"),
        raw(home, "select * from raw.published_statistic"),
    ) == before
    assert any(kept.read_bytes() == BAD_FILES[kind] for kept in home.archive.rglob("*") if kept.is_file())


BAD_ROWS = {
    "not_a_number": {"printed_value": "一百"},
    "unknown_scheme": {"scheme_code": "everybody"},
    "period_backwards": {"period_start": "2030-01-01"},
    "no_such_day": {"period_end": "2020-02-30"},
    "missing_source": {"source_title": ""},
    "too_long": {"region_name": "海" * 61},
    "point_is_a_span": {"period_basis": "point", "period_start": "2000-01-01"},
}


@pytest.mark.parametrize("kind", BAD_ROWS)
def test_a_batch_with_too_many_bad_rows_is_refused_whole(home: Settings, tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / f"{kind}.csv", _with(supervision_rows(), **BAD_ROWS[kind]))
    (outcome,) = load(home, path)
    assert outcome.status == "refused"
    assert "16 条不合格" in outcome.message.zh
    assert "第 1 条" in outcome.message.zh
    assert raw(home, "select count(*) from raw.batch") == [(0,)]


@pytest.mark.parametrize("times", [10**4, 10**5, 10**8])
def test_a_ledger_of_a_whole_province_passes_the_rules_that_a_small_one_passes(
    home: Settings, tmp_path: Path, times: int
) -> None:
    """1,600 yuan of the golden province become 0.16, 1.6 and 1,600 亿元: every rule has room for such amounts."""
    (golden,) = LEDGERS.glob("fund_ledger_*.csv")
    with golden.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        for name in ("amount_raw", "amount_yuan", "ytd_amount_yuan", "opening", "adjust", "closing"):
            row[name] = f"{Decimal(row[name]) * times:.2f}" if row[name] else ""
    months = sorted({row["ym"] for row in rows})
    for month in months:
        of_month = [row for row in rows if row["ym"] == month]
        (outcome,) = load(home, write(tmp_path / f"fund_ledger_{month}@2025-01-10.csv", of_month))
        assert outcome.status == "accepted", outcome.message
    assert raw(home, "select count(*) from raw.fund_ledger") == [(len(rows),)]


def test_contradicting_rows_of_one_key_are_refused(home: Settings, tmp_path: Path) -> None:
    rows = supervision_rows()
    (outcome,) = load(home, write(tmp_path / "contradiction.csv", [*rows, {**rows[0], "printed_value": "1"}]))
    assert outcome.status == "refused"
    assert "主键相同而内容不同" in outcome.message.zh


def test_missing_columns_are_named(home: Settings, tmp_path: Path) -> None:
    rows = [{key: text for key, text in row.items() if key != "quote"} for row in supervision_rows()]
    (outcome,) = load(home, write(tmp_path / "without_quote.csv", rows))
    assert outcome.status == "refused"
    assert "quote" in outcome.message.zh


def test_broken_lines_are_refused_with_their_number(home: Settings, tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    lines = SUPERVISION.read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3] + ",extra,cells"
    path.write_text("\n".join(lines), encoding="utf-8")
    (outcome,) = load(home, path)
    assert outcome.status == "refused"
    assert "第 3 条" in outcome.message.zh


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("files:\n  a.csv: {rows: 3}\n", "a.csv 一项缺 delivered_on"),
        ("files:\n  a.csv: 3\n", "a.csv 一项缺 delivered_on"),
        ("files:\n  a.csv:\n", "a.csv 一项缺 delivered_on"),
        ("files:\n  a.csv: {delivered_on: '2025-13-01'}\n", "a.csv: "),
        ("files:\n  a.csv: {delivered_on: 2025-02-30}\n", "a.csv: "),
        ("files:\n  a.csv: {delivered_on: 2025-01-01, rows: many}\n", "a.csv: "),
        ("files: [a.csv]\n", "应为 files:"),
        ("- a.csv\n", "应为 files:"),
    ],
)
def test_a_malformed_manifest_is_refused_naming_the_entry(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "manifest.yml").write_text(content, encoding="utf-8")
    with pytest.raises(Refused, match=re.escape(said)):
        read_manifest(tmp_path / "manifest.yml")


def test_delivery_date_comes_from_manifest_then_name_then_arrival(home: Settings, tmp_path: Path) -> None:
    dated = write(tmp_path / "dated@2025-03-01.csv", _with(supervision_rows(), source_id="dated"))
    listed = write(tmp_path / "listed.csv", _with(supervision_rows(), source_id="listed"))
    (tmp_path / "manifest.yml").write_text("files:\n  listed.csv: {delivered_on: 2025-02-01}\n")
    load(home, dated, listed)
    found = dict(raw(home, "select file_name, cast(known_on as varchar) from raw.batch"))
    assert found == {"dated@2025-03-01.csv": "2025-03-01", "listed.csv": "2025-02-01"}


def test_a_day_that_does_not_exist_in_the_name_is_refused(home: Settings, tmp_path: Path) -> None:
    path = write(tmp_path / "dated@2024-02-31.csv", supervision_rows())
    (outcome,) = load(home, path)
    assert outcome.status == "refused"
    assert "2024-02-31" in outcome.message.zh


def test_a_delivery_date_that_is_still_to_come_is_refused(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.ingest.archive.today", lambda: date(2025, 3, 1))
    today, tomorrow = (
        write(tmp_path / f"dated@{day}.csv", _with(supervision_rows(), source_id=day))
        for day in ("2025-03-01", "2025-03-02")
    )
    listed = write(tmp_path / "listed.csv", _with(supervision_rows(), source_id="listed"))
    (tmp_path / "manifest.yml").write_text("files:\n  listed.csv: {delivered_on: 2099-01-01}\n")
    accepted, *refused = load(home, today, tomorrow, listed)
    assert accepted.status == "accepted"
    assert [each.status for each in refused] == ["refused", "refused"]
    assert "dated@2025-03-02.csv 的交付日期 2025-03-02 还没有到" in refused[0].message.zh
    assert "2099-01-01 of listed.csv is in the future" in refused[1].message.en
    assert raw(home, "select file_name from raw.batch") == [("dated@2025-03-01.csv",)]


@pytest.mark.parametrize("day", ["0001-01-01", "1998-12-13"])
def test_a_delivery_date_before_there_was_anything_to_deliver_is_refused(
    day: str, home: Settings, tmp_path: Path
) -> None:
    (refused,) = load(home, write(tmp_path / f"dated@{day}.csv", supervision_rows()))
    assert refused.status == "refused"
    assert f"dated@{day}.csv 的交付日期 {day} 早于 1998-12-14" in refused.message.zh
    assert raw(home, "select file_name from raw.batch") == []


def test_order_of_delivery_does_not_matter(tmp_path: Path) -> None:
    contents = []
    for order in (1, -1):
        settings = load_settings(tmp_path / f"home{order}")
        with writer(settings):
            init_home(settings)
        load(settings, *sorted(PUBLISHED_DATA.glob("*.csv"))[::order])
        contents.append(
            [
                raw(settings, f"select * from raw.{table} order by all")
                for table in ("published_figure", "published_statistic")
            ]
        )
    assert contents[0] == contents[1]


def test_control_database_follows_the_build_database(home: Settings) -> None:
    from warehouse.control.history import batch_records

    load(home, SUPERVISION)
    assert batch_records(home) == []
    reconcile(home)
    (record,) = batch_records(home)
    assert (record.status, record.rows_accepted) == ("accepted", 16)


def test_missing_paths_and_empty_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="找不到"):
        files_in([tmp_path / "nowhere.csv"])
    with pytest.raises(Refused, match="没有可装载"):
        files_in([tmp_path])


def test_record_numbers_survive_a_malformed_line(home: Settings, tmp_path: Path) -> None:
    lines = (PUBLISHED_DATA / "annual_bulletin.csv").read_text(encoding="utf-8").splitlines()
    lines[5] += ",extra"
    lines[9] += ",extra"
    path = tmp_path / "broken.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    (outcome,) = load(home, path)
    assert (outcome.status, outcome.rows_refused) == ("accepted", 2)
    numbers = [row[0] for row in raw(home, "select _row from raw.published_statistic order by _row limit 8")]
    assert numbers == [1, 2, 3, 4, 6, 7, 8, 10]


def test_a_period_after_the_delivery_is_refused(home: Settings, tmp_path: Path) -> None:
    path = write(tmp_path / "future@2024-06-30.csv", supervision_rows())
    (outcome,) = load(home, path)
    assert outcome.status == "refused"
    assert "period_is_past" in outcome.message.zh


def test_printed_units_are_those_of_the_unit_seed() -> None:
    from warehouse.feeds.published.published_statistic import PRINTED_UNITS
    from warehouse.settings import SEEDS

    with (SEEDS / "reference" / "unit.csv").open(encoding="utf-8") as stream:
        known = {row["printed_unit"] for row in csv.DictReader(stream)}
    assert set(PRINTED_UNITS) <= known
