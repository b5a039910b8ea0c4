"""A column that the deliveries before had and this one has not is said, at loading and before publication."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse.home import writer
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import files_in, ingest
from warehouse.settings import Settings

COLUMNS = "psn_insu_rlts_id,psn_no,insutype,insu_admdvs,psn_insu_date,paus_insu_date,emp_no"
RECORD = "R{0},4699990{0},310,460100,2024-01-01,2024-12-31,"


def deliver(settings: Settings, folder: Path, numbers: list[int], header: str = COLUMNS) -> list[Outcome]:
    outcomes = []
    for number in numbers:
        path = folder / f"enrolment_{number}@2025-01-{number + 10}.csv"
        path.write_text(f"{header}\n{RECORD.format(number)}\n", encoding="utf-8")
        with writer(settings):
            outcomes += ingest(files_in([path]), settings)
    assert {each.status for each in outcomes} == {"accepted"}
    return outcomes


def said(settings: Settings) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        return connection.execute(
            "select severity, text_zh from raw.finding where rule = 'columns_gone'"
        ).fetchall()


@pytest.mark.parametrize("name", ["暂停日期x", "paus_date"])
def test_a_renamed_column_is_said_where_it_is_loaded(name: str, home: Settings, tmp_path: Path) -> None:
    deliver(home, tmp_path, [1, 2])
    (outcome,) = deliver(home, tmp_path, [3], COLUMNS.replace("paus_insu_date", name))
    text = "此前的批次有的列，这次没有：paus_insu_date；第 6 列的表头不认识，可能改了名"
    assert text in outcome.message.zh
    assert said(home) == [("warn", text)]


def test_a_column_that_was_never_filled_or_not_in_most_is_not_missed(home: Settings, tmp_path: Path) -> None:
    deliver(home, tmp_path, [1])
    deliver(home, tmp_path, [2], COLUMNS.replace("paus_insu_date", "x"))
    deliver(home, tmp_path, [3], COLUMNS.replace("emp_no", "y").replace("paus_insu_date", "x"))
    assert said(home) == []


def test_a_change_that_stays_is_the_usual_form_after_a_few_deliveries(home: Settings, tmp_path: Path) -> None:
    deliver(home, tmp_path, [1, 2, 3])
    outcomes = deliver(home, tmp_path, [4, 5, 6, 7], COLUMNS.replace("paus_insu_date", "x"))
    assert ["这次没有" in each.message.zh for each in outcomes] == [True, True, True, False]
