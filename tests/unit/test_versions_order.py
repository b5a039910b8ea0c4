"""Versions of one key have one order, said once for dbt and once for loading, and the two are the same."""

from __future__ import annotations

import re

import duckdb
import jinja2
import pytest

from warehouse.feeds import FEEDS
from warehouse.feeds.versions import newest_first, newness, oldest_first
from warehouse.settings import DBT_PROJECT, PROJECT_ROOT

MACROS = (DBT_PROJECT / "macros" / "newest_rows.sql").read_text(encoding="utf-8")
VERSIONS = {feed.version for feed in FEEDS.values() if feed.version}
ORDERING = "newest_rows|superseded_rows|newest_first|oldest_first|changed_at"


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("( ", "(").strip()


@pytest.mark.parametrize("version", ["updt_time", None])
def test_dbt_and_loading_say_the_same(version: str | None) -> None:
    macros = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False).from_string(MACROS).module
    assert words(macros.newest_first(version)) == words(newest_first(version))  # type: ignore[attr-defined]
    assert words(macros.oldest_first(version)) == words(oldest_first(version))  # type: ignore[attr-defined]


def test_models_order_versions_by_nothing_else() -> None:
    """A model names the time of change only as an argument of the macros, or as what it passes on."""
    assert {"updt_time", "revised_on"} == VERSIONS
    for path in (DBT_PROJECT / "models").rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        for macro in re.findall(rf"\{{\{{\s*(?:{ORDERING})\(.*?\)\s*\}}\}}", text, re.DOTALL):
            text = text.replace(macro, "")
        assert not re.search(r"\b(updt_time|revised_on)\b(?!,?\n)", text), path.name


def test_rules_order_versions_by_nothing_else() -> None:
    for path in (PROJECT_ROOT / "warehouse" / "feeds").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"order by[^\n]*updt_time|updt_time\s*[<>][^\n]*updt_time", text), path.name


def test_what_has_no_time_of_change_counts_from_its_delivery() -> None:
    """Newer: a later change; without one, the later delivery; of one change, the later delivery."""
    order = duckdb.sql(
        f"""
        select name from (values
            ('undated, delivered in May', null, date '2025-05-10'),
            ('of March, delivered in April', timestamp '2025-03-05', date '2025-04-10'),
            ('of March, delivered in June', timestamp '2025-03-05', date '2025-06-10'),
            ('undated, delivered in February', null, date '2025-02-10'),
            ('of May 20, delivered in June', timestamp '2025-05-20', date '2025-06-10')
        ) as version (name, updt_time, known_on)
        order by {newness("updt_time")} desc
        """
    ).fetchall()
    assert [name for (name,) in order] == [
        "of May 20, delivered in June",
        "undated, delivered in May",
        "of March, delivered in June",
        "of March, delivered in April",
        "undated, delivered in February",
    ]
