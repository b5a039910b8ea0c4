"""A month that the manifest says was delivered whole has arrived; what contradicts the file is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from warehouse.control.history import said_complete, say_complete
from warehouse.control.models import DeliverySaid
from warehouse.home import writer
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import files_in, ingest
from warehouse.ingest.reconcile import reconcile
from warehouse.settings import Settings

NAME = "settlement_2024-06.csv"
HEADER = "setl_id,psn_no,insutype,insu_admdvs,setl_time,begndate,med_type,medfee_sumamt,refd_setl_flag"
RECORDS = (
    "S1,46990001,310,460100,2024-06-03 10:00:00,2024-06-03,11,50.00,0",
    "S2,46990001,310,460100,2024-05-30 10:00:00,2024-05-30,11,50.00,0",
)


def deliver(settings: Settings, folder: Path, months: str, name: str = NAME) -> Outcome:
    (folder / name).write_text("\n".join((HEADER, *RECORDS)) + "\n", encoding="utf-8")
    (folder / "manifest.yml").write_text(
        f"files:\n  {name}: {{delivered_on: 2024-07-10, rows: 2, {months}}}\n", encoding="utf-8"
    )
    with writer(settings):
        (outcome,) = ingest(files_in([folder / name]), settings)
        reconcile(settings)
    return outcome


def said(settings: Settings) -> list[tuple[object, ...]]:
    return sorted(
        (each.feed, each.region_code, each.month, each.said_on, each.reason)
        for each in said_complete(settings)
    )


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ("months: 2024-06", [6]),
        ("months: [2024-06]", [6]),
        ("months: 2024-05..2024-06", [5, 6]),
        ("months: ['2024-05', '2024-06']", [5, 6]),
        ("note: 六月, feed: settlement", []),
    ],
)
def test_what_the_manifest_says_is_whole_counts_as_arrived(
    months: str, expected: list[int], home: Settings, tmp_path: Path
) -> None:
    outcome = deliver(home, tmp_path, months)
    assert outcome.status == "accepted", outcome.message.zh
    assert said(home) == [
        ("settlement", "all", date(2024, month, 1), date(2024, 7, 10), f"交付清单 manifest: {NAME}")
        for month in expected
    ]


def test_the_word_of_an_operator_stands(home: Settings, tmp_path: Path) -> None:
    word = DeliverySaid(
        feed="settlement",
        region_code="all",
        month=date(2024, 6, 1),
        said_on=date(2024, 8, 1),
        reason="全月停机",
    )
    with writer(home):
        say_complete(home, word)
    deliver(home, tmp_path, "months: 2024-06")
    assert [each[-1] for each in said(home)] == ["全月停机"]


def test_a_month_without_a_record_in_the_file_is_not_whole(home: Settings, tmp_path: Path) -> None:
    outcome = deliver(home, tmp_path, "months: 2024-04..2024-06")
    assert outcome.status == "refused"
    assert "交付清单说它送全了 2024-04" in outcome.message.zh
    assert said(home) == []


@pytest.mark.parametrize(
    ("months", "named"),
    [
        ("months: 2024-07", "2024-07"),
        ("months: 2024-13", "2024-13"),
        ("months: 2024-06..2024-05", "2024-06..2024-05"),
        ("months: 六月", "六月"),
        ("row: 2", "不认识的 row"),
        ("data_origin: published", "与 files 并列"),
        ("total: {medfee_sumamt: '100.00'}", "不认识的 total"),
    ],
)
def test_a_manifest_that_says_what_cannot_be_is_refused(
    months: str, named: str, home: Settings, tmp_path: Path
) -> None:
    outcome = deliver(home, tmp_path, months)
    assert outcome.status == "refused"
    assert named in outcome.message.zh
