"""Episodes of alerts: what is open, and bringing them up to what an evaluation found.

An episode runs from the evaluation that first saw its subject to the first one that no longer does; a
subject that comes back afterwards is a new episode. Nothing here looks at data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from sqlalchemy import text
from sqlmodel import Session, col, select

from warehouse.control.database import DECIDING, REFUSING, UNUSABLE, control_engine, unreachable
from warehouse.control.models import AlertEpisode, AlertEvaluation
from warehouse.control.session import control_session
from warehouse.settings import Settings
from warehouse.texts import Text

__all__ = ["AlertEpisode", "Change", "Finding", "all_episodes", "last_evaluation", "open_episodes", "settle"]

Severity = Literal["critical", "warning", "info"]
SEVERITIES: dict[Severity, Text] = {
    "critical": Text("严重", "critical"),
    "warning": Text("警告", "warning"),
    "info": Text("提示", "note"),
}
"""Most severe first."""
MARKS: dict[str, str] = {"critical": "✗", "warning": "!", "info": "·"}
LAST = 1
LONGEST_MESSAGE, LONGEST_VALUE, LONGEST_ERROR = 1000, 200, 1000


@dataclass(frozen=True)
class Finding:
    """Something that a rule found: ``subject_key`` names it, the same in every evaluation that finds it.

    ``is_event``: it happened once (a release changed published figures) and never comes back by itself.
    """

    rule_code: str
    subject_key: str
    severity: Severity
    message: Text
    value_text: str
    is_event: bool = False


@dataclass(frozen=True)
class Change:
    """How many episodes an evaluation opened, continued and resolved."""

    opened: int
    continued: int
    resolved: int


def open_episodes(settings: Settings) -> list[AlertEpisode]:
    """The inbox: what is not resolved, the most severe and then the newest first."""
    with control_session(settings) as session:
        found = session.exec(select(AlertEpisode).where(col(AlertEpisode.resolved_at).is_(None)))
        return _ordered(found)


def all_episodes(settings: Settings) -> list[AlertEpisode]:
    """Open ones first, as in the inbox; then the resolved ones, the last resolved first."""
    with control_session(settings) as session:
        found = list(session.exec(select(AlertEpisode)))
    closed = [(each.resolved_at, each.episode_id or 0, each) for each in found if each.resolved_at]
    newest = sorted(closed, key=lambda each: each[:2], reverse=True)
    return [*_ordered([each for each in found if each.resolved_at is None]), *(each for *_, each in newest)]


def last_evaluation(settings: Settings) -> AlertEvaluation | None:
    """When alerts were evaluated last and how it went; None before the first time."""
    with control_session(settings) as session:
        return session.get(AlertEvaluation, LAST)


def settle(
    session: Session,
    findings: Sequence[Finding],
    unseen: Collection[str],
    release_id: str | None,
    now: datetime,
) -> Change:
    """Open, continue or resolve episodes; call it within ``changing_episodes``.

    Episodes of the rules in ``unseen`` stay as they are: nobody could look. Those of a rule that is gone
    are resolved.
    ``times_seen`` counts evaluations, those of one release in a row once: evaluating the same release again
    changes ``last_seen_at`` only, and a release that is served again after a roll-back counts again.
    """
    present = {
        (each.rule_code, each.subject_key): each
        for each in session.exec(select(AlertEpisode).where(col(AlertEpisode.resolved_at).is_(None)))
    }
    opened = continued = resolved = 0
    seen = set()
    for finding in findings:
        key = (finding.rule_code, finding.subject_key)
        seen.add(key)
        episode = present.get(key)
        if episode:
            _continue(episode, finding, release_id, now)
            continued += 1
        elif not (finding.is_event and _was_there(session, finding)):
            session.add(_opened(finding, release_id, now))
            opened += 1
    for key, episode in present.items():
        if key not in seen and episode.rule_code not in unseen:
            episode.resolved_at = max(now, episode.first_seen_at)
            resolved += 1
    return Change(opened, continued, resolved)


def note_evaluation(
    session: Session, release_id: str | None, on: date, now: datetime, error: str | None
) -> None:
    """Remember the last evaluation."""
    said = error[:LONGEST_ERROR] if error else None
    session.merge(
        AlertEvaluation(
            evaluation_id=LAST, evaluated_at=now, evaluated_on=on, release_id=release_id, error=said
        )
    )


@contextmanager
def changing_episodes(settings: Settings) -> Iterator[Session]:
    """One transaction on episodes and deliveries; a second one waits from its first statement on."""
    engine = control_engine(settings.control_url)
    try:
        with Session(engine.execution_options(**{DECIDING: True}), expire_on_commit=False) as session:
            if engine.dialect.name == "postgresql":
                session.connection().execute(text("lock table alert_episode in share row exclusive mode"))
            yield session
            session.commit()
    except UNUSABLE as error:
        if isinstance(error, REFUSING):
            raise
        raise unreachable(error) from error
    finally:
        engine.dispose()


def _opened(finding: Finding, release_id: str | None, now: datetime) -> AlertEpisode:
    return AlertEpisode(
        rule_code=finding.rule_code,
        subject_key=finding.subject_key,
        severity=finding.severity,
        first_seen_at=now,
        last_seen_at=now,
        times_seen=1,
        first_release=release_id,
        last_release=release_id,
        message_zh=finding.message.zh[:LONGEST_MESSAGE],
        message_en=finding.message.en[:LONGEST_MESSAGE],
        value_text=finding.value_text[:LONGEST_VALUE],
    )


def _continue(episode: AlertEpisode, finding: Finding, release_id: str | None, now: datetime) -> None:
    episode.last_seen_at = max(now, episode.last_seen_at)  # a clock may be set back
    if episode.last_release != release_id:
        episode.last_release = release_id
        episode.times_seen += 1
    episode.severity = finding.severity
    episode.message_zh = finding.message.zh[:LONGEST_MESSAGE]
    episode.message_en = finding.message.en[:LONGEST_MESSAGE]
    episode.value_text = finding.value_text[:LONGEST_VALUE]


def _was_there(session: Session, finding: Finding) -> bool:
    before = select(AlertEpisode.episode_id).where(
        col(AlertEpisode.rule_code) == finding.rule_code, col(AlertEpisode.subject_key) == finding.subject_key
    )
    return session.exec(before.limit(1)).first() is not None


def _ordered(episodes: Iterator[AlertEpisode] | Sequence[AlertEpisode]) -> list[AlertEpisode]:
    ranks: dict[str, int] = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    newest = sorted(episodes, key=lambda each: (each.first_seen_at, each.episode_id or 0), reverse=True)
    return sorted(newest, key=lambda each: ranks.get(each.severity, len(ranks)))


def utc_now() -> datetime:
    """The moment, as the control database stores it."""
    return datetime.now(UTC)
