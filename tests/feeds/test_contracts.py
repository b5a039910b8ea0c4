"""What every feed contract must keep: texts, names, code sets, and SQL that runs."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator

import duckdb
import pytest

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import Feed, RowsRule, Rule, columns_of, raw_table_ddl
from warehouse.feeds.platform.contribution import CONTRIBUTION_SUBJECTS
from warehouse.feeds.platform.settlement import INPATIENT
from warehouse.feeds.platform.settlement_fund_line import FUND_LAYERS
from warehouse.settings import SEEDS

CODES = SEEDS / "reference" / "feed_code.csv"
REGIONS = SEEDS / "reference" / "region.csv"
HALF_WIDTH = re.compile("(?<=[\u4e00-\u9fff])[,;:(?!]|[,;:)](?=[\u4e00-\u9fff])")
EVERY_FEED = pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS.keys())


@pytest.fixture(scope="module")
def codes() -> list[dict[str, str]]:
    with CODES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def raw() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the raw tables of all feeds."""
    connection = duckdb.connect()
    connection.execute("create schema raw")
    connection.execute("create table raw.batch (batch_id varchar, known_on date, _ingested_at timestamptz)")
    for feed in FEEDS.values():
        connection.execute(raw_table_ddl(feed))
    yield connection
    connection.close()


def batch_of(connection: duckdb.DuckDBPyConnection, feed: type[Feed], rows: int) -> None:
    """The table ``batch`` of a feed with rows of NULLs."""
    columns = ", ".join(f"cast(null as {each.sql_type}) as {each.name}" for each in columns_of(feed))
    connection.execute(
        "create or replace temp table batch as "
        f"select range as _row, date '2026-01-10' as known_on, {columns} from range({rows})"
    )


@EVERY_FEED
def test_feed_says_what_it_is_in_both_languages(feed: type[Feed]) -> None:
    assert feed.feed_zh
    assert feed.feed_en
    assert (feed.__doc__ or "").strip().endswith(".")
    for each in columns_of(feed):
        assert each.zh, each.name
        assert each.en, each.name
        assert not HALF_WIDTH.search(each.zh), each.zh
    for rule in feed.rules:
        assert rule.zh, rule.code
        assert rule.en, rule.code
        assert not HALF_WIDTH.search(rule.zh), rule.zh


@EVERY_FEED
def test_feed_has_a_key_and_its_version_column(feed: type[Feed]) -> None:
    columns = {each.name: each for each in columns_of(feed)}
    assert any(each.is_key for each in columns.values())
    assert feed.version is None or feed.version in columns
    assert all(each.is_required for each in columns.values() if each.is_key)


@EVERY_FEED
def test_header_names_one_column(feed: type[Feed]) -> None:
    headers = Counter(
        header.lower() for each in columns_of(feed) for header in {each.name, each.zh, *each.aliases}
    )
    assert [header for header, count in headers.items() if count > 1] == []


@EVERY_FEED
def test_rule_codes_are_unique(feed: type[Feed]) -> None:
    counts = Counter(rule.code for rule in feed.rules)
    assert [code for code, count in counts.items() if count > 1] == []
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", code) for code in counts)


@EVERY_FEED
def test_code_sets_exist(feed: type[Feed], codes: list[dict[str, str]]) -> None:
    known = {row["code_set"] for row in codes}
    assert {each.code_set for each in columns_of(feed) if each.code_set} <= known


@EVERY_FEED
def test_codes_fit_their_columns(feed: type[Feed], codes: list[dict[str, str]]) -> None:
    longest: dict[str, int] = {}
    for row in codes:
        longest[row["code_set"]] = max(longest.get(row["code_set"], 0), len(row["code"]))
    for each in columns_of(feed):
        if each.code_set and each.length:
            assert longest[each.code_set] <= each.length, each.name


@EVERY_FEED
def test_blanked_column_may_be_empty(feed: type[Feed]) -> None:
    optional = {each.name for each in columns_of(feed) if not each.is_required}
    for rule in feed.rules:
        if isinstance(rule, Rule):
            assert (rule.severity == "blank") == (rule.blanks is not None), rule.code
            assert rule.blanks is None or rule.blanks in optional, rule.code


@EVERY_FEED
def test_needed_feeds_exist_and_are_declared(feed: type[Feed]) -> None:
    for rule in feed.rules:
        if isinstance(rule, Rule):
            continue
        query = rule.breaking if isinstance(rule, RowsRule) else rule.measure
        read = set(re.findall(r"\braw\.(\w+)", query)) - {"batch"}
        assert set(rule.needs) <= read <= FEEDS.keys(), rule.code
        awaited = {rule.awaits} if isinstance(rule, RowsRule) and rule.awaits else set()
        assert read - {feed.__tablename__} <= set(rule.needs) | awaited, rule.code
        assert (rule.severity == "wait") == bool(awaited), rule.code


@EVERY_FEED
@pytest.mark.parametrize("rows", [0, 1])
def test_rules_run_on_empty_rows(feed: type[Feed], rows: int, raw: duckdb.DuckDBPyConnection) -> None:
    batch_of(raw, feed, rows)
    for rule in feed.rules:
        if isinstance(rule, Rule):
            blamed = raw.execute(f"select _row from batch where not ({rule.holds})").fetchall()
            assert set(blamed) <= {(0,)}, rule.code
        elif isinstance(rule, RowsRule):
            blamed = raw.execute(f"select _row from ({rule.breaking})").fetchall()
            assert set(blamed) <= {(0,)}, rule.code
        else:
            held = raw.execute(f"select {rule.holds} from ({rule.measure}) as number (measure)").fetchall()
            assert held in ([], [(None,)], [(True,)], [(False,)]), rule.code


@EVERY_FEED
def test_month_is_a_date(feed: type[Feed], raw: duckdb.DuckDBPyConnection) -> None:
    if feed.month is None:
        return
    batch_of(raw, feed, 1)
    assert raw.execute(f"select typeof({feed.month}) from batch").fetchall() == [("DATE",)]


def test_codes_are_given_once_and_named(codes: list[dict[str, str]]) -> None:
    counts = Counter((row["code_set"], row["code"], row["valid_from"]) for row in codes)
    assert [code for code, count in counts.items() if count > 1] == []
    for row in codes:
        assert all(row[name] for name in ("code", "name_zh", "name_en", "valid_from")), row


def test_region_codes_are_those_of_the_region_list(codes: list[dict[str, str]]) -> None:
    with REGIONS.open(encoding="utf-8", newline="") as file:
        regions = {row["region_code"] for row in csv.DictReader(file)}
    known = {row["code"] for row in codes if row["code_set"] == "admdvs"}
    assert known == {region for region in regions if len(region) == 6} - {"000000"}


def test_rules_and_seed_agree_on_stays_and_fund_layers(codes: list[dict[str, str]]) -> None:
    stays = {row["code"] for row in codes if row["code_set"] == "med_type" and row["maps_to"].endswith("ip")}
    assert set(INPATIENT) == stays
    layers = {row["code"]: row["maps_to"] for row in codes if row["code_set"] == "fund_pay_type"}
    assert layers == FUND_LAYERS


def test_contribution_subjects_are_income_of_the_ledger(codes: list[dict[str, str]]) -> None:
    income = {
        row["code"] for row in codes if row["code_set"] == "ledger_subject" and row["maps_to"] == "income"
    }
    assert set(CONTRIBUTION_SUBJECTS) <= income
