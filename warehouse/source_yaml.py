"""The dbt sources of the raw schema, generated from the contracts: ``python -m warehouse.source_yaml``.

One file each for published and platform feeds. They are committed; a test compares them with what the
contracts say today.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import Feed, columns_of, name_of
from warehouse.ingest.raw_schema import SYSTEM_TABLES
from warehouse.settings import DBT_PROJECT

STAGING = DBT_PROJECT / "models" / "staging"
HEAD = "# Generated from the feed contracts by `make sources`; do not edit.\n"


def source_files() -> Mapping[Path, str]:
    """The generated files and their texts."""
    system = [{"name": name, "description": text} for name, text in SYSTEM_TABLES.items()]
    published = [_feed_table(feed) for feed in FEEDS.values() if not feed.number]
    files = {STAGING / "published" / "_sources.yml": _source("raw", published + system)}
    for feed in FEEDS.values():
        if feed.number:
            folder = STAGING / "platform" / "sources"
            files[folder / f"_{name_of(feed)}.yml"] = _source("raw", [_feed_table(feed)])
    return files


def _source(name: str, tables: list[dict[str, Any]]) -> str:
    content = {
        "version": 2,
        "sources": [
            {
                "name": name,
                "schema": "raw",
                "description": "按合同定型的原始记录 / Raw records, typed by contract",
                "tables": tables,
            }
        ],
    }
    return HEAD + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000)


def _feed_table(feed: type[Feed]) -> dict[str, Any]:
    lineage = [
        {"name": "_batch_id", "data_type": "varchar", "description": "批次 / Batch"},
        {
            "name": "_row",
            "data_type": "bigint",
            "description": "文件中的记录序号 / Record number in the file",
        },
    ]
    columns = [
        {
            "name": each.name,
            "data_type": each.sql_type,
            "description": f"{each.zh} / {each.en}",
            **({"meta": {"sensitivity": each.sensitivity}} if each.sensitivity == "personal" else {}),
        }
        for each in columns_of(feed)
    ]
    return {
        "name": name_of(feed),
        "description": f"{feed.number} {feed.feed_zh} / {feed.feed_en}".strip(),
        "columns": lineage + columns,
    }


if __name__ == "__main__":
    for path, text in source_files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
