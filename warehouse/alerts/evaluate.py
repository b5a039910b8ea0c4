"""Evaluating all rules: over the served release, the control database and the calendar, into episodes.

It follows a release and a roll-back, and the clock. It never stops either: what could not be looked at is
noted and said, and its episodes stay as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import duckdb
from sqlalchemy.exc import SQLAlchemyError

from warehouse.alerts import deliveries, figures
from warehouse.alerts.episodes import (
    Change,
    Finding,
    changing_episodes,
    last_evaluation,
    note_evaluation,
    settle,
    utc_now,
)
from warehouse.alerts.figures import Served
from warehouse.alerts.rules import AlertRule, Kind, read_rules, rules_of
from warehouse.clock import today
from warehouse.control.history import batch_records
from warehouse.release.pointer import MANIFEST_FILE, Release, served_or_none
from warehouse.settings import Settings
from warehouse.texts import Busy, Refused, Text

TRIES = 5
BROKEN = (
    Refused,
    OSError,
    duckdb.Error,
    SQLAlchemyError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What a damaged file, a full disk or a rule that cannot be used raise."""


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation changed; ``problems`` name what could not be looked at."""

    release_id: str | None
    change: Change
    problems: tuple[Text, ...]

    def summary(self) -> Text:
        """One line for the operator."""
        change = self.change
        zh = f"预警：新增 {change.opened}，持续 {change.continued}，解除 {change.resolved}"
        en = f"alerts: {change.opened} new, {change.continued} continue, {change.resolved} resolved"
        for each in self.problems:
            zh, en = f"{zh};{each.zh}", f"{en}; {each.en}"
        return Text(f"{zh}（yibao alerts）", f"{en} (yibao alerts)")


@dataclass(frozen=True)
class _Look:
    """One way of looking: for which rules, and whether it needs a release."""

    name: str
    kind: Kind
    subjects: tuple[str, ...]
    findings: Callable[[], Iterator[Finding]]

    def rules(self, rules: list[AlertRule]) -> list[str]:
        return [
            each.rule_code
            for each in rules_of(rules, self.kind)
            if not self.subjects or each.subject in self.subjects
        ]


def evaluate_alerts(settings: Settings, on: date | None = None) -> Evaluation:
    """Look at everything as of the day ``on`` (today in China) and bring the episodes up to it.

    Episodes change in one transaction, which belongs to the release that is served at that moment: when
    another one was put in service meanwhile, it is looked at again.
    """
    day = on or today()
    rules = [each for each in read_rules() if each.valid_from <= day]
    for _ in range(TRIES):
        release = served_or_none(settings)
        findings, unseen, problems = _look(settings, rules, release, day)
        with changing_episodes(settings) as session:
            if served_or_none(settings) != release:
                continue
            now = utc_now()
            release_id = release.release_id if release else None
            change = settle(session, findings, unseen, release_id, now)
            error = "; ".join(each.en for each in problems) or None
            note_evaluation(session, release_id, day, now, error)
        return Evaluation(release_id, change, tuple(problems))
    raise Busy(
        "评估预警期间数据版本一再更换，请稍后再试。",
        "The served release kept changing while alerts were evaluated; try again later.",
    )


def is_due(settings: Settings, on: date) -> bool:
    """Whether anything happened since the last evaluation: a day, a release, a refused file, a failed build
    or one that the engine let down."""
    last = last_evaluation(settings)
    release = served_or_none(settings)
    if (
        last is None
        or last.evaluated_on != on
        or last.release_id != (release.release_id if release else None)
    ):
        return True
    for record in (settings.failed_build, settings.engine_faults):
        if record.exists() and datetime.fromtimestamp(record.stat().st_mtime, UTC) > last.evaluated_at:
            return True
    return any(
        each.received_at > last.evaluated_at for each in batch_records(settings) if each.status == "refused"
    )


def evaluate_quietly(settings: Settings, say: Callable[[Text], None] | None = None) -> None:
    """The same after a release: whatever goes wrong is said and logged, never raised."""
    try:
        evaluation = evaluate_alerts(settings)
    except BROKEN as error:
        reason = _reason(error)
        problem = Text(f"预警未能评估：{reason.zh}", f"alerts were not evaluated: {reason.en}")
        _log(settings, problem)
        if say:
            say(problem)
        return
    for problem in evaluation.problems:
        _log(settings, problem)
    change = evaluation.change
    if say and (change.opened or change.continued or change.resolved or evaluation.problems):
        say(evaluation.summary())


def _look(
    settings: Settings, rules: list[AlertRule], release: Release | None, on: date
) -> tuple[list[Finding], set[str], list[Text]]:
    """Findings, the rules that could not be looked at, and why not."""
    looks = [
        _Look("deliveries", "freshness", (), lambda: deliveries.overdue(rules, settings, on)),
        _Look(
            "refused files", "check", ("refused_file",), lambda: deliveries.refused_files(rules, settings, on)
        ),
        _Look("failed build", "check", ("failed_build",), lambda: deliveries.failed_build(rules, settings)),
        _Look("engine", "check", ("engine_fault",), lambda: deliveries.engine_faults(rules, settings)),
        _Look(
            "refused rows", "quality", ("refused_share",), lambda: deliveries.refused_shares(rules, settings)
        ),
    ]
    problems = []
    try:
        looks += _release_looks(rules, _served(settings, release)) if release else []
    except BROKEN as error:
        problems.append(_problem("manifest", error))
    findings: list[Finding] = []
    unseen = {each.rule_code for each in rules}
    for look in looks:
        try:
            found = list(look.findings())
        except BROKEN as error:
            problems.append(_problem(look.name, error))
            continue
        findings += found
        unseen -= set(look.rules(rules))
    return findings, unseen, problems


def _release_looks(rules: list[AlertRule], served: Served) -> list[_Look]:
    return [
        _Look("signals", "threshold", (), lambda: figures.signals(rules, served)),
        _Look("warned tests", "check", ("warned_test",), lambda: figures.warnings(rules, served)),
        _Look(
            "reconciliations", "check", ("reconciliation",), lambda: figures.reconciliations(rules, served)
        ),
        _Look("changed figures", "check", figures.CHANGES, lambda: figures.changed_figures(rules, served)),
        _Look("findings", "quality", ("finding_count",), lambda: figures.more_findings(rules, served)),
    ]


def _served(settings: Settings, release: Release) -> Served:
    manifest = release.manifest()
    before = Release(manifest["previous"] or "", settings.releases / (manifest["previous"] or ""))
    is_there = bool(manifest["previous"]) and (before.folder / MANIFEST_FILE).exists()
    return Served(release, manifest, before.manifest() if is_there else None)


def _problem(name: str, error: BaseException) -> Text:
    reason = _reason(error)
    return Text(f"{name} 未能评估：{reason.zh}", f"{name} could not be evaluated: {reason.en}")


def _reason(error: BaseException) -> Text:
    if isinstance(error, Refused):
        return error.text
    said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return Text(said, said)


def _log(settings: Settings, problem: Text) -> None:
    """A line in ``logs/alerts.log``; a full disk must not stop a release either."""
    try:
        with (settings.logs / "alerts.log").open("a", encoding="utf-8") as stream:
            stream.write(f"{datetime.now().astimezone().isoformat(timespec='seconds')} {problem.en}\n")
    except OSError:
        return
