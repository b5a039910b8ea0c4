"""Which files that were refused whole still wait for a repair: one notion for alerts, pages and the close."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from warehouse.control.models import BatchRecord
from warehouse.feeds import FEEDS
from warehouse.ingest.quarantine import Held

RETURNED = "_退回"


def unrepaired(records: Sequence[BatchRecord]) -> list[BatchRecord]:
    """The files refused whole that were not loaded since, in the order of ``records``.

    A file is repaired when the same feed had a file of its name (or its notice of return, corrected) loaded
    after the refusal, or its very content. Of a file whose feed nobody could tell the name decides alone.
    """
    loaded = defaultdict(list)
    for each in records:
        if each.status == "accepted":
            loaded[plain_name(each.file_name)].append(each)
    return [
        each
        for each in records
        if each.status == "refused"
        and not any(_repairs(good, each) for good in loaded[plain_name(each.file_name)])
    ]


def repaired_moment(records: Sequence[BatchRecord], batch_id: str) -> datetime | None:
    """When a refused file came that was repaired since: refusing it once more spoils nothing anew."""
    standing = {each.batch_id for each in unrepaired(records)}
    return next(
        (each.received_at for each in records if each.batch_id == batch_id and batch_id not in standing), None
    )


def needs_retry(held: Sequence[Held], records: Sequence[BatchRecord]) -> list[str]:
    """The held batches to try again: an old file must not be loaded after the one that corrected it."""
    standing = {content_of(each.batch_id) for each in unrepaired(records)}
    repaired = {content_of(each.batch_id) for each in records if each.status == "refused"} - standing
    return [
        each.batch_id for each in held if not (each.is_whole_batch and content_of(each.batch_id) in repaired)
    ]


def content_of(batch_id: str) -> str:
    """The end of a batch's id, which is the beginning of its content's SHA-256."""
    return batch_id.rpartition("-")[2]


def plain_name(file_name: str) -> str:
    """A file's name without its archive, delivery date, extension and the mark of a notice of return."""
    name = file_name.rpartition("!")[2].partition("@")[0].removesuffix(".gz")
    return (name.rsplit(".", 1)[0] if "." in name else name).removesuffix(RETURNED)


def _repairs(good: BatchRecord, refused: BatchRecord) -> bool:
    is_of_the_feed = good.feed == refused.feed or refused.feed not in FEEDS
    is_the_content = good.sha256 == refused.sha256
    return is_of_the_feed and (is_the_content or good.received_at > refused.received_at)
