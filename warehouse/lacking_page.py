"""The page of docs/ that names the indicators the feeds cannot give yet, written from the seed.

``make sources`` writes it anew; a test holds page and seed equal.
"""

from __future__ import annotations

import csv
from pathlib import Path

from warehouse.settings import DBT_PROJECT, SEEDS

PAGE = DBT_PROJECT.parent / "docs" / "lacking-indicators.md"
KINDS = {
    "feed": "数据源 / feed",
    "parameter": "参数或口径 / parameter",
    "computation": "计算 / computation",
}
HEAD = """# 平台数据还算不出的指标 / Indicators that the feeds cannot give yet

字典第 1–4、8 节的每个指标，或由平台数据算出（`indicator.formula`），或列在这里并写明缺什么；
已算出的指标，个别变体缺数据的也列在这里。发布库中的同一张表是 `indicator.lacking`。
本页由 `seeds/indicator/lacking.csv` 生成（`make sources`）。
*Every indicator of sections 1–4 and 8 of the dictionary is computed from the feeds or named here
with what it lacks; so are single variants of computed ones. The same table is `indicator.lacking`
in a release. Written from the seed by `make sources`.*

| 编号 | 指标 | 变体 | 缺 | 数据源 | 原因 |
|---|---|---|---|---|---|
"""


def page() -> str:
    """The whole page, in the order of the dictionary."""
    names = {row["metric_key"]: row for row in _read("registry")}
    lines = [
        f"| {names[row['metric_key']]['block']} | {names[row['metric_key']]['name_zh']} `{row['metric_key']}` "
        f"| {'' if row['variant'] == '*' else row['variant']} | {KINDS[row['lacking_kind']]} "
        f"| {row['lacking_feed']} | {row['reason_zh']}。*{row['reason_en']}.* |\n"
        for row in sorted(_read("lacking"), key=lambda row: names[row["metric_key"]]["block"])
    ]
    return HEAD + "".join(lines)


def _read(seed: str) -> list[dict[str, str]]:
    path: Path = SEEDS / "indicator" / f"{seed}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
