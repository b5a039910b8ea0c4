"""Exports: which file was made from which release, by whom."""

from __future__ import annotations

from sqlmodel import col, select

from warehouse.control.actor import Actor
from warehouse.control.audit import append
from warehouse.control.models import AuditEntry
from warehouse.control.session import control_session, deciding
from warehouse.settings import Settings

EXPORT = "export"


def record_export(settings: Settings, actor: Actor, release_id: str, file_name: str, rows: int) -> None:
    """Note in the audit that ``rows`` rows of a release left it as a file; call it before the file is given."""
    with deciding(settings) as session:
        append(session, actor, EXPORT, release_id, file=file_name[:200], rows=rows)


def exports(settings: Settings, release_ids: tuple[str, ...]) -> tuple[AuditEntry, ...]:
    """The exports of these releases, newest first."""
    wanted = (
        select(AuditEntry)
        .where(AuditEntry.action == EXPORT, col(AuditEntry.subject).in_(release_ids))
        .order_by(col(AuditEntry.sequence).desc())
    )
    with control_session(settings) as session:
        return tuple(session.exec(wanted))
