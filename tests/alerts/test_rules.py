"""The alert rules: readable, with a reason, in both languages, and about figures that are judged."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from dashboards.i18n import say
from warehouse.alerts.figures import ORIGINS
from warehouse.alerts.rules import RULE_FILE, SUBJECTS, read_rules
from warehouse.settings import SEEDS
from warehouse.texts import Refused


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def names_in(message: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(message) if name}


def test_rules_cover_every_kind_and_say_why_in_both_languages() -> None:
    rules = read_rules()
    assert {rule.kind for rule in rules} == set(SUBJECTS)
    assert len({rule.rule_code for rule in rules}) == len(rules)
    for rule in rules:
        assert all((*rule.name, *rule.message, *rule.reason, rule.source)), rule.rule_code
        assert names_in(rule.message.zh) == names_in(rule.message.en), rule.rule_code


def test_every_metric_with_a_threshold_is_on_a_card_that_is_judged() -> None:
    judged = {row["metric_key"] for row in rows(SEEDS / "thresholds" / "threshold.csv")}
    (cards,) = SEEDS.rglob("leader_card.csv")
    assert judged <= {row["metric_key"] for row in rows(cards) if row["region_code"] == "460000"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("indicator_red,threshold,red", "indicator_red,threshold,purple"),
        ("indicator_red,threshold", "indicator_red,guess"),
        (",critical,指标越过红线", ",loud,指标越过红线"),
        ("0.01,3,20", "a little,3,20"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_with_its_line(tmp_path: Path, old: str, new: str) -> None:
    text = RULE_FILE.read_text(encoding="utf-8")
    assert old in text
    broken = tmp_path / "alert_rule.csv"
    broken.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(Refused, match=r"alert_rule\.csv 第 \d+ 行"):
        read_rules(broken)


def test_one_word_stands_for_synthetic_data() -> None:
    with (SEEDS / "reference" / "code.csv").open(encoding="utf-8", newline="") as stream:
        (named,) = [row for row in csv.DictReader(stream) if row["code"] == "synthetic"]
    word = ORIGINS["synthetic"].zh.strip("〔〕")
    assert named["name_zh"].startswith(word)
    assert word in say("leader.synthetic", "zh")
