"""The data dictionary: what each feed is, its columns, codes and rules, and what was reported of its files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from dashboards.formats import day
from dashboards.i18n import say
from dashboards.services.records import fetch

SHOWN = 200
ALL_ROWS = 1_000_000
REGION_SET = "admdvs"


@dataclass(frozen=True)
class Feed:
    """A feed: its contract in brief, and what came of it by the release's date."""

    feed: str
    feed_number: str | None
    name: str
    cadence: str
    batch_cnt: int
    rows_read: int | None
    rows_accepted: int | None
    rows_refused: int | None
    rows_duplicate: int | None
    newest_delivery_date: date | None
    column_cnt: int
    rule_cnt: int
    finding_cnt: int

    @property
    def label(self) -> str:
        """Number and name."""
        return f"{self.feed_number} {self.name}" if self.feed_number else self.name

    def title(self, lang: str) -> str:
        """How much the dictionary says about the feed, in one line."""
        return say(
            "dictionary.title",
            lang,
            feed=self.label,
            columns=self.column_cnt,
            rules=self.rule_cnt,
            findings=self.finding_cnt,
        )

    def rows(self, lang: str) -> str:
        """What became of the rows read; empty where nothing was delivered, or for who is not told."""
        if not self.batch_cnt or self.rows_read is None:
            return ""
        return say(
            "dictionary.rows_value",
            lang,
            read=f"{self.rows_read:,}",
            accepted=f"{self.rows_accepted:,}",
            refused=f"{self.rows_refused:,}",
            duplicate=f"{self.rows_duplicate:,}",
        )


@dataclass(frozen=True)
class FeedColumn:
    """A column as the contract declares it."""

    column_name: str
    name: str
    data_type: str
    length: int | None
    is_key: bool
    is_required: bool
    code_set: str | None
    codes: str | None
    unit: str | None
    sensitivity: str
    headers: str | None

    @property
    def full_type(self) -> str:
        """The type with the longest length of a text."""
        return f"{self.data_type}({self.length})" if self.length else self.data_type


@dataclass(frozen=True)
class CodeSet:
    """A code set, and the names of the feed's columns that use it."""

    code_set: str
    columns: str
    code_cnt: int

    def label(self, lang: str) -> str:
        """Code set, columns and number of codes."""
        return say(
            "dictionary.code_set_option",
            lang,
            code_set=self.code_set,
            columns=self.columns,
            codes=self.code_cnt,
        )


@dataclass(frozen=True)
class FeedCode:
    """A code, what it means and when it is valid."""

    code_set: str
    code: str
    name: str
    valid_from: date
    valid_to: date | None
    maps_to: str | None
    note: str | None

    def validity(self, lang: str) -> str:
        """The days the code is valid on."""
        key = "dictionary.valid_from" if self.valid_to is None else "dictionary.valid_between"
        return say(key, lang, first=day(self.valid_from), last=day(self.valid_to))


@dataclass(frozen=True)
class FeedRule:
    """A rule of the contract, what it looks at and what is done when it is broken."""

    rule: str
    kind: str
    severity: str
    text: str


@dataclass(frozen=True)
class FeedFinding:
    """What was reported of a delivered file when it was loaded."""

    known_on: date
    file_name: str
    batch_id: str
    rule: str
    severity: str
    rows_found: int
    first_records: str | None
    message: str

    def extent(self, lang: str) -> str:
        """How many rows it concerns; the whole batch where no rows are counted."""
        return f"{self.rows_found:,}" if self.rows_found else say("dictionary.whole_batch", lang)


def load_feeds(connection: duckdb.DuckDBPyConnection, lang: str) -> dict[str, Feed]:
    """All feeds by their code, in the order of their numbers, published data last."""
    return {each.feed: each for each in fetch(connection, "dictionary_feed", Feed, lang)}


def load_columns(connection: duckdb.DuckDBPyConnection, feed: str, lang: str) -> list[FeedColumn]:
    """The columns of a feed in the order of its contract."""
    return fetch(connection, "dictionary_column", FeedColumn, lang, feed=feed)


def load_code_sets(connection: duckdb.DuckDBPyConnection, feed: str, lang: str) -> dict[str, CodeSet]:
    """The code sets that columns of a feed use, by their names."""
    found = fetch(connection, "dictionary_code_set", CodeSet, lang, feed=feed)
    return {each.code_set: each for each in found}


def load_codes(connection: duckdb.DuckDBPyConnection, feed: str, code_set: str, lang: str) -> list[FeedCode]:
    """The codes of a code set of the feed."""
    return fetch(connection, "dictionary_code", FeedCode, lang, feed=feed, code_set=code_set)


def load_rules(connection: duckdb.DuckDBPyConnection, feed: str, lang: str) -> list[FeedRule]:
    """The rules of a feed."""
    return fetch(connection, "dictionary_rule", FeedRule, lang, feed=feed)


def load_findings(connection: duckdb.DuckDBPyConnection, feed: str, lang: str) -> list[FeedFinding]:
    """The first findings of a feed's deliveries, the newest delivery first."""
    return fetch(connection, "dictionary_finding", FeedFinding, lang, feed=feed, row_limit=SHOWN)
