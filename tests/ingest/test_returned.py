"""Refused rows go back to their sender with reasons, come again corrected, and are stored like any other."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
import pytest
from commands import Command
from typer.testing import CliRunner, Result

from warehouse.cli import app
from warehouse.connections import build_connection
from warehouse.home import writer
from warehouse.ingest import quarantine
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import files_in, ingest, retry_batch
from warehouse.ingest.raw_schema import prepare_raw
from warehouse.ingest.returned import write_returned
from warehouse.settings import Settings, load_settings
from warehouse.texts import Refused

Row = dict[str, str]
FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@sum(A1)", "'=x", "''+y", "'quoted'", "\t=1"]


def settlement(number: int, **changes: str) -> Row:
    return {
        "setl_id": f"S{number:03}",
        "psn_no": f"46999901{number:03}",
        "psn_name": "张三",
        "insutype": "310",
        "setl_time": "2025-01-15 10:00:00",
        "begndate": "2025-01-15",
        "med_type": "11",
        "medfee_sumamt": "100.1",
        "refd_setl_flag": "0",
        "sender_note": "",
    } | changes


def settlements(count: int = 210) -> list[Row]:
    return [settlement(number) for number in range(1, count + 1)]


def spoiled() -> list[Row]:
    """Two hundred and ten records, of which two are refused."""
    rows = settlements()
    rows[49] |= {"insutype": "999", "psn_name": "李\n四", "sender_note": '看,"这里"'}
    rows[99] |= {"begndate": "正月十五"}
    return rows


def write(path: Path, rows: list[Row], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        out = csv.DictWriter(stream, fieldnames=list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return path


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def load(settings: Settings, *paths: Path) -> list[Outcome]:
    with writer(settings):
        return list(ingest(files_in(paths), settings))


def raw(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def contents(settings: Settings) -> list[tuple[object, ...]]:
    return raw(settings, "select * exclude (_batch_id, _row) from raw.settlement order by all")


def give_back(settings: Settings, target: Path) -> list[Row]:
    """The notice of return of the only batch with rows in quarantine."""
    (batch,) = quarantine.held(settings)
    path, count = write_returned(settings, batch.batch_id, target)
    rows = read(path)
    assert (path, count) == (target, len(rows))
    return rows


def test_refused_rows_go_back_with_the_senders_columns_and_the_reasons(
    home: Settings, tmp_path: Path
) -> None:
    load(home, write(tmp_path / "a@2025-02-01.csv", spoiled(), "gb18030"))
    back = give_back(home, tmp_path / "back.csv")
    sent = spoiled()
    assert list(back[0]) == [*sent[0], "原因"]
    assert [row["原因"] for row in back] == [
        "code:insutype: insutype 不在代码表中",
        "format:begndate: begndate 不能读作 date",
    ]
    assert [{key: row[key] for key in sent[0]} for row in back] == [sent[49], sent[99]]
    assert (tmp_path / "back.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (tmp_path / "back.csv").stat().st_mode & 0o777 == 0o600


def as_csv(path: Path, rows: list[Row]) -> Path:
    return write(path, rows, "utf-8-sig")


def as_workbook(path: Path, rows: list[Row]) -> Path:
    book = openpyxl.Workbook()
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
        for cell in book.active[book.active.max_row]:
            cell.data_type = "s"
    book.save(path.with_suffix(".xlsx"))
    return path.with_suffix(".xlsx")


@pytest.mark.parametrize("save", [as_csv, as_workbook])
def test_a_corrected_file_gives_the_rows_of_a_clean_one(
    made_home: Path, home: Settings, tmp_path: Path, save: Callable[[Path, list[Row]], Path]
) -> None:
    clean = settlements()
    for row, name in zip(clean, FORMULAS, strict=False):
        row["psn_name"] = name
    sent = [row | {"begndate": "?"} if number < len(FORMULAS) else row for number, row in enumerate(clean)]
    filler = [settlement(number) for number in range(1000, 1000 + 100 * len(FORMULAS))]
    load(home, write(tmp_path / "a@2025-02-01.csv", sent + filler))
    back = give_back(home, tmp_path / "back.csv")
    assert len(back) == len(FORMULAS)
    assert not any(row["psn_name"].startswith(("=", "+", "-", "@", "\t")) for row in back)
    (outcome,) = load(
        home, save(tmp_path / "b@2025-02-02", [row | {"begndate": "2025-01-15"} for row in back])
    )
    assert (outcome.status, outcome.rows_accepted, outcome.rows_refused) == ("accepted", len(FORMULAS), 0)
    expected = load_settings(shutil.copytree(made_home, tmp_path / "expected"))
    load(expected, write(tmp_path / "clean@2025-02-01.csv", clean + filler))
    assert contents(home) == contents(expected)


def test_a_file_that_comes_back_twice_carries_only_the_newest_reasons(home: Settings, tmp_path: Path) -> None:
    rows = settlements(300)
    rows[9] |= {"psn_name": "=1+1", "insutype": "999", "begndate": "?"}
    load(home, write(tmp_path / "a@2025-02-01.csv", rows))
    (first,) = give_back(home, tmp_path / "first.csv")
    half = [first | {"begndate": "2025-01-15"}, *(row | {"原因": ""} for row in settlements(900)[300:])]
    with writer(home):
        for path in home.quarantine.iterdir():
            path.unlink()
    load(home, write(tmp_path / "b@2025-02-02.csv", half))
    (second,) = give_back(home, tmp_path / "second.csv")
    assert list(second) == list(first)
    assert second == first | {"begndate": "2025-01-15", "原因": "code:insutype: insutype 不在代码表中"}
    assert (
        load(home, write(tmp_path / "c@2025-02-03.csv", [second | {"insutype": "310"}]))[0].rows_accepted == 1
    )
    assert raw(home, "select psn_name from raw.settlement where setl_id = 'S010'") == [("=1+1",)]


SOURCES: dict[str, Callable[[Path, list[Row]], Path]] = {
    "csv": lambda folder, rows: write(folder / "a@2025-02-01.csv", rows),
    "GB18030": lambda folder, rows: write(folder / "a@2025-02-01.csv", rows, "gb18030"),
    "xlsx": lambda folder, rows: as_workbook(folder / "a@2025-02-01.xlsx", rows),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_a_file_refused_whole_goes_back_whole_and_in_order(home: Settings, tmp_path: Path, kind: str) -> None:
    rows = settlements(30)
    rows[4] |= {"insutype": "999", "psn_name": '"李",\n四'}
    rows[7] |= {"begndate": "?", "psn_name": "=1+1"}
    (outcome,) = load(home, SOURCES[kind](tmp_path, rows))
    assert outcome.status == "refused"
    assert raw(home, "select count(*) from raw.settlement") == [(0,)]
    back = give_back(home, tmp_path / "back.csv")
    reasons = {place: row.pop("原因") for place, row in enumerate(back) if row["原因"]}
    assert list(reasons) == [4, 7]
    assert "insutype" in reasons[4]
    assert [{key: row[key] for key in rows[0]} for row in back] == [
        row | {"psn_name": "'=1+1"} if row["psn_name"] == "=1+1" else row for row in rows
    ]
    for row in back:
        row |= {"insutype": "310", "begndate": "2025-01-15", "原因": ""}
    (again,) = load(home, write(tmp_path / "b@2025-02-02.csv", back))
    assert (again.status, again.rows_accepted) == ("accepted", 30)
    stored = raw(home, "select psn_name from raw.settlement where _row in (5, 8) order by _row")
    assert stored == [('"李",\n四',), ("=1+1",)]


def test_malformed_lines_go_back_as_far_as_they_can_be_read(home: Settings, tmp_path: Path) -> None:
    path = write(tmp_path / "a@2025-02-01.csv", settlements())
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[50] = lines[50].rsplit(",", 3)[0]
    path.write_text("\n".join(lines), encoding="utf-8")
    load(home, path)
    (row,) = give_back(home, tmp_path / "back.csv")
    assert (row["setl_id"], row["sender_note"]) == ("S050", "")
    assert row["原因"].startswith("format:line")


def test_a_long_field_goes_back_as_well(home: Settings, tmp_path: Path) -> None:
    rows = settlements()
    rows[49]["psn_name"] = "字" * 200_000
    rows[59]["psn_name"] = "张\n三"
    load(home, write(tmp_path / "a@2025-02-01.csv", rows))
    (row,) = give_back(home, tmp_path / "back.csv")
    assert row["psn_name"] == rows[49]["psn_name"]


def test_rows_are_tried_again_when_what_they_need_has_arrived(home: Settings, tmp_path: Path) -> None:
    refund = {"init_setl_id": "", "psn_name": "'=1+1"}
    rows = [row | refund for row in settlements(5)]
    rows[2] |= {"init_setl_id": "X1", "refd_setl_flag": "1", "medfee_sumamt": "-100.1", "psn_name": "王\n五"}
    load(home, write(tmp_path / "a@2025-02-01.csv", rows))
    (batch,) = quarantine.held(home)
    assert (batch.waiting, batch.rejected) == (1, 0)
    with writer(home), build_connection(home) as connection:
        prepare_raw(connection)
        (outcome,) = retry_batch(connection, home, batch.batch_id)
    assert (outcome.rows_accepted, outcome.rows_refused) == (0, 1)
    with writer(home), build_connection(home) as connection:
        connection.execute(
            """
            insert into raw.settlement by name
            select * replace ('by hand' as _batch_id, 'X1' as setl_id) from raw.settlement limit 1
            """
        )
        (outcome,) = retry_batch(connection, home, batch.batch_id)
    assert (outcome.rows_accepted, outcome.rows_refused) == (1, 0)
    assert quarantine.held(home) == []
    assert raw(home, "select _row, psn_name from raw.settlement where setl_id = 'S003'") == [(3, "王\n五")]
    assert raw(home, "select rows_accepted, rows_refused from raw.batch") == [(5, 0)]


def test_an_unknown_or_ambiguous_batch_is_refused_with_a_sentence(home: Settings, tmp_path: Path) -> None:
    load(home, write(tmp_path / "a@2025-02-01.csv", spoiled()))
    load(home, write(tmp_path / "b@2025-02-01.csv", [*spoiled(), settlement(999)]))
    for name in ("nowhere", "settlement-"):
        with pytest.raises(Refused, match="待核数据中没有批次"):
            write_returned(home, name, tmp_path / "back.csv")


def run(settings: Settings, *arguments: str, language: str = "zh") -> Result:
    command = [*arguments, "--home", str(settings.home)]
    return CliRunner().invoke(app, command, env={"YIBAO_LANG": language})


def test_list_and_show_tell_what_is_held_without_naming_anyone(home: Settings, tmp_path: Path) -> None:
    load(home, write(tmp_path / "a@2025-02-01.csv", spoiled()))
    listed = run(home, "quarantine", "list").output
    assert "a@2025-02-01.csv" in listed
    assert "code:insutype×1" in listed
    (batch,) = quarantine.held(home)
    shown = run(home, "quarantine", "show", batch.batch_id[:14]).output
    assert "insutype 不在代码表中" in shown
    assert "begndate 不能读作 date" in shown
    assert "李" not in shown
    with_lines = run(
        home, "quarantine", "show", batch.batch_id, "--raw", "--limit", "1", language="en"
    ).output
    assert "insutype is not in the code set" in with_lines
    assert "李" in with_lines
    assert "1 more rows" in with_lines


def test_retry_says_what_stays(home: Settings, tmp_path: Path) -> None:
    load(home, write(tmp_path / "a@2025-02-01.csv", spoiled()))
    retried = run(home, "quarantine", "retry")
    assert retried.exit_code == 0
    assert "仍有 2 行待核" in retried.output
    assert "0 loaded, 2 stay" in run(home, "quarantine", "retry", language="en").output


def test_an_empty_quarantine_says_so(home: Settings) -> None:
    assert "没有待核数据" in run(home, "quarantine", "list").output
    assert "Nothing is in quarantine." in run(home, "quarantine", "list", language="en").output


def test_export_as_a_user_runs_it(home: Settings, tmp_path: Path, yibao: Command) -> None:
    load(home, write(tmp_path / "a@2025-02-01.csv", spoiled()))
    (batch,) = quarantine.held(home)
    english = {"env": os.environ | {"YIBAO_LANG": "en"}}
    target = tmp_path / "back.csv"
    exported = yibao("quarantine", "export", batch.batch_id, "--home", home.home, "-o", target, **english)
    assert exported.returncode == 0
    assert "(2 rows)" in exported.stdout
    assert "personal data" in exported.stderr
    assert len(read(target)) == 2
    unknown = yibao("quarantine", "export", "nothing", "--home", home.home, **english)
    assert unknown.returncode == 1
    assert "No batch nothing is in quarantine" in unknown.stderr
    assert "Traceback" not in unknown.stderr
