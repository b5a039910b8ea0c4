"""What was found at loading and has to be looked into before figures are made public.

The rules are those of the contracts with ``before_publication``, and that no column is gone that all deliveries
before had. They do not stop a release: a preliminary one
is how a difference is looked into. They are said with each release, and stand against closing the month, until
a later batch of the feed covers the same months and keeps the rule.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from warehouse.connections import open_release
from warehouse.control.history import batch_months, batch_records
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import BatchRule
from warehouse.ingest import columns_gone
from warehouse.release.pointer import Release
from warehouse.settings import Settings
from warehouse.texts import Text

FOUND = """
select batch_id, feed, rule, file_name, message_zh, message_en
from quality.feed_finding where severity = 'warn' order by known_on, batch_id, rule
"""


class ToCheck(NamedTuple):
    """A finding of a batch that has to be looked into."""

    batch_id: str
    file_name: str
    text: Text


def to_check(settings: Settings, release: Release) -> list[ToCheck]:
    """The findings in a release that have to be looked into before publication, oldest delivery first."""
    rules = {
        (feed, rule.code)
        for feed, contract in FEEDS.items()
        for rule in contract.rules
        if isinstance(rule, BatchRule) and rule.before_publication
    }
    with open_release(release.database, memory_mb=512, threads=1) as connection:
        found = [
            row
            for row in connection.execute(FOUND).fetchall()
            if (row[1], row[2]) in rules or row[2] == columns_gone.RULE
        ]
    if not found:
        return []
    broken = {(batch_id, rule) for batch_id, _, rule, *_ in found}
    corrections = _corrections(settings, set(release.manifest()["batches"]))
    return [
        ToCheck(batch_id, file_name, Text(zh, en))
        for batch_id, _, rule, file_name, zh, en in found
        if not any((later, rule) not in broken for later in corrections.get(batch_id, ()))
    ]


def _corrections(settings: Settings, released: set[str]) -> dict[str, list[str]]:
    """By batch of a release, the later ones of its feed in it that touch every month that it touched."""
    months = batch_months(settings)
    batches = [each for each in reversed(batch_records(settings)) if each.batch_id in released]
    by_feed = defaultdict(list)
    for each in batches:
        by_feed[each.feed].append(each.batch_id)
    return {
        earlier: [later for later in ids[place + 1 :] if months[earlier] <= months[later]]
        for ids in by_feed.values()
        for place, earlier in enumerate(ids)
    }


def said(found: list[ToCheck]) -> Text:
    """One sentence for the operator who has just released."""
    files = len({each.batch_id for each in found})
    return Text(
        f"另有 {len(found)} 项发布前须核对（{files} 个文件）：{found[0].file_name} {found[0].text.zh}"
        + (" 等" if len(found) > 1 else "")
        + "；见 quality.feed_finding、yibao month check",
        f"{len(found)} findings in {files} files are to be checked before publication: "
        f"{found[0].file_name} {found[0].text.en}; see quality.feed_finding and yibao month check",
    )
