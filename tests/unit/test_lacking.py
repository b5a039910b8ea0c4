"""Each indicator of sections 1–4 and 8 is computed from the feeds or named with what it lacks, never both."""

from __future__ import annotations

import csv

from warehouse.lacking_page import PAGE, page
from warehouse.settings import SEEDS

SECTIONS = {"1", "2", "3", "4", "8"}
OF_GROWTH_MODEL = {"fund_income_growth", "fund_expense_growth"}


def rows(seed: str) -> list[dict[str, str]]:
    with (SEEDS / "indicator" / f"{seed}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_each_indicator_has_a_formula_or_is_named_as_lacking_and_not_both() -> None:
    metrics = {row["metric_key"] for row in rows("registry") if row["block"].split(".")[0] in SECTIONS}
    computed = {row["metric_key"] for row in rows("formula")} | OF_GROWTH_MODEL
    lacking = {row["metric_key"] for row in rows("lacking") if row["variant"] == "*"}
    assert len(metrics) == 116
    assert metrics - computed - lacking == set()
    assert computed & lacking == set()
    assert lacking <= metrics


def test_a_variant_named_as_lacking_is_of_a_computed_metric_and_has_no_formula() -> None:
    formulas = {(row["metric_key"], row["variant"]) for row in rows("formula")}
    named = {(row["metric_key"], row["variant"]) for row in rows("lacking") if row["variant"] != "*"}
    assert {metric for metric, _ in named} <= {metric for metric, _ in formulas}
    assert named & formulas == set()


def test_the_page_is_what_the_seed_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
