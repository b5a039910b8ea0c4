"""The tables of the raw schema that are not a feed's: batches, findings, months, person keys."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import BatchRule, RowsRule, Rule, columns_of, name_of, raw_table_ddl

RAW_DDL = """
create schema if not exists raw;
create table if not exists raw.batch (
    batch_id varchar primary key,
    feed varchar not null,
    file_name varchar not null,
    sha256 varchar not null,
    encoding varchar not null,
    size_bytes bigint not null,
    known_on date not null,
    rows_read bigint not null,
    rows_accepted bigint not null,
    rows_refused bigint not null,
    rows_duplicate bigint not null,
    _ingested_at timestamptz not null,
    data_origin varchar not null check (data_origin in ('published', 'platform', 'synthetic')),
    check (rows_read = rows_accepted + rows_refused + rows_duplicate)
);
create table if not exists raw.finding (
    batch_id varchar not null,
    rule varchar not null,
    severity varchar not null,
    rows_found bigint not null,
    first_records bigint[] not null,
    text_zh varchar not null,
    text_en varchar not null
);
create table if not exists raw.touched_month (
    batch_id varchar not null,
    feed varchar not null,
    month date not null,
    rows_touched bigint not null,
    is_locked boolean not null
);
create table if not exists raw.arrived_month (
    batch_id varchar not null,
    feed varchar not null,
    region_code varchar,
    month date not null,
    rows_new bigint not null
);
create table if not exists raw.announced_month (
    batch_id varchar not null,
    feed varchar not null,
    month date not null
);
create table if not exists raw.delivery_said (
    feed varchar not null,
    region_code varchar not null,
    month date not null,
    said_on date not null
);
create table if not exists raw.repeated_key (
    feed varchar not null,
    key_text varchar not null
);
create table if not exists raw.built_batch (
    model_name varchar not null,
    batch_id varchar not null
);
alter table raw.built_batch add column if not exists is_stale boolean default false;
create table if not exists raw.built_input (
    model_name varchar not null,
    input varchar not null,
    row_key varchar not null,
    valid_from date not null,
    content ubigint not null
);
create table if not exists raw.built_model (
    model_name varchar primary key,
    fingerprint varchar not null
);
create table if not exists raw.month_lock (
    month date primary key,
    locked_on date not null
);
create table if not exists raw.disclosed_before (
    count_measure varchar not null,
    data_origin varchar not null,
    region_code varchar not null,
    disclosure_year integer not null,
    was_month_hidden boolean not null,
    was_month_shown boolean not null,
    was_year_hidden boolean not null
);
create table if not exists raw.shown_before (
    measure_key varchar not null,
    data_origin varchar not null,
    region_code varchar not null,
    scheme_code varchar not null,
    month_end date not null,
    number decimal(38, 10) not null
);
create table if not exists raw.released_batch (batch_id varchar primary key);
create table if not exists raw.person_key (
    id_kind varchar not null,
    id_value varchar not null,
    psn_key varchar not null,
    resolution varchar not null,
    _batch_id varchar,
    _row bigint
);
create table if not exists raw.waiting (
    batch_id varchar not null,
    record bigint not null,
    awaited_feed varchar not null,
    awaited_key varchar not null
);
create table if not exists raw.watermark (
    feed varchar not null,
    source varchar not null,
    watermark_column varchar not null,
    watermark varchar not null,
    batch_id varchar not null
);
create table if not exists raw.build_parameter (data_to date not null, known_on date not null);
create table if not exists raw.feed_contract (
    feed varchar primary key,
    number varchar not null,
    cadence varchar not null,
    feed_zh varchar not null,
    feed_en varchar not null
);
create table if not exists raw.feed_column (
    feed varchar not null,
    position bigint not null,
    column_name varchar not null,
    data_type varchar not null,
    length bigint,
    is_key boolean not null,
    is_required boolean not null,
    code_set varchar,
    codes varchar,
    unit varchar,
    sensitivity varchar not null,
    headers varchar,
    column_zh varchar not null,
    column_en varchar not null
);
create table if not exists raw.feed_rule (
    feed varchar not null,
    rule varchar not null,
    kind varchar not null,
    severity varchar not null,
    rule_zh varchar not null,
    rule_en varchar not null
);
"""
SYSTEM_TABLES = {
    "batch": "已接收的批次 / Accepted batches",
    "finding": "批次中发现的问题 / Findings of a batch",
    "touched_month": "批次触及的月份 / Months a batch touched",
    "arrived_month": "批次为各月各地新增的行 / New rows a batch brought, by month and region",
    "announced_month": "交付清单说某批送全的月份 / Months that the manifest says a batch holds whole",
    "delivery_said": "运维说明已经到齐的月份 / Months an operator said to be complete",
    "repeated_key": "有多个版本的主键 / Keys that have more than one version",
    "built_batch": "增量模型已算入的批次 / Batches an incremental model has seen",
    "built_input": "增量模型算入时其他各表的内容 / What else an incremental model rested on",
    "month_lock": "已锁定的月份 / Locked months",
    "disclosed_before": "以往数据版本遮去与公布过什么 / What earlier releases hid and showed",
    "shown_before": "上一版本市县数所依据的逐月度量 / Monthly measures behind the counties' last figures",
    "released_batch": "上一版本已含的批次 / Batches in the last release",
    "person_key": "人员各版本与名册证件的人员键 / Keys of versions of persons and of documents in rosters",
    "build_parameter": "本次建库的两个日期 / The two dates of the build",
    "feed_contract": "数据源合同 / Contracts of the feeds",
    "feed_column": "数据源的列 / Columns of the feeds",
    "feed_rule": "数据源的规则 / Rules of the feeds",
}


def prepare_raw(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the raw schema with all feed tables, so that dbt finds each source."""
    _drop_former_keys(connection)
    connection.execute(RAW_DDL)
    for feed in FEEDS.values():
        connection.execute(raw_table_ddl(feed))
    _add_columns(connection)


def _add_columns(connection: duckdb.DuckDBPyConnection) -> None:
    """A home of an earlier version lacks optional columns that a contract has gained since."""
    present = set(
        connection.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'raw'"
        ).fetchall()
    )
    for feed in FEEDS.values():
        for each in columns_of(feed):
            if not each.is_required and (name_of(feed), each.name) not in present:
                connection.execute(f"alter table raw.{name_of(feed)} add column {each.name} {each.sql_type}")


def _drop_former_keys(connection: duckdb.DuckDBPyConnection) -> None:
    """Keys of an earlier version of the program do not say whose version they are; the next build writes them."""
    former = connection.execute(
        """
        select count(*) > 0 and not bool_or(column_name = '_batch_id')
        from duckdb_columns() where schema_name = 'raw' and table_name = 'person_key'
        """
    ).fetchall()[0][0]
    if former:
        connection.execute("drop table raw.person_key")


def describe_feeds(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the contracts into the build database, from where the data dictionary is made."""
    contracts, columns, rules = [], [], []
    for feed in FEEDS.values():
        name = name_of(feed)
        contracts.append(
            {
                "feed": name,
                "number": feed.number,
                "cadence": feed.cadence,
                "feed_zh": feed.feed_zh,
                "feed_en": feed.feed_en,
            }
        )
        columns += [
            {
                "feed": name,
                "position": position,
                "column_name": each.name,
                "data_type": each.sql_type,
                "length": each.length,
                "is_key": each.is_key,
                "is_required": each.is_required,
                "code_set": each.code_set,
                "codes": ", ".join(each.codes) or None,
                "unit": each.unit,
                "sensitivity": each.sensitivity,
                "headers": "、".join(each.aliases) or None,
                "column_zh": each.zh,
                "column_en": each.en,
            }
            for position, each in enumerate(columns_of(feed), 1)
        ]
        rules += [
            {
                "feed": name,
                "rule": rule.code,
                "kind": {Rule: "row", RowsRule: "rows", BatchRule: "batch"}[type(rule)],
                "severity": rule.severity,
                "rule_zh": rule.zh,
                "rule_en": rule.en,
            }
            for rule in feed.rules
        ]
    for table, rows in (("feed_contract", contracts), ("feed_column", columns), ("feed_rule", rules)):
        connection.register("described", pa.Table.from_pylist(rows))
        connection.execute(
            f"delete from raw.{table}; insert into raw.{table} by name select * from described"
        )
        connection.unregister("described")
