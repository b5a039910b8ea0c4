"""The close of a month: refused with the open items named, unless somebody says why."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import duckdb
import pytest
from delivered import deliver
from typer.testing import CliRunner

from warehouse.cli import app
from warehouse.control.history import locked_months, month_closes, record_release
from warehouse.control.models import ReleaseRecord
from warehouse.home import writer
from warehouse.ingest.deliver import ingest
from warehouse.ingest.reconcile import reconcile
from warehouse.months.checklist import checklist, open_items, unmet_checks
from warehouse.months.close import close_month
from warehouse.release.pointer import Release, served
from warehouse.release.to_check import said, to_check
from warehouse.settings import PROJECT_ROOT, Settings
from warehouse.texts import Refused

MONTH, AFTER = date(2024, 3, 1), date(2024, 4, 20)
FEEDS = PROJECT_ROOT / "tests" / "golden" / "feeds"


def states(settings: Settings, on: date = AFTER) -> dict[str, str]:
    return {item.code: item.state for item in checklist(settings, MONTH, on)}


def test_a_home_without_platform_data_cannot_close(own_home: Settings) -> None:
    assert states(own_home)["deliveries"] == "open"
    with writer(own_home), pytest.raises(Refused, match="还没有任何平台数据"):
        close_month(own_home, MONTH, AFTER)
    assert locked_months(own_home) == {}


def test_a_month_is_not_closed_before_its_day(own_home: Settings) -> None:
    assert states(own_home, date(2024, 4, 19))["due"] == "open"
    assert states(own_home)["due"] == "done"


def test_a_reason_closes_all_the_same_and_is_kept(own_home: Settings) -> None:
    with writer(own_home):
        items = close_month(own_home, MONTH, AFTER, "平台未接入")
    assert locked_months(own_home) == {MONTH: AFTER}
    closed = month_closes(own_home)[MONTH]
    assert (closed.reason, closed.release_id) == ("平台未接入", served(own_home).release_id)
    kept = {each["code"]: each["state"] for each in json.loads(closed.checklist)}
    assert kept == {item.code: item.state for item in items}
    with writer(own_home), pytest.raises(Refused, match="2024-03 已于 2024-04-20 锁定"):
        close_month(own_home, MONTH, AFTER, "平台未接入")


def listed(settings: Settings) -> str:
    return (
        CliRunner()
        .invoke(app, ["month", "list", "--home", str(settings.home)], env={"COLUMNS": "200"})
        .output
    )


def test_the_list_names_the_release_that_came_of_the_close(own_home: Settings) -> None:
    before = served(own_home).release_id
    with writer(own_home):
        close_month(own_home, MONTH, AFTER, "平台未接入")
    assert before not in listed(own_home)
    assert "尚未建库发布" in listed(own_home)
    for number, name in enumerate(("R-first", "R-second"), start=1):
        record_release(
            own_home,
            ReleaseRecord(
                release_id=name,
                data_to=MONTH,
                known_on=AFTER,
                manifest_sha256="",
                written_at=datetime.now(UTC) + timedelta(minutes=number),
            ),
        )
    assert "R-first" in listed(own_home)
    assert "R-second" not in listed(own_home)


@pytest.mark.parametrize("command", ["close", "lock"])
@pytest.mark.parametrize("month", ["2017-12", "2099-01"])
def test_a_month_that_no_feed_can_have_is_refused_in_one_sentence(
    bare_home: Settings, command: str, month: str
) -> None:
    closed = CliRunner().invoke(app, ["month", command, month, "--home", str(bare_home.home)])
    assert isinstance(closed.exception, Refused)
    assert "2018-01" in closed.exception.text.zh
    assert locked_months(bare_home) == {}


@pytest.mark.parametrize("on", ["2024-03-31", "2099-01-01"])
def test_a_month_is_locked_after_its_end_and_not_in_the_future(bare_home: Settings, on: str) -> None:
    home = str(bare_home.home)
    locked = CliRunner().invoke(app, ["month", "lock", "2024-03", "--on", on, "--home", home])
    assert isinstance(locked.exception, Refused)
    assert on in locked.exception.text.zh
    assert locked_months(bare_home) == {}


def test_a_blank_reason_is_none(own_home: Settings) -> None:
    with writer(own_home), pytest.raises(Refused, match="未了"):
        close_month(own_home, MONTH, AFTER, "  ")


def test_batches_that_are_not_released_and_held_rows_stand_against_it(own_home: Settings) -> None:
    files = sorted(path for path in FEEDS.iterdir() if path.suffix == ".csv")
    with writer(own_home):
        list(ingest(files, own_home))
        reconcile(own_home)
    found = checklist(own_home, MONTH, AFTER)
    by_code = {item.code: item for item in found}
    assert by_code["released"].state == "open"
    assert "缺" in by_code["released"].text.zh
    assert "released" in {item.code for item in open_items(found)}


def test_only_reconciliations_that_must_hold_are_open(own_home: Settings) -> None:
    december, end = date(2024, 12, 1), date(2024, 12, 31)
    assert {severity for severity, _ in unmet_checks(served(own_home), december, end)} == {"warn"}
    assert checklist(own_home, december, AFTER)[-1].state == "note"
    failing = [
        name for severity, name in unmet_checks(served(own_home), date.min, date.max) if severity == "error"
    ]
    assert failing


def add_finding(release: Release, batch_id: str, rule: str) -> None:
    release.database.chmod(0o600)
    with duckdb.connect(str(release.database)) as connection:
        connection.execute(
            "insert into quality.feed_finding by name select ? as batch_id, ? as rule, "
            "'contribution' as feed, 'c.csv' as file_name, date '2024-04-10' as known_on, 'warn' as severity, "
            "0 as rows_found, [] as first_records, '须核对' as message_zh, 'check' as message_en",
            [batch_id, rule],
        )


def test_what_is_to_be_checked_before_publication_stands_against_it(
    own_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = served(own_home)
    assert to_check(own_home, release) == []
    assert states(own_home)["to_check"] == "done"
    for batch, rule in (("C1", "meets_ledger_to_publish"), ("C1", "meets_ledger"), ("C2", "meets_ledger")):
        add_finding(release, batch, rule)
    (found,) = to_check(own_home, release)
    assert (found.batch_id, found.file_name) == ("C1", "c.csv")
    assert "1 项发布前须核对（1 个文件）：c.csv 须核对" in said([found]).zh
    add_finding(release, "C3", "columns_gone")
    assert {each.batch_id for each in to_check(own_home, release)} == {"C1", "C3"}
    batches = [SimpleNamespace(batch_id=each, file_name="c.csv") for each in ("C1", "C2")]
    monkeypatch.setattr("warehouse.months.checklist.batches_of_month", lambda *_: batches)
    assert states(own_home)["to_check"] == "open"
    monkeypatch.setattr("warehouse.months.checklist.batches_of_month", lambda *_: batches[1:])
    assert states(own_home)["to_check"] == "done"


def test_a_later_batch_of_the_same_months_that_keeps_the_rule_settles_it(
    own_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, february = served(own_home), date(2024, 2, 1)
    broken = deliver(own_home, "contribution", date(2024, 4, 10), february, MONTH)
    of_one_month = deliver(own_home, "contribution", date(2024, 4, 11), MONTH)
    of_both = deliver(own_home, "contribution", date(2024, 4, 12), february, MONTH)
    add_finding(release, broken, "meets_ledger_to_publish")
    batches = [broken, of_one_month]
    monkeypatch.setattr(Release, "manifest", lambda _: {"batches": batches})
    assert [each.batch_id for each in to_check(own_home, release)] == [broken]
    batches.append(of_both)
    assert to_check(own_home, release) == []
    add_finding(release, of_both, "meets_ledger_to_publish")
    assert {each.batch_id for each in to_check(own_home, release)} == {broken, of_both}
