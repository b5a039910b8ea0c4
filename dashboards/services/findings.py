"""Findings: checks that do not hold, and what each side of them says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from dashboards import formats
from dashboards.i18n import say
from dashboards.services.records import fetch

SHOWN = 200
ALL_ROWS = 1_000_000


@dataclass(frozen=True)
class FindingGroup:
    """How many findings one kind of check has at one severity."""

    severity: str
    severity_text: str
    check_code: str
    findings: int


@dataclass(frozen=True)
class Finding:
    """A check that does not hold; the three values are in the unit of the screen."""

    severity: str
    severity_text: str
    check_code: str
    region: str | None
    scheme: str | None
    metric: str | None
    period_end: date
    expected: Decimal | None
    found: Decimal | None
    difference: Decimal | None
    decimals: int | None
    unit: str | None
    message: str | None
    file_name: str | None
    record_number: int | None
    batch_id: str | None
    release_id: str

    def amount(self, value: Decimal | None) -> str:
        """One side of the check with its unit."""
        return (
            "—"
            if value is None
            else formats.with_unit(formats.number(value, self.decimals or 0), self.unit or "")
        )

    def gap(self, lang: str) -> str:
        """The difference with its unit; percentage points for ratios."""
        if self.difference is None:
            return "—"
        unit = say("findings.points", lang) if self.unit == "%" else self.unit or ""
        return formats.with_unit(formats.number(self.difference, self.decimals or 0), unit)


def load_groups(connection: duckdb.DuckDBPyConnection, lang: str) -> list[FindingGroup]:
    """The kinds of checks that have findings, the most severe first."""
    return fetch(connection, "finding_group", FindingGroup, lang)


def load_findings(
    connection: duckdb.DuckDBPyConnection, severity: str, check: str, lang: str
) -> list[Finding]:
    """The first findings of a severity and a kind of check; ``all`` asks for any."""
    return fetch(connection, "finding", Finding, lang, severity=severity, check=check, row_limit=SHOWN)


def chosen_count(groups: Iterable[FindingGroup], severity: str, check: str) -> int:
    """How many findings the filters leave."""
    return sum(
        group.findings
        for group in groups
        if severity in ("all", group.severity) and check in ("all", group.check_code)
    )


def title(groups: list[FindingGroup], lang: str) -> str:
    """The number of findings by severity, in one line."""
    if not groups:
        return say("findings.title_none", lang)
    words = dict.fromkeys(group.severity_text for group in groups)
    parts = [
        say(
            "findings.part",
            lang,
            word=word,
            count=sum(group.findings for group in groups if group.severity_text == word),
        )
        for word in words
    ]
    joined = (", " if lang == "en" else "，").join(parts)
    return say("findings.title", lang, count=chosen_count(groups, "all", "all"), parts=joined)
