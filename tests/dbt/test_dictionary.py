"""The data dictionary of a release says what the contracts say, and only what was delivered by its date."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import duckdb

from warehouse import transform
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of
from warehouse.home import writer
from warehouse.ingest.deliver import files_in, ingest
from warehouse.settings import SEEDS, Settings

TERMINALS = (
    "terminal_id,机构编码,部署日期,last_active,remark\n{terminal},H46010000001,2024-03-01,2026-09-30,x\n"
)


def test_each_feed_column_and_rule_is_in_the_release(release_db: duckdb.DuckDBPyConnection) -> None:
    feeds = release_db.sql("select feed, coalesce(feed_number, ''), cadence from reference.feed").fetchall()
    assert set(feeds) == {(name, feed.number, feed.cadence) for name, feed in FEEDS.items()}
    columns = release_db.sql(
        "select feed, position, column_name, length, is_key, code_set, sensitivity from reference.feed_column"
    ).fetchall()
    assert set(columns) == {
        (name, position, each.name, each.length, each.is_key, each.code_set, each.sensitivity)
        for name, feed in FEEDS.items()
        for position, each in enumerate(columns_of(feed), 1)
    }
    rules = release_db.sql("select feed, rule, severity from reference.feed_rule").fetchall()
    assert set(rules) == {
        (name, rule.code, rule.severity) for name, feed in FEEDS.items() for rule in feed.rules
    }


def test_code_sets_of_columns_are_in_the_release(release_db: duckdb.DuckDBPyConnection) -> None:
    with (SEEDS / "reference" / "feed_code.csv").open(encoding="utf-8", newline="") as stream:
        codes = {(row["code_set"], row["code"]) for row in csv.DictReader(stream)}
    assert set(release_db.sql("select code_set, code from reference.feed_code").fetchall()) == codes
    lost = release_db.sql(
        "select distinct c.code_set from reference.feed_column as c "
        "anti join reference.feed_code as f on c.code_set = f.code_set where c.code_set is not null"
    ).fetchall()
    assert lost == []


def test_rows_accepted_are_those_of_the_batches(release_db: duckdb.DuckDBPyConnection) -> None:
    differing = release_db.sql(
        """
        select feed from reference.feed
        left join (
            select feed, sum(rows_accepted) as accepted, max(known_on) as newest from reference.batch group by feed
        ) as batches using (feed)
        where rows_accepted <> coalesce(accepted, 0) or newest_delivery_date is distinct from newest
        """
    ).fetchall()
    assert differing == []


def test_findings_of_later_platform_files_stay_out(own_home: Settings, tmp_path: Path) -> None:
    for day, terminal in (("2026-11-05", "T1"), ("2026-11-22", "T2")):
        (tmp_path / f"terminal@{day}.csv").write_text(TERMINALS.format(terminal=terminal), encoding="utf-8")
    with writer(own_home):
        outcomes = list(ingest(files_in([tmp_path]), own_home))
        assert [outcome.status for outcome in outcomes] == ["accepted", "accepted"]
        transform.set_parameters(own_home, None, date(2026, 11, 21))
        transform.build(own_home)
    with duckdb.connect(str(own_home.build_database), read_only=True) as connection:
        assert connection.sql(
            "select batch_cnt, rows_accepted, newest_delivery_date from reference.feed where feed = 'terminal'"
        ).fetchall() == [(1, 1, date(2026, 11, 5))]
        assert connection.sql(
            "select file_name, rows_accepted from reference.batch where feed = 'terminal'"
        ).fetchall() == [("terminal@2026-11-05.csv", 1)]
        assert connection.sql(
            "select file_name, rule, severity, rows_found from quality.feed_finding order by rule"
        ).fetchall() == [
            ("terminal@2026-11-05.csv", "columns_missing", "warn", 0),
            ("terminal@2026-11-05.csv", "columns_unknown", "warn", 0),
        ]
