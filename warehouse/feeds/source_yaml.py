"""The dbt source of the raw schema, generated from the contracts: ``python -m warehouse.feeds.source_yaml``.

The generated file is committed; a test compares it with what the contracts say today.
"""

from __future__ import annotations

from typing import Any

import yaml

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import Feed, columns_of, name_of
from warehouse.settings import DBT_PROJECT

SOURCE_FILE = DBT_PROJECT / "models" / "staging" / "published" / "_sources.yml"
HEAD = "# Generated from the feed contracts by `make sources`; do not edit.\n"


def source_yaml() -> str:
    """The text of the source file."""
    tables = [_feed_table(feed) for feed in FEEDS.values()]
    tables += [
        {"name": "batch", "description": "已接收的批次 / Accepted batches"},
        {"name": "build_parameter", "description": "本次建库的两个日期 / The two dates of the build"},
    ]
    content = {
        "version": 2,
        "sources": [
            {
                "name": "raw",
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
        {"name": each.name, "data_type": each.sql_type, "description": f"{each.zh} / {each.en}"}
        for each in columns_of(feed)
    ]
    return {
        "name": name_of(feed),
        "description": f"{feed.feed_zh} / {feed.feed_en}",
        "columns": lineage + columns,
    }


if __name__ == "__main__":
    SOURCE_FILE.write_text(source_yaml(), encoding="utf-8")
