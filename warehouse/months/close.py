"""Closing a month: the checklist, and the lock when nothing stands against it or somebody says why."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

from warehouse.connections import build_connection
from warehouse.control.history import lock_month
from warehouse.control.models import MonthClose
from warehouse.ingest.months import mirror_locks
from warehouse.ingest.raw_schema import prepare_raw
from warehouse.months.checklist import Item, checklist, open_items
from warehouse.release.pointer import served
from warehouse.settings import Settings
from warehouse.texts import Refused


def close_month(settings: Settings, month: date, on: date, despite: str | None = None) -> list[Item]:
    """Lock ``month`` (its first day) as of the day ``on``; hold the writer's lock around it.

    Its figures are final from the next build on: build and release afterwards.
    With open items it is refused and they are named, unless ``despite`` gives the reason to close all the
    same. The checklist and the reason are kept. A month that is locked already is refused in any case.
    """
    items = checklist(settings, month, on)
    standing = open_items(items)
    if standing and not (despite or "").strip():
        zh = "\n".join(f"  · {item.title.zh}:{item.text.zh}" for item in standing)
        en = "\n".join(f"  · {item.title.en}: {item.text.en}" for item in standing)
        raise Refused(
            f"{month:%Y-%m} 还不能月结，{len(standing)} 项未了：\n{zh}",
            f"{month:%Y-%m} cannot be closed, {len(standing)} items are open:\n{en}",
        )
    found = [
        {"code": item.code, "state": item.state, "zh": item.text.zh, "en": item.text.en} for item in items
    ]
    record = MonthClose(
        month=month,
        closed_at=datetime.now(UTC),
        release_id=served(settings).release_id,
        reason=(despite or "").strip() or None if standing else None,
        checklist=json.dumps(found, ensure_ascii=False),
    )
    lock_month(settings, month, on, record)
    with build_connection(settings) as connection:
        prepare_raw(connection)
        mirror_locks(connection, settings)
    return items
