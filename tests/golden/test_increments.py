"""An increment equals a build from nothing, whatever came late."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from golden_home import FEEDS as FILES
from golden_home import rows
from increments import (
    DEPENDED_ON,
    SUMS,
    Change,
    build_everything,
    build_sums,
    changes,
    deliver_change,
    differences,
    everything,
    known_on_of,
    rounds,
)

from warehouse.connections import build_connection
from warehouse.control.history import lock_month
from warehouse.feeds import FEEDS
from warehouse.ingest.compact import compact
from warehouse.ingest.deliver import files_in, ingest
from warehouse.ingest.months import mirror_locks
from warehouse.recovery.rebuild import rebuild
from warehouse.settings import Settings
from warehouse.transform import load_manifest

# columns that a check of the loading takes no other value of; each with its reason
FIXED = {
    "settlement.init_setl_id": "a refund names what it takes back; tried by hand below",
    "fund_ledger.opening": "an account's opening has to meet the closing before",
    "fund_ledger.adjust": "an adjustment belongs to a fund's opening",
    "fund_ledger.closing": "a closing has to meet the flow",
}
EVERY = os.environ.get("YIBAO_INCREMENTS") == "every"  # make increments


def deliver(settings: Settings, folder: Path, name: str, *lines: str) -> None:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    outcomes = list(ingest(files_in([path]), settings))
    assert [(each.status, each.rows_refused) for each in outcomes] == [("accepted", 0)], outcomes


def scope(settings: Settings) -> list[tuple[Any, ...]]:
    return rows(settings, "select * from intermediate.int_benefit__changed_months order by all")


def test_what_the_sums_read_is_followed(golden: Settings) -> None:
    """Lineage: settlements, seeds, and what int_benefit__inputs holds; all else would never reach built months."""
    nodes = load_manifest(golden).nodes
    followed = set(nodes["model.yibao.int_benefit__inputs"].depends_on.nodes)
    known = {
        "source.yibao.raw.settlement",
        "source.yibao.raw.repeated_key",
        "model.yibao.stg_published__batch",
        "model.yibao.stg_reference__region",  # made of a seed alone: a change of it starts the sums anew
        "model.yibao.int_benefit__changed_months",
    }
    incremental = {
        name for name, node in nodes.items() if getattr(node.config, "materialized", "") == "incremental"
    }
    assert incremental == {f"model.yibao.{name}" for name in SUMS}
    read: set[str] = set()
    waiting = list(incremental)
    while waiting:
        for name in nodes[waiting.pop()].depends_on.nodes:
            if name in read or name in followed | known or name.startswith("seed."):
                read.add(name)
                continue
            read.add(name)
            if name in nodes and nodes[name].config.materialized == "view":
                waiting.append(name)
    hooks = {
        "source.yibao.raw.built_batch",
        "source.yibao.raw.built_input",
        "model.yibao.int_benefit__inputs",
    }
    unknown = {name for name in read - followed - known - hooks if not name.startswith("seed.")}
    assert {
        name for name in unknown if name not in nodes or nodes[name].config.materialized != "view"
    } == set()


def test_nothing_new_computes_nothing(home: Settings) -> None:
    build_sums(home)
    assert scope(home) == []


def test_a_person_or_institution_without_settlements_computes_nothing(home: Settings, tmp_path: Path) -> None:
    deliver(
        home,
        tmp_path,
        "person@2025-03-10.csv",
        "psn_no,psn_name,psn_cert_type,certno,gend,brdy,surv_stas,vali_flag",
        "46990000000901,参保人901,01,999999199009203314,1,1990-09-20,1,1",
    )
    deliver(
        home,
        tmp_path,
        "institution@2025-03-10.csv",
        "fixmedins_code,valid_from,fixmedins_name,fixmedins_type,inst_type,hosp_lv,medins_natu,is_primary,fix_blng_admdvs",
        "H46010000901,2020-01-01,新机构,1,综合,05,民营,0,460100",
    )
    build_sums(home)
    assert scope(home) == []


def test_an_institution_that_changes_from_a_day_on_leaves_earlier_months(
    home: Settings, tmp_path: Path
) -> None:
    deliver(
        home,
        tmp_path,
        "institution@2025-02-11.csv",
        "fixmedins_code,valid_from,fixmedins_name,fixmedins_type,inst_type,hosp_lv,medins_natu,is_primary,fix_blng_admdvs",
        "H46010000003,2024-01-01,样例医院二,1,综合,05,公立,1,460100",
    )
    assert differences(home) == {}
    build_sums(home)
    assert scope(home) == []
    primary = "select distinct month_start from intermediate.int_benefit__cells where is_primary_care"
    months = {month for (month,) in rows(home, primary)}
    assert date(2024, 5, 1) in months


def test_a_corrected_document_leaves_the_roster(home: Settings, tmp_path: Path) -> None:
    deliver(
        home,
        tmp_path,
        "person_2025@2025-01-21.csv",
        "psn_no,psn_name,psn_cert_type,certno,gend,brdy,surv_stas,vali_flag,updt_time",
        "46990000000023,参保人00000023,01,999999201509207776,1,2015-09-20,1,1,2025-01-20 08:00:00",
    )
    assert differences(home) == {}
    lifted = "select count(*) from intermediate.int_benefit__cells where is_lifted"
    assert rows(home, lifted) == [(0,)]


def test_a_lock_dated_back_books_refunds_anew(home: Settings) -> None:
    lock_month(home, date(2024, 7, 1), date(2024, 8, 10))
    assert differences(home) == {}
    stays = """
        select month_start, sum(visits), sum(fee_yuan) from intermediate.int_benefit__cells
        where service_code = 'ip' and month_start >= date '2024-07-01' group by 1 order by 1
    """
    assert [(f"{month:%Y-%m}", int(visits), f"{fee:.2f}") for month, visits, fee in rows(home, stays)] == [
        ("2024-07", 1, "300.00"),
        ("2024-08", -1, "-300.00"),
    ]


def test_builds_as_of_any_day_equal_builds_from_nothing(home: Settings, tmp_path: Path) -> None:
    for number, change in enumerate(changes("person", "institution")):
        deliver_change(home, change, _folder(tmp_path, number))
    for day in (date(2025, 1, 15), date(2024, 1, 15), None, date(2025, 3, 9), None):
        assert differences(home, day) == {}, day
        assert known_on_of(home) == day


def test_the_later_delivery_counts_whichever_was_loaded_first(home: Settings, tmp_path: Path) -> None:
    header = (FILES / "settlement_2024@2025-01-10.csv").read_text(encoding="utf-8").splitlines()
    base = next(line for line in header if line.startswith("S2,"))
    moved = base.replace("2024-05-07 10:00:00", "2024-09-09 10:00:00")
    other = base.replace("2024-05-07 10:00:00", "2024-07-07 10:00:00")
    newer, older = (line.rsplit(",", 1)[0] + "," for line in (moved, other))
    deliver(home, tmp_path, "settlement_newer@2025-03-10.csv", header[0], newer)
    assert differences(home, date(2025, 2, 28)) == {}
    deliver(home, tmp_path, "settlement_older@2025-02-20.csv", header[0], older)
    for day in (date(2025, 2, 28), None, date(2025, 2, 28), None):
        assert differences(home, day) == {}, day
    month = "select settlement_month from staging.stg_platform__settlement where settlement_id = 'S2'"
    assert rows(home, month) == [(date(2024, 9, 1),)]


@pytest.mark.parametrize("built_as_of", [None, date(2025, 2, 1)], ids=["of today", "of an earlier day"])
def test_compaction_changes_nothing_that_a_build_from_nothing_would_not(
    home: Settings, tmp_path: Path, built_as_of: date | None
) -> None:
    for number, change in enumerate(changes("person")):
        deliver_change(home, change, _folder(tmp_path, number))
    for number, column in enumerate(("setl_time", "medfee_sumamt", "insu_admdvs")):
        deliver_change(home, Change("settlement", column), _folder(tmp_path, f"settlement{number}"))
    build_sums(home, built_as_of)
    with build_connection(home) as connection:
        mirror_locks(connection, home)
        assert {feed for feed, _ in compact(connection)} == {"person", "settlement"}
    assert differences(home, built_as_of) == {}
    assert differences(home) == {}
    keys = "select count(*), count(distinct psn_no) from staging.stg_platform__person_key"
    assert rows(home, keys) == rows(home, keys.replace("_key", ""))


def test_a_row_that_waited_reaches_its_month(home: Settings, tmp_path: Path) -> None:
    header = (FILES / "settlement_2024@2025-01-10.csv").read_text(encoding="utf-8").splitlines()
    original = next(line for line in header if line.startswith("S8,"))
    refund = next(line for line in header if line.startswith("S9,"))
    path = tmp_path / "settlement_refund@2025-02-10.csv"
    path.write_text(f"{header[0]}\n{refund.replace('S9,S8', 'T9,T8', 1)}\n", encoding="utf-8")
    (held,) = ingest(files_in([path]), home)
    assert held.rows_refused == 1
    build_sums(home)
    first = original.replace("S8,", "T8,", 1).replace("2024-07", "2024-04")
    deliver(home, tmp_path, "settlement_original@2025-02-20.csv", header[0], first)
    assert differences(home) == {}


def test_what_has_no_time_of_change_gives_way_to_what_came_later(home: Settings, tmp_path: Path) -> None:
    """All places agree: the version that staging takes, its person key, and what compaction leaves."""
    columns = "psn_no,psn_name,psn_cert_type,certno,gend,brdy,surv_stas,vali_flag"
    cards = {
        "46990000000200": ("999999198003059011", "99999919800305902X"),
        "46990000000201": ("999999198003059118", "999999198003059126"),
        "46990000000202": ("999999198003059214", "999999198003059222"),
        "46990000000203": ("999999198003059310", "999999198003059329"),
        "46990000000204": ("999999198003059417", "999999198003059425"),
        "46990000000205": ("999999198003059513", "999999198003059521"),
        "46990000000206": ("99999919800305961X", "999999198003059628"),
        "46990000000207": ("999999198003059716", "999999198003059724"),
    }
    for turn, day in ((1, "2025-02-12"), (0, "2025-02-10")):
        lines = [f"{number},某,01,{card[turn]},2,1980-03-05,1,1" for number, card in cards.items()]
        deliver(home, tmp_path, f"person_{turn}@{day}.csv", columns, *lines)
    listed = [f"{newer},某,460100,低保,202406" for _, newer in cards.values()]
    deliver(home, tmp_path, "assisted_roster_x@2025-02-13.csv", "certno,name,admdvs,grp,ym", *listed)
    on_the_roster = """
        select count(distinct person.psn_no)
        from staging.stg_platform__person as person
        inner join staging.stg_platform__roster as roster on person.psn_key = roster.psn_key
        where person.psn_no between '46990000000200' and '46990000000207'
    """
    build_sums(home)
    assert rows(home, on_the_roster) == [(8,)]
    with build_connection(home) as connection:
        mirror_locks(connection, home)
        list(compact(connection))
    assert differences(home) == {}
    assert rows(home, on_the_roster) == [(8,)]


@pytest.mark.parametrize("feed", DEPENDED_ON)
def test_late_changes_of_a_feed_reach_what_rests_on_it(home: Settings, tmp_path: Path, feed: str) -> None:
    """All columns at once; make increments tries each by itself."""
    refused = [
        str(change)
        for number, change in enumerate(changes(feed))
        if not deliver_change(home, change, _folder(tmp_path, number)) and str(change) not in FIXED
    ]
    assert refused == []
    assert differences(home) == {}


ROUNDS = [
    (changed, is_dated)
    for feed in DEPENDED_ON
    for changed in rounds(feed)
    for is_dated in ([True, False] if FEEDS[feed].version else [True])
]


@pytest.mark.skipif(not EVERY, reason="make increments")
@pytest.mark.parametrize(
    ("changed", "is_dated"), ROUNDS, ids=[f"{each[0]}-{is_dated}" for each, is_dated in ROUNDS]
)
def test_a_late_change_of_a_column_reaches_what_rests_on_it(
    home: Settings, tmp_path: Path, changed: tuple[Change, ...], is_dated: bool
) -> None:
    refused = [
        str(change)
        for number, change in enumerate(changed)
        if not deliver_change(
            home,
            change,
            _folder(tmp_path, number),
            with_version=is_dated,
            place=number if len(changed) > 1 else None,
        )
    ]
    assert set(refused) <= FIXED.keys()
    assert differences(home) == {}


@pytest.mark.skipif(not EVERY, reason="make increments")
def test_late_changes_of_every_column_of_every_feed_equal_a_rebuild(home: Settings, tmp_path: Path) -> None:
    """All public tables and intermediate ones, after a rebuild from the archive."""
    refused = [
        str(change)
        for number, change in enumerate(changes())
        if not deliver_change(home, change, _folder(tmp_path, number))
    ]
    assert set(refused) <= FIXED.keys()
    build_everything(home)
    found = everything(home)
    rebuild(home, lambda _: None)
    build_everything(home)
    expected = everything(home)
    assert [name for name in expected if found.get(name) != expected[name]] == []
    assert len(expected) > 100


def _folder(parent: Path, name: object) -> Path:
    folder = parent / f"files{name}"
    folder.mkdir()
    return folder
