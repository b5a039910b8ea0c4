"""A bureau delivers more than one row of a kind: the build takes a row beside any other that its key allows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from golden_home import FEEDS as FILES
from golden_home import rows
from increments import Change, changes, deliver_change

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of
from warehouse.ingest.deliver import files_in, ingest
from warehouse.settings import Settings
from warehouse.transform import build, set_parameters

DOCUMENTS = (
    "999999198003051028",
    "999999800305102",
)  # of one person: 18 digits, and as they were before 2000
EVERY = os.environ.get("YIBAO_INCREMENTS") == "every"  # make increments


def _keys() -> list[Change]:
    """Every key column of every feed that the golden province has."""
    present = sorted({path.name.split("@")[0].rsplit("_", 1)[0] for path in FILES.iterdir()} & FEEDS.keys())
    return [Change(name, each.name) for name in present for each in columns_of(FEEDS[name]) if each.is_key]


def test_a_row_that_differs_in_one_column_of_its_key_is_built(home: Settings, tmp_path: Path) -> None:
    """Another plan, kind of ledger, version, region, month: the checks of the build pass."""
    refused = [
        str(change)
        for number, change in enumerate(_keys())
        if not deliver_change(home, change, _folder(tmp_path, f"key{number}"), most=4)
    ]
    assert refused == []
    set_parameters(home, None, None)
    assert build(home).failures == []


@pytest.mark.skipif(not EVERY, reason="make increments")
def test_a_row_that_differs_in_any_column_is_built(home: Settings, tmp_path: Path) -> None:
    for number, change in enumerate(changes()):
        deliver_change(home, change, _folder(tmp_path, f"column{number}"), most=4)
    set_parameters(home, None, None)
    assert build(home).failures == []


def test_a_person_listed_with_two_documents_is_one_person(home: Settings, tmp_path: Path) -> None:
    path = _folder(tmp_path, "roster") / "assisted_roster_two@2025-03-10.csv"
    lines = [f"{number},某,460100,低保,202406" for number in DOCUMENTS]
    path.write_text("\n".join(["certno,name,admdvs,grp,ym", *lines]) + "\n", encoding="utf-8")
    (outcome,) = ingest(files_in([path]), home)
    assert (outcome.status, outcome.rows_refused) == ("accepted", 0)
    set_parameters(home, None, None)
    assert build(home).failures == []
    listed = """
        select count(*) from staging.stg_platform__roster
        where roster_month = date '2024-06-01' and assisted_group_name = '低保'
    """
    before = rows(home, "select count(*) from raw.assisted_roster where ym = '202406' and grp = '低保'")
    assert rows(home, listed) == [(before[0][0] - 1,)]


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder
