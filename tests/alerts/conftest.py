"""Findings and batches to evaluate, without a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from warehouse.alerts.episodes import Finding, Severity
from warehouse.control.history import record_batches
from warehouse.control.models import BatchRecord
from warehouse.settings import Settings
from warehouse.texts import Text

Found = Callable[..., Finding]
Deliver = Callable[..., BatchRecord]


@pytest.fixture
def found() -> Found:
    def make(
        subject: str = "a",
        rule: str = "indicator_red",
        severity: Severity = "critical",
        *,
        is_event: bool = False,
    ) -> Finding:
        return Finding(rule, subject, severity, Text(f"{subject} 越线", f"{subject} is red"), "1", is_event)

    return make


@pytest.fixture
def deliver(bare_home: Settings) -> Deliver:
    """Record a delivered file in the control database of ``bare_home``."""

    def record(
        feed: str,
        known_on: date,
        *,
        rows: int = 1000,
        refused: int = 0,
        status: str = "accepted",
        name: str = "",
        message: str = "",
    ) -> BatchRecord:
        made = BatchRecord(
            batch_id=f"{feed}-{known_on:%Y%m%d}-{status}",
            feed=feed,
            file_name=name or f"{feed}.csv",
            sha256=f"{feed}{known_on}{status}",
            known_on=known_on,
            status=status,
            rows_read=rows,
            rows_accepted=rows - refused,
            rows_refused=refused,
            rows_duplicate=0,
            message_zh=message,
            message_en=message,
            received_at=datetime(known_on.year, known_on.month, known_on.day, 4, tzinfo=UTC),
        )
        record_batches(bare_home, [made])
        return made

    return record
