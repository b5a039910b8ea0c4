"""Transactions on the control database: one to read, one to record a decision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlmodel import Session

from warehouse.control.database import DECIDING, control_engine, unreachable
from warehouse.control.head import Head, advance, noted
from warehouse.control.models import AuditEntry
from warehouse.settings import Settings

NEW_HEAD = "audit_head"


@contextmanager
def control_session(settings: Settings) -> Iterator[Session]:
    """One transaction on the control database."""
    engine = control_engine(settings.control_url)
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
            session.commit()
    except (OperationalError, ProgrammingError) as error:
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
    except (OperationalError, ProgrammingError) as error:
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
