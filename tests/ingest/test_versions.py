"""Rows that meet again: duplicates, newer versions, contradictions, refunds that wait, totals, closed months."""

from __future__ import annotations

import csv
import gzip
import shutil
from datetime import date
from itertools import permutations
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from warehouse.control.history import lock_month
from warehouse.home import writer
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import files_in, ingest
from warehouse.settings import Settings, load_settings

Row = dict[str, str]
FIRST, SECOND = "2025-01-15 10:00:00", "2025-01-20 10:00:00"


def settlement(setl_id: str, fee: str = "100.00", **changes: str) -> Row:
    return {
        "setl_id": setl_id,
        "psn_no": f"46999901{setl_id}",
        "init_setl_id": "",
        "insutype": "310",
        "setl_time": FIRST,
        "med_type": "11",
        "medfee_sumamt": fee,
        "fund_pay_sumamt": fee,
        "hifp_pay": fee,
        "psn_pay": "0.00",
        "refd_setl_flag": "0",
        "updt_time": FIRST,
    } | changes


def refund(setl_id: str, original: str, fee: str = "-100.00", **changes: str) -> Row:
    return settlement(setl_id, fee, init_setl_id=original, refd_setl_flag="1", setl_time=SECOND, **changes)


def fund_line(setl_id: str, amount: str = "100.00") -> Row:
    return {"setl_id": setl_id, "fund_pay_type": "310100", "seq": "1", "fund_payamt": amount}


def others(count: int = 310) -> list[Row]:
    """Rows that nothing is wrong with, so that a few may be refused."""
    return [settlement(f"S{number:03}") for number in range(count)]


def write(path: Path, rows: list[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.DictWriter(stream, fieldnames=list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return path


def load(settings: Settings, *paths: Path) -> list[Outcome]:
    with writer(settings):
        return list(ingest(files_in(paths), settings))


def raw(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def counts(settings: Settings) -> list[tuple[object, ...]]:
    """Rows read, accepted, refused and duplicate of each batch, in the order of loading."""
    return raw(
        settings,
        "select rows_read, rows_accepted, rows_refused, rows_duplicate from raw.batch order by _ingested_at",
    )


def held(settings: Settings) -> dict[int, list[str]]:
    return {
        row["record"]: row["codes"]
        for path in settings.quarantine.glob("*.parquet")
        for row in pq.read_table(path).to_pylist()
    }


def test_identical_rows_of_a_file_are_one_and_counted(home: Settings, tmp_path: Path) -> None:
    rows = [*others(20), settlement("S003"), settlement("S003"), settlement("S004")]
    (outcome,) = load(home, write(tmp_path / "a@2025-02-01.csv", rows))
    assert (outcome.status, outcome.rows_accepted) == ("accepted", 20)
    assert counts(home) == [(23, 20, 0, 3)]
    assert raw(home, "select max(_row) from raw.settlement where setl_id in ('S003', 'S004')") == [(5,)]


def test_a_newer_row_of_a_key_stands_beside_the_older(home: Settings, tmp_path: Path) -> None:
    newer = settlement("S003", "70.00", updt_time=SECOND)
    load(home, write(tmp_path / "a@2025-02-01.csv", [*others(20), newer]))
    load(home, write(tmp_path / "b@2025-02-02.csv", [settlement("S003", "60.00", updt_time="2025-01-25")]))
    assert counts(home) == [(21, 21, 0, 0), (1, 1, 0, 0)]
    fees = raw(
        home,
        "select cast(medfee_sumamt as varchar) from raw.settlement where setl_id = 'S003' order by updt_time",
    )
    assert fees == [("100.00",), ("70.00",), ("60.00",)]


@pytest.mark.parametrize("turn", [1, -1])
def test_rows_of_one_key_and_time_that_differ_are_all_refused(
    home: Settings, tmp_path: Path, turn: int
) -> None:
    rows = [*others(), settlement("S005", "70.00"), settlement("S005"), settlement("S006", updt_time=SECOND)]
    (outcome,) = load(home, write(tmp_path / "a@2025-02-01.csv", rows[::turn]))
    assert outcome.status == "accepted"
    assert counts(home) == [(313, 310, 3, 0)]
    assert list(held(home).values()) == [["key:conflict"]] * 3
    assert raw(home, "select count(*) from raw.settlement where setl_id = 'S005'") == [(0,)]


def test_a_contradiction_needs_no_time_where_a_feed_has_none(home: Settings, tmp_path: Path) -> None:
    load(home, write(tmp_path / "settlement@2025-02-01.csv", others()))
    lines = [fund_line(f"S{number:03}") for number in range(310)]
    load(
        home, write(tmp_path / "lines@2025-02-01.csv", [*lines, fund_line("S000"), fund_line("S001", "1.00")])
    )
    assert counts(home)[1] == (312, 309, 2, 1)
    assert [codes for codes in held(home).values() if "key:conflict" not in codes] == []


@pytest.mark.parametrize("order", list(permutations(("original", "refund", "line"))), ids="-".join)
def test_a_line_waits_for_a_refund_that_waits_for_its_original(
    home: Settings, tmp_path: Path, order: tuple[str, ...]
) -> None:
    files = {
        "original": write(tmp_path / "a@2025-02-01.csv", [settlement("S1"), settlement("S2")]),
        "refund": write(tmp_path / "b@2025-02-01.csv", [refund("S3", "S1")]),
        "line": write(tmp_path / "c@2025-02-01.csv", [fund_line("S3", "-100.00"), fund_line("S2")]),
    }
    for name in order:
        (outcome,) = load(home, files[name])
        assert outcome.status == "accepted"
    assert sorted(raw(home, "select setl_id from raw.settlement")) == [("S1",), ("S2",), ("S3",)]
    assert sorted(raw(home, "select _row, setl_id from raw.settlement_fund_line")) == [(1, "S3"), (2, "S2")]
    assert sorted(counts(home)) == [(1, 1, 0, 0), (2, 2, 0, 0), (2, 2, 0, 0)]
    assert held(home) == {}
    assert raw(home, "select count(*) from raw.waiting") == [(0,)]
    assert raw(home, "select distinct cast(month as varchar) from raw.touched_month") == [("2025-01-01",)]


def test_a_waiting_refund_is_not_in_the_way_of_its_file(home: Settings, tmp_path: Path) -> None:
    rows = [*(refund(f"R{number}", f"X{number}") for number in range(5)), settlement("S1")]
    (outcome,) = load(home, write(tmp_path / "a@2025-02-01.csv", rows))
    assert (outcome.status, outcome.rows_accepted, outcome.rows_refused) == ("accepted", 1, 5)
    (outcome,) = load(home, write(tmp_path / "b@2025-02-02.csv", [settlement("X3"), settlement("X1")]))
    assert "此前等待的 2 行随之装载" in outcome.message.zh
    assert "2 rows that waited" in outcome.message.en
    assert sorted(held(home)) == [1, 3, 5]
    assert counts(home) == [(6, 3, 3, 0), (2, 2, 0, 0)]


def test_a_refund_of_another_amount_is_refused_when_its_original_arrives(
    home: Settings, tmp_path: Path
) -> None:
    load(home, write(tmp_path / "a@2025-02-01.csv", [refund("S3", "S1", "-90.00"), settlement("S2")]))
    assert held(home) == {1: ["refund_without_original"]}
    load(home, write(tmp_path / "b@2025-02-02.csv", [settlement("S1")]))
    assert held(home) == {1: ["refund_amount_differs"]}
    assert sorted(raw(home, "select setl_id from raw.settlement")) == [("S1",), ("S2",)]
    assert raw(home, "select count(*) from raw.waiting") == [(0,)]


def test_a_refund_beside_an_original_of_another_amount_is_refused(home: Settings, tmp_path: Path) -> None:
    load(home, write(tmp_path / "a@2025-02-01.csv", [*others(), refund("R", "S001", "-99.98")]))
    assert held(home) == {311: ["refund_amount_differs"]}


def test_a_refused_original_does_not_release_its_refund(home: Settings, tmp_path: Path) -> None:
    bad = settlement("S1", hifp_pay="1.00")
    load(home, write(tmp_path / "a@2025-02-01.csv", [*others(), bad, refund("R", "S1")]))
    assert held(home) == {311: ["fund_parts_meet"], 312: ["refund_without_original"]}
    load(home, write(tmp_path / "b@2025-02-02.csv", [settlement("S1")]))
    assert held(home) == {311: ["fund_parts_meet"]}


def manifest(folder: Path, **entries: str) -> None:
    lines = "".join(f"  {name.replace('__', '.')}: {{{entry}}}\n" for name, entry in entries.items())
    (folder / "manifest.yml").write_text(f"files:\n{lines}", encoding="utf-8")


CONTROL_TOTALS = {
    "met": ("delivered_on: 2025-02-01, rows: 3, totals: {medfee_sumamt: '300.00'}", ""),
    "numbers without quotes": ("delivered_on: 2025-02-01, rows: 3, totals: {medfee_sumamt: 300}", ""),
    "rows missing": ("delivered_on: 2025-02-01, rows: 4", "交付清单说有 4 条记录，实有 3 条"),
    "sum missed": ("delivered_on: 2025-02-01, totals: {medfee_sumamt: '300.01'}", "合计为 300.00"),
    "no such column": ("delivered_on: 2025-02-01, totals: {fee: '300.00'}", "不是金额列"),
    "no amount": ("delivered_on: 2025-02-01, totals: {medfee_sumamt: many}", "交付清单"),
    "no date": ("rows: 3", "交付清单"),
    "a day that does not exist": ("delivered_on: 2025-02-30", "交付清单"),
}


@pytest.mark.parametrize("kind", CONTROL_TOTALS)
def test_a_file_must_meet_its_manifest(home: Settings, tmp_path: Path, kind: str) -> None:
    entry, words = CONTROL_TOTALS[kind]
    manifest(tmp_path, a__csv=entry)
    (outcome,) = load(home, write(tmp_path / "a.csv", [settlement(f"S{number}") for number in range(3)]))
    assert outcome.status == ("refused" if words else "accepted")
    assert words in outcome.message.zh
    assert raw(home, "select count(*) from raw.settlement") == [(0 if words else 3,)]


def test_the_manifest_counts_what_is_in_a_compressed_file(home: Settings, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [settlement(f"S{number}") for number in range(3)])
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    manifest(tmp_path, a__csv__gz="delivered_on: 2025-02-01, rows: 4")
    (outcome,) = load(home, tmp_path / "a.csv.gz")
    assert outcome.status == "refused"
    assert "实有 3 条" in outcome.message.zh


def with_total(fee: str, label: str = "合计") -> list[Row]:
    """Three records of 100 yuan, a subtotal, and a line of totals with a note under it."""
    line = dict.fromkeys(settlement("S0"), "") | {"setl_id": label, "medfee_sumamt": fee}
    note = dict.fromkeys(line, "") | {"setl_id": "注:含省本级"}
    subtotal = line | {"setl_id": "小计", "medfee_sumamt": "200.00"}
    return [settlement("S0"), settlement("S1"), subtotal, settlement("S2"), line, note]


@pytest.mark.parametrize("printed", ["300.00", "300", "￥300.00", ""])
def test_a_line_of_totals_that_is_met_is_no_record(home: Settings, tmp_path: Path, printed: str) -> None:
    (outcome,) = load(home, write(tmp_path / "a@2025-02-01.csv", with_total(printed)))
    assert (outcome.status, outcome.rows_accepted) == ("accepted", 3)
    assert counts(home) == [(6, 3, 3, 0)]
    assert held(home) == {3: ["total_line"], 5: ["total_line"], 6: ["total_line"]}


@pytest.mark.parametrize("label", ["合计", "总计", " 合计 "])
def test_a_line_of_totals_that_is_not_met_refuses_the_file(
    home: Settings, tmp_path: Path, label: str
) -> None:
    (outcome,) = load(home, write(tmp_path / "a@2025-02-01.csv", with_total("300.10", label)))
    assert outcome.status == "refused"
    assert "合计行与明细之和不符：medfee_sumamt" in outcome.message.zh


def test_the_order_of_rows_and_files_changes_nothing(made_home: Path, tmp_path: Path) -> None:
    flagged = [row | {"refd_setl_flag": "1"} if row["setl_id"] == "S001" else row for row in others()]
    january = [*flagged, refund("R1", "S001"), refund("R2", "T001"), settlement("S002", "60.00")]
    february = [settlement(f"T{number:03}") for number in range(310)]
    february += [settlement("S003", "70.00", updt_time=SECOND), settlement("T009", hifp_pay="1.00")]
    lines = [fund_line(row["setl_id"], row["hifp_pay"]) for row in january + february[:310]]
    lines = [line for line in lines if line["setl_id"] not in ("S002", "T009")] + [fund_line("S100", "1.00")]
    columns = "* exclude (_batch_id, _row)"
    found = []
    for turn in (1, -1):
        settings = load_settings(shutil.copytree(made_home, tmp_path / f"home{turn}"))
        folder = tmp_path / f"delivery{turn}"
        folder.mkdir()
        files = [
            write(folder / f"{place}@2025-02-{28 - place}.csv", rows[::turn])
            for place, rows in enumerate((january, february, lines))
        ]
        assert [each.status for each in load(settings, *files[::turn])] == ["accepted"] * 3
        tables = [
            raw(settings, f"select {columns} from raw.{name} order by all")
            for name in ("settlement", "settlement_fund_line")
        ]
        reasons = sorted(
            (row["feed"], row["raw"], row["codes"])
            for path in settings.quarantine.glob("*.parquet")
            for row in pq.read_table(path).to_pylist()
        )
        found.append((tables, reasons, sorted(counts(settings))))
    assert found[0] == found[1]


@pytest.fixture
def locked_home(home: Settings, tmp_path: Path) -> Settings:
    """January 2025 is loaded and locked; a file of February came after."""
    load(home, write(tmp_path / "january@2025-02-01.csv", others(20)))
    with writer(home):
        lock_month(home, date(2025, 1, 1), date(2025, 2, 20))
    february = [settlement(f"T{number}", setl_time="2025-02-03 08:00:00") for number in range(20)]
    load(home, write(tmp_path / "february@2025-03-01.csv", february))
    return home


def touched(settings: Settings, file_name: str) -> list[tuple[object, ...]]:
    return raw(
        settings,
        f"""
        select strftime(month, '%Y-%m'), rows_touched, is_locked
        from raw.touched_month join raw.batch using (batch_id)
        where file_name = '{file_name}' order by month
        """,
    )


def test_a_correction_of_a_locked_month_stands_beside_the_old_row_and_is_reported(
    locked_home: Settings, tmp_path: Path
) -> None:
    assert touched(locked_home, "january@2025-02-01.csv") == [("2025-01", 20, False)]
    assert touched(locked_home, "february@2025-03-01.csv") == [("2025-02", 20, False)]
    correction = settlement("S003", "60.00", updt_time=SECOND)
    load(locked_home, write(tmp_path / "late@2025-03-02.csv", [correction]))
    fees = raw(
        locked_home,
        "select cast(medfee_sumamt as varchar) from raw.settlement where setl_id = 'S003' order by updt_time",
    )
    assert fees == [("100.00",), ("60.00",)]
    assert touched(locked_home, "late@2025-03-02.csv") == [("2025-01", 2, True)]
    ((severity, text),) = raw(
        locked_home, "select severity, text_zh from raw.finding where rule = 'after_lock'"
    )
    assert severity == "warn"
    assert "2025-01" in str(text)


def test_a_row_that_moves_touches_its_old_and_its_new_month(locked_home: Settings, tmp_path: Path) -> None:
    moved = settlement("T3", setl_time="2025-03-05 08:00:00", updt_time=SECOND)
    load(locked_home, write(tmp_path / "moved@2025-04-01.csv", [moved]))
    assert touched(locked_home, "moved@2025-04-01.csv") == [("2025-02", 1, False), ("2025-03", 1, False)]
    assert raw(locked_home, "select count(*) from raw.finding where rule = 'after_lock'") == [(0,)]


def test_a_released_refund_of_a_locked_month_is_reported_as_well(home: Settings, tmp_path: Path) -> None:
    load(home, write(tmp_path / "a@2025-02-01.csv", [refund("R", "X"), settlement("S1")]))
    with writer(home):
        lock_month(home, date(2025, 1, 1), date(2025, 2, 20))
    original = settlement("X", setl_time="2024-12-30 10:00:00")
    load(home, write(tmp_path / "b@2025-03-01.csv", [original]))
    assert ("2025-01", 2, True) in touched(home, "a@2025-02-01.csv")
    assert raw(home, "select count(*) from raw.finding where rule = 'after_lock'") == [(1,)]
