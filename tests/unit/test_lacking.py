"""Each indicator of sections 1–4 and 8 is computed from the feeds or named with what it lacks, never both."""

from __future__ import annotations

import csv
import re

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of
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


PROMISE = re.compile("变体|单列|分列|另给|另列|分别|并列|同时给|同时统计|同时列示|都给|列示")
WORD = re.compile(r"(?<![A-Za-z0-9_])_([a-z]+)|变体 ([a-z][a-z_]*)")
# what the registry's words promise beside the headline: the variants or indicators that keep it, by metric;
# a dimension or a column of a mart in brackets
KEPT = {
    "enrol_rate_basic": {"resident", "registered", "eligible"},
    "enrolled_persons": {"[scheme]"},
    "key_group_enrol_rate": {"justified"},
    "fund_income": {"[scheme]", "[fund_scope]"},
    "fund_expense": {"[scheme]", "[fund_scope]"},
    "fund_income_growth": {"adjusted"},
    "fund_expense_growth": {"adjusted"},
    "payable_months_resident": {"formula"},
    "resident_individual_contribution": {"to_subsidy"},
    "resident_gov_subsidy": {"to_individual"},
    "acct_expense": {"family_use", "[fund_cumulative_balance]"},
    "policy_pay_ratio_ip_employee": {"basic"},
    "triple_protection_ratio": {"total"},
    "poverty_ip_actual_ratio": {"hospital"},
    "poverty_opsp_actual_ratio": {"hospital"},
    "oop_per_case": {"inpatient", "outpatient", "inpatient_p50", "inpatient_p90", "outpatient_percentiles"},
    "hifmi_payment": {"funding_standard"},
    "hifmi_ratio": {"premium_ratio"},
    "maf_claims": {"inpatient", "outpatient", "[subsidised_enrol_persons]"},
    "maf_persons": {"by_service", "[subsidised_enrol_persons]"},
    "maf_payment": {"inpatient", "outpatient", "again", "[subsidised_enrol_amount]"},
    "maf_avg": {"inpatient", "outpatient"},
    "two_disease_covered": {"visits_and_payment"},
    "maternity_claims": {"allowance"},
    "maternity_payment": {"care", "allowance"},
    "nego_drug_claims": {"*"},
    "inclusive_insurance_insured": {"*"},
    "drg_dip_cost_share": {"guests"},
    "drg_dip_fund_share": {"[drg_dip_cost_share]"},
    "ffs_share": {"formula", "inpatient"},
    "avg_cost_ip": {"standardised"},
    "hospitalisation_rate": {"formula", "standardised", "annualised"},
    "readmit_15d_rate": {"d7", "d30"},
    "local_treatment_rate": {"fund"},
    "off_island_rate": {"fund"},
    "poverty_risk_flagged": {"formula", "listed", "rural_line"},
    "high_cost_cases": {"single", "year_total_1", "year_own_1"},
    "high_cost_amount": {"single", "year_total_1", "year_own_1"},
}


def variants() -> set[tuple[str, str]]:
    """Metric and variant that are computed from the feeds, derived, printed, or named as lacking."""
    known = {(row["metric_key"], row["variant"]) for seed in ("formula", "lacking") for row in rows(seed)}
    return known | {(row["metric_key"], row["variant"]) for row in rows("variant")}


def test_what_the_registry_promises_is_computed_printed_or_named_as_lacking() -> None:
    known = variants()
    metrics = {row["metric_key"] for row in rows("registry")}
    for row in rows("registry"):
        if row["block"].split(".")[0] not in SECTIONS:
            continue
        metric = row["metric_key"]
        text = " ".join(row[name] for name in ("definition_zh", "numerator_zh", "denominator_zh"))
        promised = {word for pair in WORD.findall(text) for word in pair if word}
        if PROMISE.search(text) or promised:
            assert metric in KEPT, f"{metric}: {text}"
            assert promised <= KEPT[metric], metric
        for variant in KEPT.get(metric, ()):
            if variant.startswith("["):
                assert variant[1:-1] in metrics | {"scheme", "fund_scope"}, (metric, variant)
            else:
                assert (metric, variant) in known, (metric, variant)


def test_a_variant_is_named_where_a_metric_has_several() -> None:
    by_metric: dict[str, set[str]] = {}
    for row in rows("formula"):
        by_metric.setdefault(row["metric_key"], set()).add(row["variant"])
    named = {(row["metric_key"], row["variant"]) for row in rows("variant")}
    unnamed = {
        (metric, variant)
        for metric, several in by_metric.items()
        if len(several) > 1
        for variant in several
        if (metric, variant) not in named
    }
    assert unnamed == set()


def test_a_named_variant_has_a_formula_or_a_printed_value_or_is_lacking() -> None:
    """Nothing is described that no model gives: printed and derived variants are those of the published side."""
    computed = {(row["metric_key"], row["variant"]) for row in rows("formula")}
    lacking = {(row["metric_key"], row["variant"]) for row in rows("lacking")}
    printed = {(row["metric_key"], row["variant"]) for row in rows("published_mapping")}
    derived = {
        ("fund_income", "differenced"),
        ("fund_expense", "differenced"),
        ("fund_cumulative_balance", "formula"),
        ("payable_months_pool", "published"),
        ("payable_months_pool", "year_to_date"),
        ("payable_months_resident", "year_to_date"),
        ("payable_months_total", "year_to_date"),
    } | {
        (metric, variant)
        for metric in OF_GROWTH_MODEL
        for variant in ("published", "formula", "month_on_month", "adjusted")
    }
    figures = {(row["metric_key"], row["variant"]) for row in rows("figure_reading")}
    named = {(row["metric_key"], row["variant"]) for row in rows("variant")}
    assert named - computed - lacking - printed - derived - figures == set()


def test_what_is_said_to_lack_a_column_or_subject_is_in_no_contract() -> None:
    """A reason that names a column of a feed or a subject of the ledger must not name one that is delivered."""
    delivered = {column.name for feed in FEEDS.values() for column in columns_of(feed)}
    for row in rows("lacking"):
        if row["lacking_kind"] != "feed":
            continue
        words = set(re.findall(r"[a-z]+(?:_[a-z]+)+", row["reason_zh"]))
        assert words & delivered == set(), row
    with (SEEDS / "reference" / "feed_code.csv").open(encoding="utf-8", newline="") as stream:
        subjects = {
            each["name_zh"] for each in csv.DictReader(stream) if each["code_set"] == "ledger_subject"
        }
    for row in rows("lacking"):
        if row["lacking_feed"] == "F09":
            assert not any(
                f"{subject.removesuffix('支出')}不在" in row["reason_zh"] for subject in subjects
            ), row
