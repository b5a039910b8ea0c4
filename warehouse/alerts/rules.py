"""Alert rules: ``seeds/thresholds/alert_rule.csv``, one row a rule, with its parameters and the reason.

What the parameters mean depends on the kind and is described in ``docs/alerts.md``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal, cast, get_args

from warehouse.alerts.episodes import SEVERITIES, Finding, Severity
from warehouse.settings import SEEDS
from warehouse.texts import Refused, Text

RULE_FILE = SEEDS / "thresholds" / "alert_rule.csv"
Kind = Literal["threshold", "freshness", "check", "quality"]
SUBJECTS: dict[Kind, tuple[str, ...]] = {
    "threshold": ("red", "amber", "grey", "blue", "green"),
    "freshness": ("*",),
    "check": (
        "warned_test",
        "reconciliation",
        "restatement",
        "withdrawn",
        "definition",
        "refused_file",
        "failed_build",
        "engine_fault",
    ),
    "quality": ("refused_share", "finding_count"),
}
EVERY = "*"
Words = Mapping[str, Text | str]
"""What fills the names in a rule's message."""


@dataclass(frozen=True)
class AlertRule:
    """One rule; ``message`` holds names in braces that the finding fills in."""

    rule_code: str
    kind: Kind
    subject: str
    metric_key: str
    limit_value: Decimal
    factor: Decimal
    least_count: int
    severity: Severity
    name: Text
    message: Text
    reason: Text
    source: str
    valid_from: date

    def finding(self, subject_key: str, value_text: str, words: Words, *, is_event: bool = False) -> Finding:
        """What this rule says about a subject; ``words`` fill the names in its message."""
        zh = {name: each.zh if isinstance(each, Text) else each for name, each in words.items()}
        en = {name: each.en if isinstance(each, Text) else each for name, each in words.items()}
        message = Text(self.message.zh.format_map(zh), self.message.en.format_map(en))
        return Finding(self.rule_code, subject_key, self.severity, message, value_text, is_event)


def read_rules(file: Path | None = None) -> list[AlertRule]:
    """All rules in the order of the file; ``Refused`` names the row that cannot be read."""
    path = file or RULE_FILE
    rules = []
    with path.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), 2):
            try:
                rules.append(_rule(row))
            except (KeyError, ValueError, ArithmeticError) as error:
                raise Refused(
                    f"{path.name} 第 {number} 行不能用：{error}。",
                    f"{path.name}, line {number}, cannot be used: {error}.",
                ) from error
    return rules


def rules_of(rules: list[AlertRule], kind: Kind, subject: str | None = None) -> list[AlertRule]:
    """The rules of a kind, or of one subject of it."""
    return [each for each in rules if each.kind == kind and subject in (None, each.subject)]


def _rule(row: dict[str, str]) -> AlertRule:
    kind, subject, severity = row["kind"], row["subject"], row["severity"]
    if kind not in get_args(Kind) or subject not in SUBJECTS[cast(Kind, kind)]:
        raise ValueError(f"kind, subject: {kind}, {subject}")
    if severity not in SEVERITIES:
        raise ValueError(f"severity: {severity}")
    return AlertRule(
        rule_code=row["rule_code"],
        kind=cast(Kind, kind),
        subject=subject,
        metric_key=row["metric_key"] or EVERY,
        limit_value=Decimal(row["limit_value"] or 0),
        factor=Decimal(row["factor"] or 1),
        least_count=int(row["least_count"] or 0),
        severity=cast(Severity, severity),
        name=Text(row["name_zh"], row["name_en"]),
        message=Text(row["message_zh"], row["message_en"]),
        reason=Text(row["reason_zh"], row["reason_en"]),
        source=row["source"],
        valid_from=date.fromisoformat(row["valid_from"]),
    )
