"""Transactions on the control database: one to read, one to record a decision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlmodel import Session

from warehouse.control.database import DECIDING, REFUSING, UNUSABLE, control_engine, unreachable
from warehouse.control.head import Head, advance, noted
from warehouse.control.models import AuditEntry
from warehouse.settings import Settings
from warehouse.texts import Refused

NEW_HEAD = "audit_head"


def is_made(settings: Settings) -> bool:
    """Whether the control database was made; one that is not SQLite is taken for made."""
    url = make_url(settings.control_url) if settings.control_url.startswith("sqlite") else None
    if url is None or not url.database:
        return True
    path = Path(url.database)
    return path.exists() and path.stat().st_size > 0


def refuse_vanished(settings: Settings) -> None:
    """Raise ``Refused`` when decisions were noted in this home but their database is gone: a new and empty one
    would have no accounts, locks or memory of what was hidden."""
    if settings.audit_head.exists() and not is_made(settings):
        path = make_url(settings.control_url).database
        raise Refused(
            f"控制库 {path} 不见了或被清空；账户、锁定与审计都在其中，不要以空库继续。请从备份恢复（docs/runbooks）。",
            f"The control database {path} is gone or empty; accounts, locks and the audit are in it, so do not "
            "go on with an empty one. Restore it from a backup (docs/runbooks).",
        )


@contextmanager
def control_session(settings: Settings) -> Iterator[Session]:
    """One transaction on the control database."""
    refuse_vanished(settings)
    engine = control_engine(settings.control_url)
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
            session.commit()
    except UNUSABLE as error:
        if isinstance(error, REFUSING):
            raise
        raise unreachable(error) from error
    finally:
        engine.dispose()


@contextmanager
def deciding(settings: Settings) -> Iterator[Session]:
    """One transaction that records decisions; a second one waits from the first statement on.

    So that nobody reads the end of the audit chain while another appends to it. After the commit the
    newest entry is noted in the home as well (``warehouse.control.head``), unless the chain has lost the
    one noted there: that note is then the evidence, and stays.
    """
    refuse_vanished(settings)
    engine = control_engine(settings.control_url)
    try:
        with Session(engine.execution_options(**{DECIDING: True}), expire_on_commit=False) as session:
            if engine.dialect.name == "postgresql":
                session.connection().execute(text("lock table audit_entry in exclusive mode"))
            yield session
            head = session.info.get(NEW_HEAD)
            is_whole = head is None or _holds_noted_head(session, settings)
            session.commit()
            if isinstance(head, Head) and is_whole:
                advance(settings, head)
    except UNUSABLE as error:
        if isinstance(error, REFUSING):
            raise
        raise unreachable(error) from error
    finally:
        engine.dispose()


def _holds_noted_head(session: Session, settings: Settings) -> bool:
    try:
        before = noted(settings)
    except ValueError:
        return False
    if before is None:
        return True
    entry = session.get(AuditEntry, before.sequence)
    return entry is not None and entry.hash == before.hash
