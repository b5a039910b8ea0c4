"""Which files of old releases go: record segments by rule, whole releases only when asked.

Aggregates of every release are kept until an operator prunes them. The served release, the last
three and pinned ones are never touched.
"""

from __future__ import annotations

from datetime import datetime

from warehouse.control.history import pinned_releases, record_retired, releases
from warehouse.release.pointer import on_disk, served_or_none
from warehouse.release.seal import remove, unsealed
from warehouse.settings import Settings
from warehouse.texts import Refused

KEPT_SEGMENTS = 3
LEAST_KEPT = 3


def kept_segments(settings: Settings) -> set[str]:
    """The releases that keep their record segments: the last three, pinned ones and the served one."""
    return _protected(settings, KEPT_SEGMENTS)


def retire_segments(settings: Settings) -> None:
    """Remove the record segments of releases that need them no more (hard links: others keep theirs)."""
    kept = kept_segments(settings)
    for release in on_disk(settings):
        segments = list(release.folder.glob("records-*.duckdb"))
        if segments and release.release_id not in kept:
            with unsealed(release.folder):
                for path in segments:
                    path.unlink()


def prunable(settings: Settings, keep_last: int, written_before: datetime) -> list[str]:
    """The releases that a policy would remove: written before a moment, beyond the last ``keep_last``."""
    if keep_last < LEAST_KEPT:
        raise Refused(
            f"至少保留最近 {LEAST_KEPT} 个数据版本。", f"At least the last {LEAST_KEPT} releases are kept."
        )
    protected = _protected(settings, keep_last)
    written = {record.release_id: record.written_at for record, _ in releases(settings)}
    return [
        each.release_id
        for each in on_disk(settings)
        if each.release_id not in protected
        and each.release_id in written
        and written[each.release_id] < written_before
    ]


def prune(settings: Settings, release_ids: list[str]) -> None:
    """Remove releases; their records stay in the control database. Hold the writer's lock around it."""
    for release_id in release_ids:
        record_retired(settings, release_id)
        remove(settings.releases / release_id)


def _protected(settings: Settings, last: int) -> set[str]:
    newest = [record.release_id for record, _ in releases(settings)]
    present = {each.release_id for each in on_disk(settings)}
    kept = [each for each in newest if each in present][:last]
    now = served_or_none(settings)
    return {*kept, *pinned_releases(settings), *([now.release_id] if now else [])}
